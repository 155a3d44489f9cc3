/* No byte of a share is in a frame, in what the core logs, or left in the memory that a
 * ceremony worked in; and this test would see it: a planted leak is found. */
#include "member_kit.h"

#include "enclave/events/log_io.h"

#include <stdlib.h>
#include <string.h>

#define TRAFFIC 134217728
#define WINDOW 16 /* bytes of a secret that must not stand anywhere else */

struct traffic {
    size_t n;
    uint8_t *bytes;
};

static void keep(void *user, struct view frame)
{
    struct traffic *const t = user;

    assert_true(t->n + frame.n <= TRAFFIC);
    if (frame.n > 0) {
        memcpy(t->bytes + t->n, frame.p, frame.n);
    }
    t->n += frame.n;
}

/* Whether windows of a secret, one after the other, stand in the haystack. Runs of one byte,
 * as in zeros, are no secret. */
static bool holds_windows(struct view hay, struct view secret, size_t stride)
{
    for (size_t at = 0; at + WINDOW <= secret.n; at += stride) {
        const uint8_t *const w = secret.p + at;

        if (memcmp(w, w + 1, WINDOW - 1) != 0 && memmem(hay.p, hay.n, w, WINDOW) != NULL) {
            return true;
        }
    }
    return false;
}

/* The seeds of all subsets that a node holds, and the hats that it signs with. */
static bool holds_share(struct view hay, const struct tmldsa_share *s)
{
    for (size_t i = 0; i < s->held.n; i++) {
        const struct view sigma = {s->sigma[i], sizeof s->sigma[i]};
        const struct view s1 = {(const uint8_t *)s->s1_hat[i], WINDOW};
        const struct view s2 = {(const uint8_t *)s->s2_hat[i], WINDOW};

        if (holds_windows(hay, sigma, WINDOW) || holds_windows(hay, s1, WINDOW) ||
            holds_windows(hay, s2, WINDOW)) {
            return true;
        }
    }
    return false;
}

static bool any_share(const struct member_kit *k, struct view hay)
{
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        if (holds_share(hay, &k->nodes[i].core.member->share)) {
            return true;
        }
    }
    return false;
}

/* All that a core would have on its stderr. */
static void log_all(const struct core *c, struct traffic *t)
{
    uint8_t line[LOG_LINE_MAX];

    for (uint64_t i = audit_ring_lost(&c->audit) + 1; i <= c->audit.last_seq; i++) {
        keep(t, log_audit_line(line, &c->audit.entries[i % LIMIT_AUDIT_RING]));
    }
}

static void one_copy_of_each_share(void **state)
{
    struct member_kit *const k = member_kit_new();
    struct traffic t = {.bytes = malloc(TRAFFIC)};

    (void)state;
    assert_non_null(t.bytes);
    k->watch = keep;
    k->user = &t;
    member_kit_begin_all(k, 1);
    member_kit_run(k, SIZE_MAX / 2);
    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        assert_true(k->nodes[i].core.has_pq);
        log_all(&k->nodes[i].core, &t);
    }
    print_message("%zu bytes of traffic and log\n", t.n);
    assert_true(t.n > 1000000);
    assert_false(any_share(k, (struct view){t.bytes, t.n}));

    for (size_t i = 0; i < MEMBER_TOTAL; i++) {
        struct member_node *const n = &k->nodes[i];
        const size_t before = offsetof(struct core_member, share);
        const size_t after = before + sizeof(struct tmldsa_share);

        /* Not elsewhere in the member's memory, nor in the rest of the core. */
        assert_false(any_share(k, (struct view){n->memory, before}));
        assert_false(
            any_share(k, (struct view){n->memory + after, core_member_size() - after}));
        assert_false(any_share(k, (struct view){(const uint8_t *)&n->core, sizeof n->core}));
        assert_false(any_share(k, (struct view){(const uint8_t *)&n->work, sizeof n->work}));
        assert_false(any_share(k, (struct view){n->signer_pages, p384_signer_size()}));
    }

    /* The control: 28 bytes of a seed in some message; of 31 every place is found. */
    memcpy(t.bytes + t.n / 2, k->nodes[3].core.member->share.sigma[1] + 20, 28);
    assert_true(any_share(k, (struct view){t.bytes, t.n}));
    free(t.bytes);
    member_kit_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_copy_of_each_share),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
