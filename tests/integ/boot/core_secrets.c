#include "core_secrets.h"

#include "base/build.h"
#include "crypto/mldsa/mldsa_round.h"
#include "crypto/p384_internal.h"
#include "enclave/presigner/presigner_parts.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

/* ---- pages ---- */

/* The number of workers is not told: it follows from the size. */
static bool find_layout(struct core_pages *p)
{
    const struct boot_args *const a = &core_pages_boot(p)->args;
    const size_t n = p->region->hi - p->region->lo;

    for (size_t workers = 1; workers <= LIMIT_WORKERS; workers++) {
        p->at = boot_layout(a, workers);
        if ((p->at.whole + PAGE - 1) / PAGE * PAGE == n) {
            return true;
        }
    }
    return false;
}

static void read_part(struct core_pages *p, size_t at, size_t n)
{
    (void)process_memory_read(&p->process, p->region->lo + at, p->copy + at, n);
}

bool core_pages_open(struct core_pages *p, pid_t pid, const char **why)
{
    memset(p, 0, sizeof *p);
    if (!process_memory_open(&p->process, pid, why)) {
        return false;
    }
    p->region = process_memory_secret(&p->process);
    *why = "it has not one mapping for secrets";
    if (p->region != NULL) {
        p->copy = secret_room(calloc(1, p->region->hi - p->region->lo));
        read_part(p, offsetof(struct boot_memory, args), sizeof(struct boot_args));
        *why = "its locked pages are not laid out as boot_memory.h says";
        if (find_layout(p)) {
            return true;
        }
    }
    core_pages_close(p);
    return false;
}

void core_pages_close(struct core_pages *p)
{
    process_memory_close(&p->process);
    free(p->copy);
    p->copy = NULL;
}

void core_pages_read(struct core_pages *p)
{
    read_part(p, 0, p->region->hi - p->region->lo);
}

/* A child of ours that does not give dumps, as a core does not. */
static bool may_read(void)
{
    static struct process_memory m;
    const char *why;
    const pid_t pid = fork();
    bool may;

    if (pid == 0) {
        (void)prctl(PR_SET_DUMPABLE, 0);
        (void)pause();
        _exit(0);
    }
    may = pid > 0 && process_memory_open(&m, pid, &why);
    if (may) {
        process_memory_close(&m);
    }
    if (pid > 0) {
        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
    }
    return may;
}

bool core_pages_can_be_read(void)
{
    if (BUILD_ASAN) {
        (void)printf("SKIP a sanitizer keeps copies of stacks, and locks nothing\n");
        return false;
    }
    if (geteuid() != 0 || !may_read()) {
        (void)printf("SKIP memory of other processes: only root may read it\n");
        return false;
    }
    return true;
}

/* ---- what is secret ---- */

struct taking {
    secret_taker *take;
    void *self;
    uint32_t owners;
    unsigned node; /* for names */
};

static void give(const struct taking *t, const char *what, size_t number, const void *p,
                 size_t n)
{
    char name[SECRET_NAME_MAX];

    (void)snprintf(name, sizeof name, "core %u: %s %zu", t->node + 1, what, number);
    t->take(t->self, name, t->owners, (struct view){p, n});
}

static struct taking taking_of(const struct core_pages *p, secret_taker *take, void *self)
{
    const unsigned node = core_pages_member(p)->ceremony.own;

    return (struct taking){take, self, 1U << node, node};
}

static void take_drbg(const struct taking *t, const char *what, size_t number,
                      const struct drbg *d)
{
    give(t, what, number, d->k, sizeof d->k);
    give(t, what, number, d->v, sizeof d->v);
}

static void take_signer(const struct taking *t, size_t number, const uint8_t *memory)
{
    const struct p384_signer *const s = (const struct p384_signer *)(const void *)memory;

    take_drbg(t, "signer's DRBG", number, &s->drbg);
    give(t, "signer's nonces", number, s->pool, sizeof s->pool);
}

static void take_states(const struct core_pages *p, const struct taking *t)
{
    take_drbg(t, "DRBG", 0, &core_pages_boot(p)->core.drbg);
    take_signer(t, 0, p->copy + p->at.member_signer);
    for (size_t i = 0; i < core_pages_workers(p); i++) {
        take_signer(t, i + 1, p->copy + p->at.signers + i * p384_signer_size());
    }
}

static void take_share(const struct taking *t, const struct tmldsa_share *s)
{
    for (size_t i = 0; i < s->held.n; i++) {
        struct taking of = *t; /* every member of the subset has it */

        of.owners = s->held.mask[i];
        give(&of, "sigma", i, s->sigma[i], sizeof s->sigma[i]);
        give(&of, "s1 hats", i, s->s1_hat[i], s->params->set->l * sizeof(struct mldsa_poly));
        give(&of, "s2 hats", i, s->s2_hat[i], s->params->set->k * sizeof(struct mldsa_poly));
    }
}

