/* presign_core.h - a core after a ceremony whose plan shares the classic key, with what makes
 * presignatures, and with records of a dealer: made once, and as it was before each run.
 */
#ifndef FUZZ_PRESIGN_CORE_H
#define FUZZ_PRESIGN_CORE_H

#include "../tests/tecdsa_kit.h"
#include "../tests/tmldsa_kit.h"
#include "core_world.h"
#include "promise.h"

#include "enclave/attest/tsm_desk.h"
#include "enclave/core/core_conn.h"
#include "enclave/core/core_epoch.h"
#include "enclave/core/core_presign.h"
#include "enclave/core/core_quorum.h"
#include "enclave/member/core_member.h"

#define NODES 5
#define CONNS 2
#define EACH 4   /* records of a triple that the pool takes */
#define DEALT 12 /* records that come into it */

_Static_assert(MEMBER_TOTAL == NODES && MEMBER_THRESHOLD == TECDSA_T, "the usual cluster");

static struct tmldsa_kit *pq;
static struct tecdsa_kit *classic;
static struct identity identities[NODES];
static struct p384_key operator_key;
static struct p384_signer *signer, *presign_signer;
static struct pq1_work work;
static struct tsm_desk tsm;
static uint8_t *memory, *pool_room;
static struct presign_slot slots[6 * EACH];
static struct plan first_plan;
static const uint8_t mac_key[NODES][R1_MAC_KEY_LEN] = {
    {0}, {1}, {2}, {3}, {4}};                             /* of R1s, with core 0 */
static struct tecdsa_presignature dealt[DEALT][TECDSA_T]; /* core 0 has the first of three */

/* What makes presignatures, as the ceremony leaves it: slices change it. */
static struct {
    uint8_t *presigner, *mesh;
    struct drbg drbg;
    bool used;
} before;

static struct core core;
static struct core_member *member;
static struct core_conn first_conn, second_conn;
static struct core_conn *const conns[CONNS] = {&first_conn, &second_conn};
static struct core_areas areas;
static uint8_t room_of_areas[LIMIT_AREAS * LIMIT_AREA_LEN];
static struct boot_args args;

/* ---- once ---- */

static void *room_for(size_t n)
{
    void *const p = aligned_alloc(4096, (n + 4095) / 4096 * 4096);

    promise(p != NULL);
    memset(p, 0, n);
    return p;
}

static void ordered(void *self, void *token, enum err e)
{
    struct sign_batch *const b = token;

    (void)self;
    b->jobs[0].err = e;
    promise(jobs_finish(&core.jobs, b));
}

static void make_keys(void)
{
    static const uint8_t seed[DRBG_SEED_LEN] = {1};

    pq = tmldsa_kit_new(tmldsa_best(), tmldsa_params_find(&mldsa_65, TECDSA_T, NODES), 1, seed);
    classic = tecdsa_kit_new(NODES, 3);
    pq1_work_init(&work);
    promise(p384_signer_init(room_for(p384_signer_size()), seed, &signer) == ERR_OK);
    promise(p384_signer_init(room_for(p384_signer_size()), seed, &presign_signer) == ERR_OK);
    promise(p384_key_generate(signer, &operator_key) == ERR_OK);
    for (unsigned i = 0; i < NODES; i++) {
        const uint8_t own[DRBG_SEED_LEN] = {(uint8_t)(9 + i)};

        promise(identity_make(signer, &work.stack, own, &identities[i]) == ERR_OK);
    }
}

/* Of any three with core 0; who the key is does not matter to one signer. */
static void deal_records(void)
{
    static const uint8_t triples[] = {0x07, 0x0b, 0x13, 0x0d, 0x15, 0x19};
    uint64_t number = 77;
    const struct tecdsa_scalar x = tecdsa_noise_scalar(&number);

    for (size_t i = 0; i < DEALT; i++) {
        tecdsa_deal_record(&number, &work.stack, &x, triples[i % sizeof triples], dealt[i]);
    }
}

static void make_plan(void)
{
    struct plan *const p = &first_plan;

    p->threshold = TECDSA_T;
    p->total = NODES;
    p->level = PLAN_LEVEL_65;
    p->assurance = PLAN_SIMULATED;
    p->classic = PLAN_CLASSIC_SHARED;
    p->repetitions_warn = 1;
    p->repetitions_refuse = PLAN_REPETITIONS_MAX;
    p->orders_needed = 1;
    p->n_operators = 1;
    memcpy(p->operators[0], operator_key.public_key, P384_PUBLIC_LEN);
    for (unsigned i = 0; i < NODES; i++) {
        memcpy(p->nodes[i].identity, identities[i].key.public_key, P384_PUBLIC_LEN);
        memcpy(p->nodes[i].signing_key, identities[i].signing_key.public_key,
               ED25519_PUBLIC_LEN);
        memset(p->nodes[i].boot_nonce, (int)(0x70 + i), PLAN_NONCE_LEN);
    }
}

