#include "enclave/member/core_member.h"

#include "base/secret.h"
#include "crypto/tmldsa/tmldsa_pack.h"

#include <string.h>

#define ALIGN 64
#define TEST_HEAD 64 /* of a message of a test signature, body and all: fewer bytes */

_Static_assert(MEMBER_THRESHOLD >= 2 && MEMBER_THRESHOLD <= MEMBER_TOTAL &&
                   MEMBER_TOTAL <= PLAN_NODES_MAX,
               "QUORATE_THRESHOLD of QUORATE_TOTAL");
_Static_assert(LIMIT_POOL <= PQ_POOL_MAX, "a party has places for it");

static const struct tmldsa_params *params_in_use(void)
{
    return tmldsa_params_find(&mldsa_65, MEMBER_THRESHOLD, MEMBER_TOTAL);
}

static size_t aligned(size_t n)
{
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

bool core_member_fits(const struct tmldsa_params *p)
{
    const size_t reveals = (p->t - 1U) * (QUORUM_WORD_HEAD + tmldsa_pack_batch_len(p));
    const size_t over = TEST_HEAD + CEREMONY_HEADER_LEN + P384_SIG_LEN + CEREMONY_HASH_LEN;

    return reveals + STAMP_X_LEN + 1 <= FRAME_BODY_LONG_MAX &&
           tmldsa_pack_batch_len(p) + over <= CEREMONY_ANSWER_MESSAGES_MAX &&
           tmldsa_respond_max(p, 1) + over <= CEREMONY_ANSWER_MESSAGES_MAX;
}

/* Of all that makes presignatures; 0: not of that many signers and cores. */
static size_t presign_size(void)
{
    const size_t slots = presign_pool_slots(MEMBER_TOTAL, LIMIT_PRESIGN_EACH);

    return MEMBER_THRESHOLD != TECDSA_T
               ? 0
               : aligned(sizeof(struct member_presign)) +
                     aligned(slots * sizeof(struct presign_slot)) + aligned(presigner_size());
}

size_t core_member_size(void)
{
    const struct tmldsa_params *const p = params_in_use();

    if (p == NULL || !core_member_fits(p)) {
        return 0;
    }
    return aligned(sizeof(struct core_member)) + aligned(ceremony_test_room(p)) +
           aligned(pq_party_room(p, LIMIT_POOL)) + presign_size();
}

/* Behind all else. */
static void place_presign(struct core_member *m, uint8_t *memory,
                          const struct core_member_setup *setup)
{
    const size_t slots = presign_pool_slots(MEMBER_TOTAL, LIMIT_PRESIGN_EACH);
    struct member_presign *const mp = (struct member_presign *)(void *)memory;

    if (setup->meeting == NULL || presign_size() == 0) {
        return;
    }
    memory += aligned(sizeof *mp);
    mp->slots = (struct presign_slot *)(void *)memory;
    mp->presigner =
        (struct presigner *)(void *)(memory + aligned(slots * sizeof(struct presign_slot)));
    mp->signer = setup->presign_signer;
    pq1_work_init(&mp->work);
    presign_desk_init(&mp->desk, setup->meeting);
    m->presign = mp;
}

struct core_member *core_member_init(uint8_t *memory, const struct core_member_setup *setup)
{
    struct core_member *const m = (struct core_member *)(void *)memory;
    uint8_t *const room = memory + aligned(sizeof *m);

    m->tools = (struct ceremony_tools){.entropy = setup->entropy,
                                       .drbg = &m->drbg,
                                       .signer = setup->signer,
                                       .identity = &setup->identity->key,
                                       .work = setup->work,
                                       .room = room};
    m->signing_key = &setup->identity->signing_key;
    m->pool_room = room + aligned(ceremony_test_room(params_in_use()));
    reenrol_roster_init(&m->roster);
    place_presign(m, m->pool_room + aligned(pq_party_room(params_in_use(), LIMIT_POOL)), setup);
    return m;
}

bool core_member_is_fresh(const struct core_member *m, const uint8_t nonce[PLAN_NONCE_LEN])
{
    for (size_t i = 0; i < m->n_nonces; i++) {
        if (memcmp(m->nonces[i], nonce, PLAN_NONCE_LEN) == 0) {
            return false;
        }
    }
    return m->n_nonces < LIMIT_CEREMONIES;
}

void core_member_note(struct core_member *m, const uint8_t nonce[PLAN_NONCE_LEN])
{
    memcpy(m->nonces[m->n_nonces++], nonce, PLAN_NONCE_LEN);
}

void core_member_wipe_presign(struct core_member *m)
{
    struct member_presign *const mp = m->presign;

    presigner_wipe(mp->presigner);
    wipe(mp->presigner, presigner_size());
    wipe(&mp->mesh, sizeof mp->mesh);
    wipe(&mp->drbg, sizeof mp->drbg);
    wipe(mp->slots,
         presign_pool_slots(MEMBER_TOTAL, LIMIT_PRESIGN_EACH) * sizeof(struct presign_slot));
    wipe(&mp->pool, sizeof mp->pool);
}

void core_member_wipe_key(struct core_member *m)
{
    wipe(&m->party, sizeof m->party);
    wipe(&m->share, sizeof m->share);
    wipe(&m->key, sizeof m->key);
    wipe(&m->classic, sizeof m->classic);
    wipe(&m->classic_share, sizeof m->classic_share);
    if (m->pool_room != NULL) { /* else it was never set up */
        wipe(m->pool_room, pq_party_room(params_in_use(), LIMIT_POOL));
    }
}

void core_member_wipe(struct core_member *m)
{
    ceremony_wipe(&m->ceremony, &m->tools);
    reenrol_wipe(&m->reenrol);
    wipe(&m->reenrol_drbg, sizeof m->reenrol_drbg);
    wipe(&m->reenrol_shares, sizeof m->reenrol_shares);
    wipe(m->reenrol_out, sizeof m->reenrol_out);
    wipe(m->out, sizeof m->out);
    m->reenrol_len = m->out_at = m->out_len = 0;
    wipe(&m->drbg, sizeof m->drbg);
    core_member_wipe_key(m);
}

uint8_t *core_member_spare(struct core_member *m, size_t *n)
{
    *n = pq_party_room(params_in_use(), LIMIT_POOL);
    return m->pool_room;
}