/* The core's own pointers are of no use here. */
static const struct tmldsa_share *share_of(const struct core_pages *p)
{
    static struct tmldsa_share s;

    s = core_pages_member(p)->share;
    s.params = tmldsa_params_find(&mldsa_65, MEMBER_THRESHOLD, MEMBER_TOTAL);
    s.path = tmldsa_best();
    return &s;
}

void core_secrets_take_shares(const struct core_pages *p, secret_taker *take, void *self)
{
    const struct taking t = taking_of(p, take, self);
    const struct core_member *const m = core_pages_member(p);

    give(&t, "classic key", 0, core_pages_boot(p)->key.d, P384_SCALAR_LEN);
    take_share(&t, share_of(p));
    give(&t, "classic share", 0, &m->classic_share.x, sizeof m->classic_share.x);
}

void core_secrets_take_seeds(const struct core_pages *p, secret_taker *take, void *self)
{
    const struct taking t = taking_of(p, take, self);
    const struct core_member *const m = core_pages_member(p);

    give(&t, "node key", 0, m->party.node_key, sizeof m->party.node_key);
    for (size_t i = 0; i < LIMIT_POOL; i++) {
        give(&t, "batch seed", i, m->party.places[i].batch.seed, TMLDSA_SEED_LEN);
    }
}

void core_secrets_take_steady(const struct core_pages *p, secret_taker *take, void *self)
{
    const struct taking t = taking_of(p, take, self);
    const struct boot_memory *const b = core_pages_boot(p);

    give(&t, "identity key", 0, b->identity.key.d, sizeof b->identity.key.d);
    give(&t, "signing key", 0, b->identity.signing_key.seed,
         sizeof b->identity.signing_key.seed);
    give(&t, "audit key", 0, b->audit_key.d, sizeof b->audit_key.d);
    core_secrets_take_shares(p, take, self);
    core_secrets_take_seeds(p, take, self);
}

void core_secrets_take(const struct core_pages *p, secret_taker *take, void *self)
{
    const struct taking t = taking_of(p, take, self);

    core_secrets_take_steady(p, take, self);
    take_states(p, &t);
}

void core_secrets_take_w(const struct core_pages *p, secret_taker *take, void *self)
{
    const struct taking t = taking_of(p, take, self);
    const struct tmldsa_share *const share = share_of(p);
    const size_t len = tmldsa_pack_batch_len(share->params);

    for (size_t i = 0; i < LIMIT_POOL; i++) {
        const struct pq_place *const place = &core_pages_member(p)->party.places[i];
        const uint64_t at = (uint64_t)(uintptr_t)place->batch.w - p->region->lo;

        if (place->state == PQ_READY && at + len <= p->region->hi - p->region->lo) {
            give(&t, "w", i, p->copy + at, len);
        }
    }
}

/* ---- a ceremony ---- */

static void take_aead(const struct taking *t, uint8_t peer, const struct gcm_aes256_ctx *c)
{
    give(t, "PQ/1 GHASH key", peer, &c->key, sizeof c->key);
    give(t, "PQ/1 AES keys", peer, &c->cipher, sizeof c->cipher);
}

static void take_channel(const struct taking *t, uint8_t peer, const struct pq1 *c)
{
    struct taking pair = *t;

    give(t, "PQ/1 ML-KEM seed", peer, &c->making.seed, sizeof c->making.seed);
    give(t, "PQ/1 ECDH key", peer, c->making.ec.d, sizeof c->making.ec.d);
    pair.owners |= 1U << peer;
    give(&pair, "PQ/1 shared key", peer, &c->making.shared, sizeof c->making.shared);
    for (size_t i = 0; i < 2; i++) {
        give(&pair, "PQ/1 key", peer, c->making.key[i].key, AEAD_GCM_KEY_LEN);
        give(&pair, "PQ/1 finished", peer, c->making.fin[i], sizeof c->making.fin[i]);
    }
    take_aead(&pair, peer, &c->send.aead.ctx);
    take_aead(&pair, peer, &c->receive.aead.ctx);
}

static void take_seeds(const struct taking *t, const struct ceremony *c)
{
    for (size_t i = 0; i < c->held.n; i++) {
        struct taking of = *t;

        of.owners = c->held.mask[i];
        for (size_t j = 0; j < PLAN_NODES_MAX; j++) {
            give(&of, "ceremony seed", i, &c->secrets.seeds[i][j],
                 sizeof c->secrets.seeds[i][j]);
        }
        give(&of, "ceremony sigma", i, c->secrets.sigma[i], sizeof c->secrets.sigma[i]);
    }
}

/* What a pointer of the core's points at, in the copy. */
static const void *copy_of(const struct core_pages *p, const void *at)
{
    return p->copy + ((uint64_t)(uintptr_t)at - p->region->lo);
}

