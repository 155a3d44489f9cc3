#include "enclave/presign/r1_macs.h"

#include "base/secret.h"
#include "crypto/hkdf.h"

#include <string.h>

void r1_macs_init(struct r1_macs *m, unsigned own)
{
    memset(m, 0, sizeof *m);
    m->own = own;
}

void r1_macs_meet(struct r1_macs *m, unsigned node, const uint8_t key[R1_MAC_KEY_LEN])
{
    if (node < R1_MACS_MAX && node != m->own) {
        memcpy(m->key[node], key, R1_MAC_KEY_LEN);
        m->known[node] = true;
    }
}

void r1_macs_forget(struct r1_macs *m, unsigned node)
{
    if (node < R1_MACS_MAX) {
        m->known[node] = false;
        wipe(m->key[node], sizeof m->key[node]);
    }
}

/* On a work stack. The first bytes of HMAC-SHA-384. */
static void mac_of(const struct r1_macs *m, unsigned with, const uint8_t *r1,
                   uint8_t out[R1_MAC_LEN])
{
    uint8_t maced[R1_MACED_LEN];
    uint8_t mac[HKDF_LEN];

    r1_maced(r1, maced);
    hkdf_hmac((struct view){m->key[with], R1_MAC_KEY_LEN}, (struct view){maced, sizeof maced},
              mac);
    memcpy(out, mac, R1_MAC_LEN);
}

struct write_call {
    const struct r1_macs *m;
    uint8_t *r1;
};

static enum err write_all(void *arg)
{
    const struct write_call *const c = arg;
    uint8_t *const macs = c->r1 + R1_BODY_LEN;

    for (unsigned i = 0; i < R1_MACS_MAX; i++) {
        if (c->m->known[i]) {
            mac_of(c->m, i, c->r1, macs + (size_t)i * R1_MAC_LEN);
        }
    }
    return ERR_OK;
}

enum err r1_macs_write(const struct r1_macs *m, struct work_stack *stack,
                       uint8_t r1[R1_PROVEN_LEN])
{
    struct write_call c = {m, r1};

    memset(r1 + R1_BODY_LEN, 0, R1_MACS_LEN);
    TRY(work_stack_run(stack, write_all, &c));
    CT_PUBLIC(r1 + R1_BODY_LEN, R1_MACS_LEN);
    return ERR_OK;
}

/* Whether the one for this node is right; that is no secret. */
static bool is_mac(const struct r1_macs *m, unsigned from, const uint8_t *r1)
{
    uint8_t mac[R1_MAC_LEN];
    uint32_t same = 0;

    mac_of(m, from, r1, mac);
    same = ct_equal(mac, r1 + R1_BODY_LEN + (size_t)m->own * R1_MAC_LEN, sizeof mac);
    CT_PUBLIC(&same, sizeof same);
    return same != 0;
}

struct check_call {
    const struct r1_macs *m;
    const struct r2_head *head;
    const uint8_t *r1s;
};

static enum err check_all(void *arg)
{
    const struct check_call *const c = arg;

    for (unsigned i = 0; i < c->head->t; i++) {
        const unsigned from = c->head->signers[i] - 1U;
        const uint8_t *const r1 = c->r1s + (size_t)i * R1_PROVEN_LEN;

        if (from >= R1_MACS_MAX) {
            return ERR_RANGE;
        }
        if (from == c->m->own) { /* the very bytes were in the table */
            continue;
        }
        if (!c->m->known[from] || !is_mac(c->m, from, r1)) {
            return ERR_SIGNATURE;
        }
    }
    return ERR_OK;
}

enum err r1_macs_check(const struct r1_macs *m, struct work_stack *stack,
                       const struct r2_head *head, struct view r1s)
{
    struct check_call c = {m, head, r1s.p};

    if (r1s.n != head->t * (size_t)R1_PROVEN_LEN) {
        return ERR_LENGTH;
    }
    return work_stack_run(stack, check_all, &c);
}
