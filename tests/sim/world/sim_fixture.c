#include "sim_fixture.h"

#include "sim_events.h"

/* Memory for a type that wants its own alignment. */
static void *room_for(size_t n)
{
    void *const p = aligned_alloc(4096, (n + 4095) / 4096 * 4096);

    sim_must(p != NULL);
    memset(p, 0, n);
    return p;
}

static void make_identity(struct sim_fixture *f, unsigned i, uint64_t *noise_state)
{
    struct sim_identity *const id = &f->identities[i];
    struct plan_node *const listed = &f->plan.nodes[i];
    uint8_t seed[ED25519_SEED_LEN];

    noise_bytes(noise_state, seed, sizeof seed);
    noise_bytes(noise_state, listed->boot_nonce, sizeof listed->boot_nonce);
    id->stack = room_for(sizeof *id->stack);
    work_stack_init(id->stack);
    tmldsa_must(ed25519_key_make(id->stack, seed, &id->key), "identity");
    memcpy(listed->signing_key, id->key.public_key, ED25519_PUBLIC_LEN);
}

static void make_policies(struct sim_fixture *f)
{
    static const char *const texts[SIM_POLICIES] = {
        "2,pq,1.3.6.1.4.1.32473.3161.1.92,3,100,1000",
        "3,pq,1.3.6.1.4.1.32473.3161.1.94,1,100,10000"};

    f->args.clock = CLOCK_KERNEL;
    for (size_t i = 0; i < SIM_POLICIES; i++) {
        tmldsa_must(boot_policy_parse(texts[i], &f->args.policies[f->args.n_policies++]),
                    "policy");
    }
}

static void make_cert(struct sim_fixture *f)
{
    static const uint8_t serial[] = {0x51, 0x01};
    static const uint8_t issuer[] = {0x30, 0x00};
    struct activation a = {.key = KEY_PQ,
                           .cert_hash = {0xce},
                           .serial = {serial, sizeof serial},
                           .issuer = {issuer, sizeof issuer}};

    memcpy(a.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    memcpy(f->certs[KEY_PQ - 1].tr, f->math->key.key.tr, MLDSA_TR_LEN);
    stamp_cert_set(&f->certs[KEY_PQ - 1], &a);
}

struct sim_fixture *sim_fixture_new(const struct mldsa_params *set)
{
    static const uint8_t seed[32] = {5, 1, 3};
    struct sim_fixture *const f = room_for(sizeof *f);
    uint64_t noise_state = 5;

    f->math = tmldsa_kit_new(tmldsa_best(), tmldsa_params_find(set, SIM_THRESHOLD, SIM_NODES),
                             1, seed);
    f->scratch = room_for(sizeof *f->scratch);
    f->plan.threshold = SIM_THRESHOLD;
    f->plan.total = SIM_NODES;
    f->plan.repetitions_refuse = PLAN_REPETITIONS_MAX;
    noise_bytes(&noise_state, f->epoch_id, EPOCH_ID_LEN);
    for (unsigned i = 0; i < SIM_NODES; i++) {
        make_identity(f, i, &noise_state);
    }
    make_policies(f);
    make_cert(f);
    f->roster = (struct quorum_roster){.plan = &f->plan, .key = &f->math->key, .t = f->math->t};
    memcpy(f->roster.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    return f;
}

void sim_fixture_free(struct sim_fixture *f)
{
    for (unsigned i = 0; i < SIM_NODES; i++) {
        free(f->identities[i].stack);
    }
    tmldsa_kit_free(f->math);
    free(f->scratch);
    free(f);
}

const struct boot_policy *sim_fixture_policy(const struct sim_fixture *f, uint8_t number)
{
    for (size_t i = 0; i < f->args.n_policies; i++) {
        if (f->args.policies[i].number == number) {
            return &f->args.policies[i];
        }
    }
    return NULL;
}

void sim_fixture_sign(const struct sim_fixture *f, unsigned place, struct view message,
                      uint8_t sig[ED25519_SIG_LEN])
{
    const struct sim_identity *const id = &f->identities[place];

    tmldsa_must(ed25519_sign(id->stack, &id->key, message, sig), "identity signature");
}
