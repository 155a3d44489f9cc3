#include "host/ceremony/retire_io.h"

#include "host/link/core_ask_io.h"
#include "os/clock.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define AGAIN_MS 50

static int64_t now_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

/* One question to one core. ERR_BUSY: it drains. */
static enum err ask(const struct retire_job *job, struct core_ask *a, size_t at,
                    struct retired *said)
{
    struct view answer;

    a->uri = job->uris[at];
    a->wait_ms = RETIRE_ANSWER_MS;
    TRY(core_ask(a, FRAME_RETIRE, job->order, &answer));
    TRY(retired_decode(answer, said));
    if (said->place != at || memcmp(said->epoch_id, job->epoch_id, EPOCH_ID_LEN) != 0) {
        return ERR_MISMATCH;
    }
    return said->incarnation > 1 ? ERR_OK : retired_judge(said, job->plan, job->epoch_id);
}

/* Whether any has to be asked again. */
static bool ask_all(const struct retire_job *job, struct core_ask *a, struct retire_result *out)
{
    bool again = false;

    for (size_t i = 0; i < job->plan->total; i++) {
        if (out->err[i] == ERR_BUSY) {
            out->err[i] = ask(job, a, i, &out->said[i]);
        }
        again = again || out->err[i] == ERR_BUSY;
    }
    return again;
}

void retire_run(const struct retire_job *job, struct retire_result *out)
{
    const int64_t until = now_ms() + RETIRE_WAIT_MS;
    struct core_ask *const a = calloc(1, sizeof *a);

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < job->plan->total; i++) {
        out->err[i] = a != NULL ? ERR_BUSY : ERR_NOSPACE;
    }
    while (a != NULL && ask_all(job, a, out) && now_ms() < until) {
        (void)poll(NULL, 0, AGAIN_MS);
    }
    free(a);
    for (size_t i = 0; i < job->plan->total; i++) {
        const bool done = out->err[i] == ERR_OK;

        out->n += done;
        out->by_orders += done && out->said[i].incarnation > 1;
    }
}

/* ---- the file ---- */

_Static_assert(sizeof RETIRE_FILE_MAGIC - 1 + (size_t)PLAN_NODES_MAX * RETIRED_LEN <=
                   RETIRE_FILE_MAX,
               "a statement of each");

void retire_file_encode(struct writer *w, const struct retire_result *r)
{
    wr_bytes(w, RETIRE_FILE_MAGIC, sizeof RETIRE_FILE_MAGIC - 1);
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        if (r->err[i] == ERR_OK && r->said[i].incarnation == 1) {
            retired_encode(w, &r->said[i]);
        }
    }
}