/* NULL: this core makes none. */
static const struct member_presign *presign_of(const struct core_pages *p)
{
    const struct member_presign *const mp = core_pages_member(p)->presign;

    return mp == NULL ? NULL : copy_of(p, mp);
}

void core_secrets_take_records(const struct core_pages *p, secret_taker *take, void *self)
{
    const struct taking t = taking_of(p, take, self);
    const struct member_presign *const mp = presign_of(p);
    const struct presign_slot *slots;

    if (mp == NULL) {
        return;
    }
    slots = copy_of(p, mp->slots);
    for (size_t i = 0; i < presign_pool_slots(MEMBER_TOTAL, LIMIT_PRESIGN_EACH); i++) {
        const struct tecdsa_presignature *const r = &slots[i].record;

        give(&t, "phi of record", i, &r->phi, sizeof r->phi);
        give(&t, "u of record", i, &r->u, sizeof r->u);
        give(&t, "v of record", i, &r->v, sizeof r->v);
    }
}

static void take_pair(const struct taking *t, uint8_t peer, const struct presign_setup *s)
{
    struct taking pair = *t;

    give(t, "choices", peer, s->setup_alice.delta, sizeof s->setup_alice.delta);
    pair.owners |= 1U << peer; /* who has one key of each transfer, or both */
    give(&pair, "keys as Bob", peer, s->setup_bob.k, sizeof s->setup_bob.k);
    give(&pair, "keys as Alice", peer, s->setup_alice.k, sizeof s->setup_alice.k);
    give(&pair, "zero-sharing seed", peer, s->zero_seed, sizeof s->zero_seed);
}

void core_secrets_take_setups(const struct core_pages *p, secret_taker *take, void *self)
{
    const struct taking t = taking_of(p, take, self);
    const struct member_presign *const mp = presign_of(p);
    const struct presigner *engine;

    if (mp == NULL) {
        return;
    }
    engine = copy_of(p, mp->presigner);
    take_drbg(&t, "presigner's DRBG", 0, &mp->drbg);
    for (uint8_t i = 0; i < MEMBER_TOTAL; i++) {
        const struct mesh_seeding *const seeding = &mp->mesh.peers[i].seeding;
        struct taking pair = t;

        pair.owners |= 1U << i;
        take_pair(&t, i, &engine->pair[i].setup);
        take_channel(&t, i, &mp->mesh.peers[i].channel);
        give(&pair, "seed of a pair", i, seeding->seed, MESH_SEED_LEN);
        give(&pair, "own part of a seed", i, seeding->own, MESH_SEED_LEN);
        give(&pair, "peer's part of a seed", i, seeding->peer, MESH_SEED_LEN);
        give(&pair, "key of R1s", i, seeding->mac_key, MESH_SEED_LEN);
        give(&pair, "key of R1s in the pool", i, mp->pool.macs.key[i], R1_MAC_KEY_LEN);
    }
}

void core_secrets_take_ceremony(struct core_pages *p, secret_taker *take, void *self)
{
    const struct core_member *const m = core_pages_member(p);
    const struct ceremony *const c = &m->ceremony;
    struct taking t;

    read_part(p, p->at.member + offsetof(struct core_member, ceremony),
              offsetof(struct ceremony, store));
    read_part(p, p->at.member + offsetof(struct core_member, ceremony.secrets),
              offsetof(struct ceremony, own_t) - offsetof(struct ceremony, secrets));
    read_part(p, p->at.member + offsetof(struct core_member, ceremony.test),
              offsetof(struct ceremony_test, session));
    read_part(p, p->at.member + offsetof(struct core_member, drbg), sizeof m->drbg);
    if (c->state != CEREMONY_RUNNING || c->own >= PLAN_NODES_MAX) {
        return;
    }
    t = taking_of(p, take, self);
    for (uint8_t i = 0; i < PLAN_NODES_MAX; i++) {
        take_channel(&t, i, &c->channels[i]);
    }
    take_seeds(&t, c);
    take_drbg(&t, "ceremony DRBG", 0, &m->drbg);
    give(&t, "ceremony node key", 0, c->test.node_key, sizeof c->test.node_key);
    give(&t, "ceremony batch seed", 0, c->test.batch.seed, sizeof c->test.batch.seed);
}

/* ---- forms ---- */

void core_secrets_take_small(const struct core_pages *p, struct secret_set *set)
{
    static struct mldsa_sampler sampler;
    static struct mldsa_poly s[MLDSA_L_MAX + MLDSA_K_MAX];
    const struct tmldsa_share *const share = share_of(p);
    const struct mldsa_params *const params = share->params->set;

    for (size_t i = 0; i < share->held.n; i++) {
        mldsa_expand_s(mldsa_best(), params, share->sigma[i], &sampler, s, s + params->l);
        for (size_t j = 0; j < params->l + params->k; j++) {
            secret_set_add_small(set, "s1 or s2", share->held.mask[i], s[j].coeff, MLDSA_N);
        }
    }
}

