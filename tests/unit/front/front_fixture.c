#include "front_fixture.h"

#include "chain_fixture.h"
#include "fake_work.h"

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

/* The fake core knows the policies, the key and the certificate. */
static void teach_core(const struct config *c, const struct tsa_chain *chain)
{
    fake.core.n_policies = c->n_policies;
    for (size_t i = 0; i < c->n_policies; i++) {
        const struct config_policy *p = &c->policies[i];

        memcpy(fake.core.oids[i], p->oid.body, p->oid.body_len);
        fake.core.policies[i] = (struct hello_policy){
            .number = (uint8_t)p->number,
            .key = KEY_CLASSIC,
            .digits = (uint8_t)p->digits,
            .min_accuracy_ms = (uint32_t)p->min_accuracy_ms,
            .max_accuracy_ms = (uint32_t)p->max_accuracy_ms,
            .oid = {fake.core.oids[i], p->oid.body_len},
        };
    }
    memcpy(fake.core.public_key, chain->public_key.p, P384_PUBLIC_LEN);
    fake.core.public_key_len = P384_PUBLIC_LEN;
    memcpy(fake.core.status.activation[0], chain->activation_hash, ACTIVATION_HASH_LEN);
}

void front_fixture_serve(struct front *f, const struct fixture *chain, const char *text)
{
    static uint8_t pem[FIXTURE_PEM_MAX];
    static struct config c;
    char error[CONFIG_ERROR_MAX];
    struct held_chain *held = held_chain_new();

    must(config_parse((struct view){(const uint8_t *)text, strlen(text)}, "t", "/t", &c,
                      error) == ERR_OK);
    must(tsa_chain_parse(fixture_pem(chain, "lcr", pem), KEY_CLASSIC, fixture_real_s,
                         &held->chain, error) == ERR_OK);
    teach_core(&c, &held->chain);
    struct serving *s = serving_new(&c, held, &fake.core, f->metrics);

    must(s != NULL);
    held_chain_put(held);
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
    must(f->metrics != NULL && request_pool_init(&f->pool, 2) == ERR_OK);
    *chain = fixture_new(&leaf);
    front_fixture_serve(f, *chain, FIXTURE_CONFIG);
    return f;
}

void front_fixture_free(struct front *f, struct fixture *chain)
{
    serving_put(f->slot.now);
    request_pool_wipe(&f->pool);
    metrics_free(f->metrics);
    fixture_free(chain);
    free(f);
}
