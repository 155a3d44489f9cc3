#include "fake_work.h"

struct fake_work fake;

static struct coord_counters coord_numbers;
static struct journal_counters journal_numbers;

void fake_reset(void)
{
    fake = (struct fake_work){.healthy = true};
    fake.epoch.n = 1;
    fake.core.connected = true;
    fake.core.clock = CLOCK_KERNEL;
    fake.core.age_ms = 10;
    fake.core.status.state = CORE_SERVING;
    fake.core.status.time_valid = 1;
    fake.core.status.kernel_sync = 1;
    fake.core.status.lo_ns = 1000000000;
    fake.core.status.hi_ns = 1002000000;
}

void coord_submit(struct coord *c, struct coord_job *job)
{
    (void)c;
    fake.jobs++;
    if (fake.at_once) {
        job->err = fake.job_err;
        job->done(job);
    } else {
        fake.job = job;
        fake.all[(fake.jobs - 1) % FAKE_JOBS_MAX] = job;
    }
}

void coord_look(struct coord *c, size_t at, struct coord_core_view *out)
{
    (void)c;
    *out = at == 0 ? fake.core : fake.more[at - 1];
}

void coord_look_epoch(struct coord *c, struct coord_epoch_view *out)
{
    (void)c;
    *out = fake.epoch;
}

const struct coord_counters *coord_counters(const struct coord *c)
{
    (void)c;
    return &coord_numbers;
}

void journal_queue(struct journal *j, struct journal_entry *e)
{
    (void)j;
    fake.rows[fake.entries % FAKE_JOBS_MAX] = e;
    fake.entries++;
    fake.entry = e;
}

void journal_wake(struct journal *j)
{
    (void)j;
    fake.wakes += fake.entry != NULL;
}

bool journal_healthy(const struct journal *j)
{
    (void)j;
    return fake.healthy;
}

const struct journal_counters *journal_counters(const struct journal *j)
{
    (void)j;
    return &journal_numbers;
}