void core_secrets_small(const struct core_pages *p, size_t subset, size_t first,
                        int32_t out[16])
{
    static struct mldsa_sampler sampler;
    static struct mldsa_poly s[MLDSA_L_MAX + MLDSA_K_MAX];
    const struct tmldsa_share *const share = share_of(p);

    mldsa_expand_s(mldsa_best(), share->params->set, share->sigma[subset], &sampler, s,
                   s + share->params->set->l);
    memcpy(out, s[0].coeff + first, 16 * sizeof out[0]);
}

#define FORM_MAX 384

/* Words of 64 bits, bytes the other way round, as SHA-2 reads them; with a pad of HMAC. */
static void add_swapped(struct secret_set *set, const char *name, uint32_t owners,
                        struct view v, uint8_t pad)
{
    uint8_t form[FORM_MAX];

    for (size_t i = 0; i < v.n; i++) {
        form[i] = v.p[(i & ~(size_t)7) + 7 - (i & 7)] ^ pad;
    }
    secret_set_add(set, name, owners, (struct view){form, v.n});
}

static void add_padded(struct secret_set *set, const char *name, uint32_t owners, struct view v,
                       uint8_t pad)
{
    uint8_t form[FORM_MAX];

    for (size_t i = 0; i < v.n; i++) {
        form[i] = v.p[i] ^ pad;
    }
    secret_set_add(set, name, owners, (struct view){form, v.n});
}

/* As GMP has numbers. */
static void add_reversed(struct secret_set *set, const char *name, uint32_t owners,
                         struct view v)
{
    uint8_t form[FORM_MAX];

    for (size_t i = 0; i < v.n; i++) {
        form[i] = v.p[v.n - 1 - i];
    }
    secret_set_add(set, name, owners, (struct view){form, v.n});
}

void core_secrets_to_set(void *set, const char *name, uint32_t owners, struct view v)
{
    static const uint8_t ipad = 0x36;
    static const uint8_t opad = 0x5c;

    secret_set_add(set, name, owners, v);
    if (v.n <= FORM_MAX && v.n % 8 == 0) {
        add_reversed(set, name, owners, v);
        add_swapped(set, name, owners, v, 0);
        add_swapped(set, name, owners, v, ipad);
        add_swapped(set, name, owners, v, opad);
        add_padded(set, name, owners, v, ipad);
        add_padded(set, name, owners, v, opad);
    }
}

void core_secrets_sparse_to_set(void *set, const char *name, uint32_t owners, struct view v)
{
    secret_set_add_sparse(set, name, owners, v);
}

/* ---- whether it is what it seems ---- */

static bool is_key(const struct p384_key *k, struct p384_signer *signer)
{
    struct p384_key made;

    return p384_key_from_scalar(signer, k->d, &made) == ERR_OK &&
           memcmp(made.public_key, k->public_key, sizeof made.public_key) == 0;
}

/* The first hat is that of the first seed. */
static bool is_share(const struct tmldsa_share *share)
{
    static struct mldsa_sampler sampler;
    static struct mldsa_poly s[MLDSA_L_MAX + MLDSA_K_MAX];
    const struct mldsa_params *const params = share->params->set;

    mldsa_expand_s(mldsa_best(), params, share->sigma[0], &sampler, s, s + params->l);
    mldsa_best()->ntt(&s[0]);
    for (size_t i = 0; i < MLDSA_N; i++) {
        if (mldsa_center(s[0].coeff[i]) != share->s1_hat[0][0].coeff[i]) {
            return false;
        }
    }
    return true;
}

bool core_secrets_are_genuine(const struct core_pages *p)
{
    static struct work_stack work;
    const struct boot_memory *const b = core_pages_boot(p);
    uint8_t *const memory = secret_room(aligned_alloc(PAGE, p384_signer_size()));
    const uint8_t seed[DRBG_SEED_LEN] = {1};
    struct p384_signer *signer = NULL;
    struct ed25519_key made;
    bool ok;

    work_stack_init(&work);
    ok = p384_signer_init(memory, seed, &signer) == ERR_OK && is_key(&b->key, signer) &&
         is_key(&b->identity.key, signer) && is_key(&b->audit_key, signer) &&
         ed25519_key_make(&work, b->identity.signing_key.seed, &made) == ERR_OK &&
         memcmp(made.public_key, b->identity.signing_key.public_key, sizeof made.public_key) ==
             0;
    free(memory);
    if (core_pages_member(p)->share.held.n > 0) {
        const struct tmldsa_share *const share = share_of(p);

        ok = ok && is_share(share);
    }
    return ok;
}