static void make_member(void)
{
    struct presign_meeting meeting = presign_meeting_alone();
    struct core_member_setup setup = {.entropy = &entropy,
                                      .signer = signer,
                                      .identity = &identities[0],
                                      .work = &work,
                                      .meeting = &meeting,
                                      .presign_signer = presign_signer};

    meeting.ordered = ordered;
    meeting.monotonic_ns = read_mono;
    memory = room_for(core_member_size());
    pool_room = room_for(pq_party_room(pq->params, 1));
    member = core_member_init(memory, &setup);
    member->presign->slots = slots;
    tsm_desk_init(&tsm, NULL);
}

/* ---- before each run ---- */

/* As the end of a ceremony leaves it, but for the engine of presignatures. */
static void join(void)
{
    static const uint8_t node_key[TMLDSA_NODE_KEY_LEN] = {7};
    struct ceremony *const cm = &member->ceremony;
    const struct pq_party_setup setup = {.key = &pq->key,
                                         .share = &pq->share[0],
                                         .identity = member->signing_key,
                                         .stack = &work.stack,
                                         .plan = &cm->plan,
                                         .epoch_id = cm->known.epoch_id,
                                         .node_key = node_key,
                                         .pool = 1,
                                         .room = pool_room};

    cm->state = CEREMONY_FINISHED;
    cm->own = 0;
    cm->plan = first_plan;
    memset(cm->known.epoch_id, 0xe0, EPOCH_ID_LEN);
    member->in_use = false;
    member->reenrolling = false;
    reenrol_roster_init(&member->roster);
    member->classic = classic->key;
    member->classic_share = classic->share[0];
    pq_party_init(&member->party, &setup);
    core.index = 1;
    core.total = NODES;
    core.threshold[KEY_PQ - 1] = TECDSA_T;
    memcpy(core.epoch_id, cm->known.epoch_id, EPOCH_ID_LEN);
    core_epoch_pq(&core, core.public.pq);
    core_quorum_begin(&core, &member->party);
}

/* What core_presign_begin() does, with the engine as it was; the first time it makes one. */
static void share_key(void)
{
    struct member_presign *const mp = member->presign;

    if (before.presigner == NULL) {
        promise(core_presign_begin(&core) == ERR_OK);
        promise(presign_desk_stop(&mp->desk));
        before.presigner = room_for(presigner_size());
        before.mesh = room_for(sizeof mp->mesh);
        memcpy(before.presigner, mp->presigner, presigner_size());
        memcpy(before.mesh, &mp->mesh, sizeof mp->mesh);
        before.drbg = mp->drbg;
    } else if (before.used) {
        memcpy(mp->presigner, before.presigner, presigner_size());
        memcpy(&mp->mesh, before.mesh, sizeof mp->mesh);
        mp->drbg = before.drbg;
    }
    before.used = false;
    memset(slots, 0, sizeof slots);
    promise(presign_pool_init(&mp->pool, 0, NODES, EACH, slots) == ERR_OK);
    for (unsigned i = 1; i < NODES; i++) {
        r1_macs_meet(&mp->pool.macs, i, mac_key[i]);
    }
    core.threshold[KEY_CLASSIC - 1] = TECDSA_T;
    core.presign = (struct core_presign){.pool = &mp->pool, .desk = &mp->desk};
    presign_desk_start(&mp->desk, mp->presigner, &mp->pool, NODES);
}

static void begin_once(void)
{
    if (member == NULL) {
        make_keys();
        deal_records();
        make_plan();
        make_member();
    }
}

static void begin_core(void)
{
    struct core_public keys = {.classic = {4}, .pq = {5}, .audit = {4}};
    struct core_setup setup = {
        .args = &args, .entropy = &entropy, .clock = &clock_source, .desk = &tsm};

    begin_once();
    setup.member = member;
    setup.audit_signer = signer;
    setup.audit_key = &operator_key;
    args = (struct boot_args){
        .clock = CLOCK_TRUST_SYSTEM, .n_policies = 2, .idle_ms = 30000, .member = true};
    promise(boot_policy_parse("1,classic,1.2.3,3,100,1000", &args.policies[0]) == ERR_OK);
    promise(boot_policy_parse("2,pq,1.2.4,3,100,1000", &args.policies[1]) == ERR_OK);
    world.mono_ns = 1000000 * MS;
    world.kernel =
        (struct kernel_time){.now_ns = INT64_C(1790000000000000000), .synchronised = true};
    world.random = 0;
    memcpy(keys.identity, identities[0].key.public_key, sizeof keys.identity);
    memcpy(keys.signing_key, identities[0].signing_key.public_key, sizeof keys.signing_key);
    promise(core_init(&core, &setup) == ERR_OK);
    promise(core_start(&core, ERR_OK, &keys) == ERR_OK);
    join();
    share_key();
    core_tick(&core);
    promise(core.state == CORE_WAITING);
    core_areas_init(&areas, room_of_areas, LIMIT_AREAS);
    for (uint32_t i = 0; i < CONNS; i++) {
        core_conn_init(conns[i], i, &areas, world.mono_ns);
    }
}

#endif
