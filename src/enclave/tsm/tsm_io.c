#include "enclave/tsm/tsm_io.h"

#include "enclave/events/log_io.h"
#include "enclave/tsm/tsm_block.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static void hang_up(struct tsm *t)
{
    if (t->core_fd >= 0) {
        (void)close(t->core_fd);
        log_event("core_lost", NULL, 0);
    }
    t->core_fd = -1;
}

/* A core that is not there yet, or no more, is tried again. */
static void reach_core(struct tsm *t)
{
    if (endpoint_connect(&t->args.core, &t->core_fd) != ERR_OK) {
        t->core_fd = -1;
        return;
    }
    tsm_serve_init(&t->serve);
    log_event("core_connected", NULL, 0);
}

/* False: the core is gone. */
static bool receive(struct tsm *t)
{
    size_t room = 0;
    uint8_t *const p = tsm_serve_receive(&t->serve, &room);
    ssize_t n;

    if (room == 0) {
        return true;
    }
    n = recv(t->core_fd, p, room, 0);
    if (n > 0) {
        tsm_serve_received(&t->serve, (size_t)n);
    }
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool send_rest(struct tsm *t)
{
    for (;;) {
        const struct view v = tsm_serve_pending(&t->serve);
        const ssize_t n = v.n == 0 ? 0 : send(t->core_fd, v.p, v.n, MSG_NOSIGNAL);

        if (v.n == 0) {
            return !tsm_serve_done(&t->serve);
        }
        if (n < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        tsm_serve_sent(&t->serve, (size_t)n);
    }
}

/* Waits for firmware, host, and the disk with what Intel says; an alarm ends what lasts too
 * long. */
static void make_report(struct tsm *t, uint64_t id, const uint8_t report_data[TSM_ASK_LEN])
{
    static uint8_t collateral[EVIDENCE_MAX];
    struct tsm_provider *const p = t->source.provider;
    struct view part = {NULL, 0};
    struct view block = {NULL, 0};

    (void)alarm(TSM_REPORT_S);
    const enum tsm_fault f = p->report(p, report_data, &t->answer);
    enum err e = tsm_fault_err(f);

    if (e == ERR_OK && t->args.collateral != NULL) {
        e = tsm_collateral_read(&tsm_sys_os, t->args.collateral, collateral, sizeof collateral,
                                &part);
    }
    (void)alarm(0);
    if (e == ERR_OK) {
        e = tsm_block_write(&t->answer, &t->source.spare, part, t->block, sizeof t->block,
                            &block);
    }
    if (e == ERR_OK) {
        t->made++;
    } else {
        const struct log_field fields[] = {{"err", err_name(e), 0},
                                           {"fault", tsm_fault_name(f), 0}};

        t->refused++;
        log_event("report_refused", fields, 2);
    }
    tsm_serve_answer(&t->serve, id, e, block);
}

/* False: the core is gone. An answer goes out before the next report is made. */
static bool serve(struct tsm *t)
{
    uint8_t report_data[TSM_ASK_LEN];
    uint64_t id = 0;

    if (!receive(t) || !send_rest(t)) {
        return false;
    }
    while (tsm_serve_next(&t->serve, &id, report_data)) {
        make_report(t, id, report_data);
        if (!send_rest(t)) {
            return false;
        }
    }
    return send_rest(t); /* what is no ask is answered, too */
}

static short events(const struct tsm *t)
{
    size_t room = 0;
    short ev = 0;

    if (tsm_serve_pending(&t->serve).n > 0) {
        ev |= POLLOUT;
    } else if (t->core_fd >= 0) {
        room = sizeof t->serve.in - t->serve.in_len;
        ev |= room > 0 ? POLLIN : 0;
    }
    return ev;
}

enum err tsm_io_run(struct tsm *t)
{
    bool rested = true; /* since the core was lost */

    for (;;) {
        if (t->core_fd < 0 && rested) {
            reach_core(t);
        }
        struct pollfd fds[] = {
            {.fd = t->signal_fd, .events = POLLIN},
            {.fd = t->core_fd, .events = events(t)},
        };

        const int n = poll(fds, sizeof fds / sizeof *fds, t->core_fd < 0 ? TSM_AGAIN_MS : -1);

        if (n < 0 && errno != EINTR) {
            return ERR_IO;
        }
        rested = n == 0;
        if (fds[0].revents != 0) {
            return ERR_OK;
        }
        if (fds[1].revents != 0 && !serve(t)) {
            hang_up(t);
        }
    }
}

void tsm_io_end(struct tsm *t)
{
    if (t->core_fd >= 0) {
        (void)close(t->core_fd);
    }
    t->core_fd = -1;
    tsm_source_close(&t->source);
}
