#include "base/secret.h"
#include "enclave/channel/pq1.h"

#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1)

struct end {
    struct pq1 c;
    struct drbg drbg;
    struct p384_signer *signer;
    struct p384_key identity;
    struct pq1_work work;
    struct pq1_tools tools;
};

static struct end ends[2];
static uint8_t messages[2][3][PQ1_MESSAGE_MAX];
static const size_t lengths[3] = {PQ1_HELLO_LEN, PQ1_KEM_LEN, PQ1_FINISHED_LEN};

/* The seed of all its randomness is secret, and so are its keys. */
static int make(struct end *e, uint8_t number)
{
    uint8_t seed[DRBG_SEED_LEN];
    void *memory = aligned_alloc(4096, p384_signer_size());

    memset(seed, number, sizeof seed);
    CT_SECRET(seed, sizeof seed);
    drbg_init(&e->drbg, (struct view){seed, sizeof seed}, (struct view){NULL, 0});
    pq1_work_init(&e->work);
    if (memory == NULL || p384_signer_init(memory, seed, &e->signer) != ERR_OK ||
        p384_key_generate(e->signer, &e->identity) != ERR_OK) {
        return 1;
    }
    e->tools = (struct pq1_tools){&e->drbg, e->signer, &e->identity, &e->work};
    return 0;
}

static int pair(size_t own)
{
    struct pq1_setup s = {.own.index = (uint8_t)own, .peer.index = (uint8_t)(1 - own)};

    memcpy(s.own.identity, ends[own].identity.public_key, P384_PUBLIC_LEN);
    memcpy(s.peer.identity, ends[1 - own].identity.public_key, P384_PUBLIC_LEN);
    return pq1_init(&ends[own].c, &s) == ERR_OK ? 0 : 2;
}

/* What is sent is known, and whether a check passed; nothing else. */
static int talk(void)
{
    for (size_t i = 0; i < 2; i++) {
        struct writer w = wr_init(messages[i][0], PQ1_MESSAGE_MAX);

        if (pq1_begin(&ends[i].c, &ends[i].tools, &w) != ERR_OK) {
            return 3;
        }
    }
    for (size_t m = 0; m < 3; m++) {
        for (size_t i = 0; i < 2; i++) {
            const struct view in = {messages[1 - i][m], lengths[m]};
            uint8_t none[1];
            struct writer w =
                m < 2 ? wr_init(messages[i][m + 1], PQ1_MESSAGE_MAX) : wr_init(none, 0);

            if (pq1_take(&ends[i].c, &ends[i].tools, NOW, in, &w) != ERR_OK) {
                return 4;
            }
        }
    }
    return pq1_is_verified(&ends[0].c) && pq1_is_verified(&ends[1].c) ? 0 : 5;
}

static int record(void)
{
    const struct pq1_about about = {.type = 1};
    uint8_t text[80];
    uint8_t out[sizeof text + PQ1_RECORD_OVERHEAD];
    struct writer w = wr_init(out, sizeof out);
    struct pq1_about got;
    size_t n = 0;

    memset(text, 7, sizeof text);
    CT_SECRET(text, sizeof text);
    if (pq1_seal(&ends[0].c, NOW, &about, (struct view){text, sizeof text}, &w) != ERR_OK) {
        return 6;
    }
    CT_PUBLIC(out, sizeof out);
    return pq1_open(&ends[1].c, NOW, (struct view){out, w.len}, &got, text, sizeof text, &n) ==
                   ERR_OK
               ? 0
               : 7;
}

int main(void)
{
    int result = make(&ends[0], 1);

    result = result != 0 ? result : make(&ends[1], 2);
    result = result != 0 ? result : pair(0);
    result = result != 0 ? result : pair(1);
    result = result != 0 ? result : talk();
    result = result != 0 ? result : record();
    free(ends[0].signer);
    free(ends[1].signer);
    return result;
}
