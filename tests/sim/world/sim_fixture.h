/* sim_fixture.h - an epoch: its plan, its pq key with the shares of all places, its certificate
 * and policies. Made once a process; every history is of this epoch. */
#ifndef TESTS_SIM_FIXTURE_H
#define TESTS_SIM_FIXTURE_H

#include "tmldsa_kit.h"

#include "enclave/judge/stamping.h"
#include "enclave/quorum/pq_party.h"
#include "host/coord/quorum_run.h"

#define SIM_NODES 5
#define SIM_THRESHOLD 3
#define SIM_POLICIES 2
#define SIM_POLICY_NEAR 2 /* accuracy of 100 to 1,000 ms */
#define SIM_POLICY_WIDE 3 /* of 100 to 10,000 ms, genTime in tenths of a second */

struct sim_identity {
    struct work_stack *stack;
    struct ed25519_key key;
};

struct sim_fixture {
    struct tmldsa_kit *math; /* the key, all shares, scratch for the one thread that there is */
    struct plan plan;
    uint8_t epoch_id[EPOCH_ID_LEN];
    struct boot_args args;                  /* of every core: policies and clock */
    struct stamp_cert certs[WIRE_KEYS_MAX]; /* by key - 1; of the classic key there is none */
    struct sim_identity identities[SIM_NODES];
    struct quorum_roster roster;
    struct quorum_scratch *scratch; /* of the coordinator */
};

/* set: mldsa_44 or mldsa_65. */
struct sim_fixture *sim_fixture_new(const struct mldsa_params *set);
void sim_fixture_free(struct sim_fixture *f);

static inline const uint8_t *sim_fixture_activation(const struct sim_fixture *f)
{
    return f->certs[KEY_PQ - 1].activation;
}

const struct boot_policy *sim_fixture_policy(const struct sim_fixture *f, uint8_t number);

/* Ed25519 of that place, by its identity key. */
void sim_fixture_sign(const struct sim_fixture *f, unsigned place, struct view message,
                      uint8_t sig[ED25519_SIG_LEN]);

#endif
