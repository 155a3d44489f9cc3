#include "front_fixture.h"

#include "chain_fixture.h"
#include "fake_work.h"
#include "pq_fixture.h"

#include "format/der.h"

#include <stdlib.h>
#include <string.h>

int64_t fixture_monotonic_ns;
int64_t fixture_real_s;

static int64_t monotonic_ns(void)
{
    return fixture_monotonic_ns;
}

static int64_t real_s(void)
{
    return fixture_real_s;
}

static void must(bool good)
{
    if (!good) {
        abort(); /* the fixture itself is broken */
    }
}

/* The fake core knows the key and the certificate. */
static void teach_key(enum core_key key, const struct tsa_chain *chain)
{
    memcpy(fake.core.keys[key - 1].bytes, chain->public_key.p, chain->public_key.n);
    fake.core.keys[key - 1].len = chain->public_key.n;
    memcpy(fake.core.status.activation[key - 1], chain->activation_hash, ACTIVATION_HASH_LEN);
}

/* And the policies. */
static void teach_core(const struct config *c)
{
    fake.core.n_policies = c->n_policies;
    for (size_t i = 0; i < c->n_policies; i++) {
        const struct config_policy *p = &c->policies[i];

        memcpy(fake.core.oids[i], p->oid.body, p->oid.body_len);
        fake.core.policies[i] = (struct hello_policy){
            .number = (uint8_t)p->number,
            .key = (uint8_t)config_policy_key(p),
            .digits = (uint8_t)p->digits,
            .min_accuracy_ms = (uint32_t)p->min_accuracy_ms,
            .max_accuracy_ms = (uint32_t)p->max_accuracy_ms,
            .oid = {fake.core.oids[i], p->oid.body_len},
        };
    }
}

static struct held_chain *hold(enum core_key key, struct view pem)
{
    struct held_chain *held = held_chain_new();
    char why[TSA_CHAIN_WHY_MAX];

    must(tsa_chain_parse(pem, key, fixture_real_s, &held->chain, why) == ERR_OK);
    teach_key(key, &held->chain);
    return held;
}

static struct front *latest; /* whose cores snapshots are of */

struct serving *front_fixture_snapshot(const struct config *c, struct held_chain *classic,
                                       struct held_chain *pq, struct metrics *metrics)
{
    struct held_chain *const all[WIRE_KEYS_MAX] = {classic, pq};
    struct serving_chains chains = {0};
    struct cores_view cores;

    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        chains.n[i] = all[i] != NULL;
        chains.at[i][0] = all[i];
    }
    cores_look(NULL, &cores);
    struct serving *const s = serving_new(c, &chains, &cores, metrics);

    must(s != NULL);
    serving_set_stage(s, latest->stage, &latest->stage->held);
    return s;
}

void front_fixture_serve(struct front *f, const struct fixture *chain, const char *text)
{
    static uint8_t pem[FIXTURE_PEM_MAX];
    static struct config c;
    char error[CONFIG_ERROR_MAX];
    struct held_chain *held[WIRE_KEYS_MAX] = {
        hold(KEY_CLASSIC, fixture_pem(chain, "lcr", pem))};

    must(config_parse((struct view){(const uint8_t *)text, strlen(text)}, "t", "/t", &c,
                      error) == ERR_OK);
    if (config_uses_key(&c, KEY_PQ)) {
        held[1] = hold(KEY_PQ, pq_fixture_pem());
    }
    teach_core(&c);
    struct serving *s = front_fixture_snapshot(&c, held[0], held[1], f->metrics);

    held_chain_put(held[0]);
    held_chain_put(held[1]);
    serving_swap(&f->slot, s);
}

struct front *front_fixture_new(struct fixture **chain)
{
    const struct fixture_leaf leaf = FIXTURE_GOOD;
    struct front *f = calloc(1, sizeof *f);

    must(f != NULL);
    fake_reset();
    fixture_monotonic_ns = 1000000000;
    fixture_real_s = FIXTURE_NOW;
    f->clock = (struct front_clock){monotonic_ns, real_s};
    f->metrics = metrics_new();
    (void)pthread_mutex_init(&f->slot.lock, NULL);
    f->stage = calloc(1, sizeof *f->stage);
    must(f->stage != NULL);
    f->stage->front = f;
    latest = f;
    f->stage->evidence = evidence_new(NULL, NULL, monotonic_ns);
    must(f->metrics != NULL && f->stage->evidence != NULL &&
         request_pool_init(&f->pool, FIXTURE_REQUESTS) == ERR_OK);
    *chain = fixture_new(&leaf);
    front_fixture_serve(f, *chain, FIXTURE_CONFIG);
    return f;
}

void front_fixture_free(struct front *f, struct fixture *chain)
{
    serving_put(f->slot.now);
    request_pool_wipe(&f->pool);
    metrics_free(f->metrics);
    evidence_free(f->stage->evidence);
    free(f->stage);
    fixture_free(chain);
    free(f);
}
