#include "host/ceremony/platform_ask_io.h"

#include "attest/evidence_platform.h"
#include "host/ceremony/relay.h"
#include "os/clock.h"
#include "os/entropy.h"
#include "wire/evidence_call.h"

#include <poll.h>
#include <stdio.h>

static int64_t now_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

_Static_assert((int)PLAN_PLATFORM_LEN == EVIDENCE_PLATFORM_LEN, "ids of machines are one kind");

enum err platform_ask(struct core_ask *a, uint8_t out[PLAN_PLATFORM_LEN])
{
    const int64_t until = now_ms() + PLATFORM_ASK_MS;
    struct evidence_ask question = {.purpose = REPORT_ASKED};
    uint8_t body[sizeof question];
    struct writer w = wr_init(body, sizeof body);
    struct evidence_answer answer;
    struct view written, in;

    TRY(entropy_os.fill(entropy_os.self, question.nonce, sizeof question.nonce));
    evidence_ask_encode(&w, &question);
    TRY(wr_finish(&w, &written));
    for (;;) {
        enum err e = core_ask(a, FRAME_EVIDENCE, written, &in);

        if (e == ERR_OK) {
            e = evidence_answer_decode(in, &answer);
        }
        if (e == ERR_OK && answer.here) {
            return evidence_platform(answer.block, out) == ATTEST_OK ? ERR_OK : ERR_EVIDENCE;
        }
        if (now_ms() >= until) {
            return e == ERR_OK ? ERR_DEADLINE : e;
        }
        (void)poll(NULL, 0, PLATFORM_ASK_AGAIN_MS);
    }
}

enum err platform_draft(const char *const *cores, size_t n, struct plan *p, size_t *bad)
{
    static uint8_t platforms[PLAN_NODES_MAX][PLAN_PLATFORM_LEN];
    static char providers[PLAN_NODES_MAX][16];
    static struct core_ask ask; /* large */

    p->number = 1;
    for (size_t i = 0; i < n; i++) {
        const int len = snprintf(providers[i], sizeof providers[i], "provider-%zu", i + 1);

        *bad = i;
        ask.uri = cores[i];
        ask.wait_ms = RELAY_ANSWER_MS;
        TRY(platform_ask(&ask, platforms[i]));
        p->nodes[i].provider = (struct view){(const uint8_t *)providers[i], (size_t)len};
        p->nodes[i].platforms = (struct view){platforms[i], PLAN_PLATFORM_LEN};
    }
    return ERR_OK;
}
