/* plan_kit.h - a plan of a ceremony with identity keys of known scalars. */
#ifndef TESTS_PLAN_KIT_H
#define TESTS_PLAN_KIT_H

#include "crypto/p384.h"
#include "wire/plan.h"

#include <stdlib.h>
#include <string.h>

struct plan_kit {
    void *memory;
    struct p384_signer *signer;
    struct p384_key keys[PLAN_NODES_MAX + 2]; /* the last two are operators */
    struct plan plan;
    uint8_t bytes[PLAN_MAX];
    struct view encoded;
};

static const uint8_t plan_kit_oid[] = {0x2b, 0x06, 0x01};
static const char *const plan_kit_names[PLAN_NODES_MAX] = {"n0", "n1", "n2", "n3", "n4", "n5"};

static inline struct view plan_kit_text(const char *text)
{
    return (struct view){(const uint8_t *)text, strlen(text)};
}

static inline enum err plan_kit_encode(struct plan_kit *k)
{
    struct writer w = wr_init(k->bytes, sizeof k->bytes);

    plan_encode(&w, &k->plan);
    return wr_finish(&w, &k->encoded);
}

static inline void plan_kit_operators(struct plan_kit *k)
{
    const size_t first = memcmp(k->keys[PLAN_NODES_MAX].public_key,
                                k->keys[PLAN_NODES_MAX + 1].public_key, P384_PUBLIC_LEN) < 0
                             ? 0
                             : 1;

    for (size_t i = 0; i < 2; i++) {
        memcpy(k->plan.operators[i], k->keys[PLAN_NODES_MAX + (i ^ first)].public_key,
               P384_PUBLIC_LEN);
    }
    k->plan.n_operators = 2;
    k->plan.orders_needed = 1;
}

/* t of n, with two operators and one policy. Free with plan_kit_free(). */
static inline enum err plan_kit_make(struct plan_kit *k, uint8_t t, uint8_t n)
{
    const uint8_t seed[DRBG_SEED_LEN] = {7};

    memset(k, 0, sizeof *k);
    k->memory = aligned_alloc(4096, p384_signer_size());
    TRY(p384_signer_init(k->memory, seed, &k->signer));
    for (size_t i = 0; i < sizeof k->keys / sizeof k->keys[0]; i++) {
        uint8_t d[P384_SCALAR_LEN] = {0};

        d[P384_SCALAR_LEN - 1] = (uint8_t)(i + 1);
        TRY(p384_key_from_scalar(k->signer, d, &k->keys[i]));
    }
    k->plan = (struct plan){.threshold = t,
                            .total = n,
                            .level = PLAN_LEVEL_65,
                            .assurance = PLAN_SIMULATED,
                            .repetitions_warn = PLAN_REPETITIONS_MAX / 2,
                            .repetitions_refuse = PLAN_REPETITIONS_MAX,
                            .n_policies = 1};
    for (size_t i = 0; i < n; i++) {
        struct plan_node *node = &k->plan.nodes[i];

        node->name = plan_kit_text(plan_kit_names[i]);
        node->listen = plan_kit_text("unix:/run/core.sock");
        memcpy(node->identity, k->keys[i].public_key, P384_PUBLIC_LEN);
        memset(node->signing_key, (int)(0x60 + i), sizeof node->signing_key);
        memset(node->boot_nonce, (int)(0xb0 - i), sizeof node->boot_nonce);
    }
    k->plan.policies[0] = (struct hello_policy){
        2, KEY_PQ, 3, false, 100, 1000, {plan_kit_oid, sizeof plan_kit_oid}};
    plan_kit_operators(k);
    return plan_kit_encode(k);
}

/* Makes it a plan of an epoch with that policy, which stays where it is: node i is of the
 * provider pi, and has one machine, whose id is 0x40 + i throughout; node 1 has a spare. */
static inline enum err plan_kit_attest(struct plan_kit *k, struct view policy)
{
    static const char *const providers[PLAN_NODES_MAX] = {"p0", "p1", "p2", "p3", "p4", "p5"};
    static uint8_t platforms[PLAN_NODES_MAX][2][PLAN_PLATFORM_LEN];

    k->plan.number = 1;
    k->plan.policy = policy;
    for (size_t i = 0; i < k->plan.total; i++) {
        struct plan_node *node = &k->plan.nodes[i];

        memset(platforms[i][0], (int)(0x40 + i), PLAN_PLATFORM_LEN);
        memset(platforms[i][1], (int)(0x80 + i), PLAN_PLATFORM_LEN);
        node->provider = plan_kit_text(providers[i]);
        node->platforms =
            (struct view){platforms[i][0], (i == 1 ? 2U : 1U) * PLAN_PLATFORM_LEN};
    }
    return plan_kit_encode(k);
}

static inline void plan_kit_free(struct plan_kit *k)
{
    p384_signer_wipe(k->signer);
    free(k->memory);
}

#endif
