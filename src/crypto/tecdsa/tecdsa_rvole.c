#include "crypto/tecdsa/tecdsa_rvole.h"

#include "base/secret.h"

#include <string.h>

#define PAD_LEN ((size_t)TECDSA_RVOLE_WIDTH * TECDSA_WIDE_LEN)
#define INDEXED_LEN (2 + TECDSA_ROW_LEN) /* number of a row, row */

_Static_assert(sizeof(struct tecdsa_rvole_message) == 123040, "bytes alone");

/* A row of four. */
typedef struct tecdsa_scalar scalars[TECDSA_RVOLE_WIDTH];

/* theta: how the inputs are joined to each check. */
struct joint {
    struct tecdsa_factor theta[TECDSA_RVOLE_INPUTS][TECDSA_RVOLE_CHECKS];
};

void tecdsa_gadget_init(struct tecdsa_gadget *gadget)
{
    for (unsigned j = 0; j < TECDSA_XI; j++) {
        struct tecdsa_hash h;
        struct tecdsa_scalar g;

        tecdsa_hash_start(&h, "gadget");
        tecdsa_hash_number(&h, j, 2);
        tecdsa_hash_scalar(&h, &g);
        tecdsa_scalar_factor(&g, &gadget->g[j]);
    }
}

/* Bit j as a mask. */
static uint64_t bit_mask(const uint8_t *bits, unsigned j)
{
    return (uint64_t)0 - (bits[j / 8] >> (j % 8) & 1);
}

void tecdsa_rvole_factor(const struct tecdsa_gadget *gadget,
                         const uint8_t beta[TECDSA_BETA_LEN], struct tecdsa_scalar *b)
{
    static const struct tecdsa_scalar one = {{1}};
    struct tecdsa_scalar sum = {{0}}; /* of Montgomery forms */
    struct tecdsa_factor factor;

    for (unsigned j = 0; j < TECDSA_XI; j++) {
        struct tecdsa_scalar g;

        memcpy(g.w, gadget->g[j].w, sizeof g.w);
        tecdsa_scalar_mask(bit_mask(beta, j), &g, &g);
        tecdsa_scalar_add(&sum, &g, &sum);
    }
    memcpy(factor.w, sum.w, sizeof factor.w);
    tecdsa_scalar_times(&one, &factor, b);
    wipe(&sum, sizeof sum);
    wipe(&factor, sizeof factor);
}

static void domain_of(const struct tecdsa_rvole_of *of, uint8_t domain[TECDSA_HASH_LEN])
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "rvole");
    tecdsa_hash_field(&h, of->setup_id, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, of->sid2, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, of->bob, 1);
    tecdsa_hash_number(&h, of->alice, 1);
    tecdsa_hash_finish(&h, domain, TECDSA_HASH_LEN);
}

static void start_pads(const uint8_t domain[TECDSA_HASH_LEN], struct tecdsa_hash_head *head)
{
    tecdsa_hash_head_start(head, "rot");
    tecdsa_hash_head_field(head, domain, TECDSA_HASH_LEN);
}

/* E(row) = H("rot", domain, number | row): four scalars each, of four rows at once. */
static void four_pads(const struct tecdsa_hash_head *head,
                      const uint8_t indexed[4][INDEXED_LEN], scalars out[4])
{
    uint8_t wide[4][PAD_LEN];

    tecdsa_hash_x4(
        head, (const uint8_t *const[4]){indexed[0], indexed[1], indexed[2], indexed[3]},
        INDEXED_LEN, (uint8_t *const[4]){wide[0], wide[1], wide[2], wide[3]}, PAD_LEN);
    for (int i = 0; i < 4; i++) {
        for (size_t c = 0; c < TECDSA_RVOLE_WIDTH; c++) {
            tecdsa_scalar_reduce(wide[i] + c * TECDSA_WIDE_LEN, &out[i][c]);
        }
    }
    wipe(wide, sizeof wide);
}

/* row, or row xor delta. */
static void index_row(unsigned j, const uint8_t *row, const uint8_t *delta,
                      uint8_t out[INDEXED_LEN])
{
    out[0] = (uint8_t)j;
    out[1] = (uint8_t)(j >> 8);
    for (unsigned b = 0; b < TECDSA_ROW_LEN; b++) {
        out[2 + b] = delta == NULL ? row[b] : row[b] ^ delta[b];
    }
}

/* Hq("theta", H("sent", domain, all that Alice sends of a), i, k). */
static void join(const uint8_t domain[TECDSA_HASH_LEN], const struct tecdsa_rvole_message *m,
                 struct joint *out)
{
    struct tecdsa_hash h;
    uint8_t sent[TECDSA_HASH_LEN];
    struct tecdsa_scalar theta;

    tecdsa_hash_start(&h, "sent");
    tecdsa_hash_field(&h, domain, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, m->a, sizeof m->a);
    tecdsa_hash_finish(&h, sent, sizeof sent);
    for (unsigned i = 0; i < TECDSA_RVOLE_INPUTS; i++) {
        for (unsigned k = 0; k < TECDSA_RVOLE_CHECKS; k++) {
            tecdsa_hash_start(&h, "theta");
            tecdsa_hash_field(&h, sent, sizeof sent);
            tecdsa_hash_number(&h, i, 1);
            tecdsa_hash_number(&h, k, 1);
            tecdsa_hash_scalar(&h, &theta);
            tecdsa_scalar_factor(&theta, &out->theta[i][k]);
        }
    }
}

/* v_{2+k} + sum over i of theta_{i,k} v_i */
static void joined(const struct joint *joint, const struct tecdsa_scalar *v, unsigned k,
                   struct tecdsa_scalar *out)
{
    struct tecdsa_sum sum;

    tecdsa_sum_start(&v[TECDSA_RVOLE_INPUTS + k], &sum);
    for (unsigned i = 0; i < TECDSA_RVOLE_INPUTS; i++) {
        tecdsa_sum_times(&v[i], &joint->theta[i][k], &sum);
    }
    tecdsa_sum_end(&sum, out);
}

static void start_mu(const uint8_t domain[TECDSA_HASH_LEN], struct tecdsa_hash *h)
{
    tecdsa_hash_start(h, "mu");
    tecdsa_hash_field(h, domain, TECDSA_HASH_LEN);
    tecdsa_hash_length(h, (size_t)TECDSA_XI * TECDSA_RVOLE_CHECKS * TECDSA_SCALAR_LEN);
}

static void absorb(struct tecdsa_hash *h, const struct tecdsa_scalar *a)
{
    uint8_t bytes[TECDSA_SCALAR_LEN];

    tecdsa_scalar_encode(a, bytes);
    tecdsa_hash_bytes(h, bytes, sizeof bytes);
    wipe(bytes, sizeof bytes);
}

/* a_0, a_1, and two random ones. */
static void all_inputs(const uint8_t domain[TECDSA_HASH_LEN],
                       const struct tecdsa_rvole_inputs *in, scalars out)
{
    struct tecdsa_hash h;
    uint8_t wide[TECDSA_RVOLE_CHECKS][TECDSA_WIDE_LEN];

    tecdsa_hash_start(&h, "a-hat");
    tecdsa_hash_field(&h, domain, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, in->seed, sizeof in->seed);
    tecdsa_hash_finish(&h, wide, sizeof wide);
    for (unsigned i = 0; i < TECDSA_RVOLE_INPUTS; i++) {
        out[i] = in->a[i];
    }
    for (unsigned k = 0; k < TECDSA_RVOLE_CHECKS; k++) {
        tecdsa_scalar_reduce(wide[k], &out[TECDSA_RVOLE_INPUTS + k]);
    }
    wipe(wide, sizeof wide);
}

/* pad_0 - pad_1 + a, for every row; pad_0 stays in the scratch. */
static void mask_rows(const uint8_t domain[TECDSA_HASH_LEN], const struct tecdsa_rows *q,
                      const uint8_t delta[TECDSA_DELTA_LEN], const scalars inputs,
                      struct tecdsa_rvole_scratch *scratch, struct tecdsa_rvole_message *out)
{
    struct tecdsa_hash_head head;
    uint8_t indexed[4][INDEXED_LEN];
    scalars pads[4];

    start_pads(domain, &head);
    for (size_t j = 0; j < TECDSA_XI; j += 2) {
        for (size_t i = 0; i < 2; i++) {
            index_row((unsigned)(j + i), q->row[j + i], NULL, indexed[2 * i]);
            index_row((unsigned)(j + i), q->row[j + i], delta, indexed[2 * i + 1]);
        }
        four_pads(&head, (const uint8_t(*)[INDEXED_LEN])indexed, pads);
        for (size_t i = 0; i < 2; i++) {
            for (unsigned c = 0; c < TECDSA_RVOLE_WIDTH; c++) {
                struct tecdsa_scalar v;

                scratch->pad[j + i][c] = pads[2 * i][c];
                tecdsa_scalar_sub(&pads[2 * i][c], &pads[2 * i + 1][c], &v);
                tecdsa_scalar_add(&v, &inputs[c], &v);
                tecdsa_scalar_encode(&v, out->a[j + i][c]);
            }
        }
    }
    CT_PUBLIC(out->a, sizeof out->a);
    wipe(indexed, sizeof indexed);
    wipe(pads, sizeof pads);
}

/* sum over j of g_j v_{j,i}. */
static void weigh(const struct tecdsa_gadget *gadget, const struct tecdsa_rvole_scratch *v,
                  unsigned i, struct tecdsa_scalar *out)
{
    static const struct tecdsa_scalar zero;
    struct tecdsa_sum sum;

    tecdsa_sum_start(&zero, &sum);
    for (unsigned j = 0; j < TECDSA_XI; j++) {
        tecdsa_sum_times(&v->pad[j][i], &gadget->g[j], &sum);
    }
    tecdsa_sum_end(&sum, out);
}

void tecdsa_rvole_send(const struct tecdsa_rvole_of *of, const struct tecdsa_rows *q,
                       const uint8_t delta[TECDSA_DELTA_LEN],
                       const struct tecdsa_rvole_inputs *inputs,
                       struct tecdsa_rvole_scratch *scratch, struct tecdsa_rvole_message *out,
                       struct tecdsa_scalar c[TECDSA_RVOLE_INPUTS])
{
    uint8_t domain[TECDSA_HASH_LEN];
    struct joint joint;
    struct tecdsa_hash mu;
    struct tecdsa_scalar v;
    scalars all;

    domain_of(of, domain);
    all_inputs(domain, inputs, all);
    mask_rows(domain, q, delta, (const struct tecdsa_scalar *)all, scratch, out);
    join(domain, out, &joint);
    for (unsigned k = 0; k < TECDSA_RVOLE_CHECKS; k++) {
        joined(&joint, all, k, &v);
        tecdsa_scalar_encode(&v, out->eta[k]);
    }
    start_mu(domain, &mu);
    for (unsigned j = 0; j < TECDSA_XI; j++) {
        for (unsigned k = 0; k < TECDSA_RVOLE_CHECKS; k++) {
            joined(&joint, scratch->pad[j], k, &v);
            absorb(&mu, &v);
        }
    }
    tecdsa_hash_finish(&mu, out->mu, sizeof out->mu);
    CT_PUBLIC(out, sizeof *out);
    for (unsigned i = 0; i < TECDSA_RVOLE_INPUTS; i++) {
        weigh(of->gadget, scratch, i, &c[i]);
        tecdsa_scalar_neg(&c[i], &c[i]);
    }
    wipe(all, sizeof all);
    wipe(&v, sizeof v);
    wipe(scratch, sizeof *scratch);
}

/* pad + beta_j a, for every row, into the scratch. */
static enum err unmask_rows(const uint8_t domain[TECDSA_HASH_LEN], const struct tecdsa_rows *t,
                            const uint8_t beta[TECDSA_BETA_LEN],
                            const struct tecdsa_rvole_message *in,
                            struct tecdsa_rvole_scratch *scratch)
{
    struct tecdsa_hash_head head;
    uint8_t indexed[4][INDEXED_LEN];
    scalars pads[4];
    bool good = true;

    start_pads(domain, &head);
    for (unsigned j = 0; j < TECDSA_XI; j += 4) {
        for (unsigned i = 0; i < 4; i++) {
            index_row(j + i, t->row[j + i], NULL, indexed[i]);
        }
        four_pads(&head, (const uint8_t(*)[INDEXED_LEN])indexed, pads);
        for (unsigned i = 0; i < 4; i++) {
            for (unsigned c = 0; c < TECDSA_RVOLE_WIDTH; c++) {
                struct tecdsa_scalar v;

                good &= tecdsa_scalar_decode(in->a[j + i][c], &v) == ERR_OK;
                tecdsa_scalar_mask(bit_mask(beta, j + i), &v, &v);
                tecdsa_scalar_add(&pads[i][c], &v, &scratch->pad[j + i][c]);
            }
        }
    }
    wipe(indexed, sizeof indexed);
    wipe(pads, sizeof pads);
    return good ? ERR_OK : ERR_RANGE;
}

static enum err check_rows(const uint8_t domain[TECDSA_HASH_LEN],
                           const uint8_t beta[TECDSA_BETA_LEN],
                           const struct tecdsa_rvole_message *in,
                           const struct tecdsa_rvole_scratch *scratch)
{
    struct joint joint;
    struct tecdsa_hash mu;
    struct tecdsa_scalar eta[TECDSA_RVOLE_CHECKS];
    uint8_t have[sizeof in->mu];
    uint32_t good;

    for (unsigned k = 0; k < TECDSA_RVOLE_CHECKS; k++) {
        TRY(tecdsa_scalar_decode(in->eta[k], &eta[k]));
    }
    join(domain, in, &joint);
    start_mu(domain, &mu);
    for (unsigned j = 0; j < TECDSA_XI; j++) {
        for (unsigned k = 0; k < TECDSA_RVOLE_CHECKS; k++) {
            struct tecdsa_scalar v;
            struct tecdsa_scalar less;

            joined(&joint, scratch->pad[j], k, &v);
            tecdsa_scalar_mask(bit_mask(beta, j), &eta[k], &less);
            tecdsa_scalar_sub(&v, &less, &v);
            absorb(&mu, &v);
        }
    }
    tecdsa_hash_finish(&mu, have, sizeof have);
    good = ct_equal(have, in->mu, sizeof have);
    CT_PUBLIC(&good, sizeof good);
    return good != 0 ? ERR_OK : ERR_MISMATCH;
}

enum err tecdsa_rvole_receive(const struct tecdsa_rvole_of *of, const struct tecdsa_rows *t,
                              const uint8_t beta[TECDSA_BETA_LEN],
                              const struct tecdsa_rvole_message *in,
                              struct tecdsa_rvole_scratch *scratch,
                              struct tecdsa_scalar d[TECDSA_RVOLE_INPUTS])
{
    uint8_t domain[TECDSA_HASH_LEN];
    enum err e;

    memset(d, 0, sizeof d[0] * TECDSA_RVOLE_INPUTS);
    domain_of(of, domain);
    e = unmask_rows(domain, t, beta, in, scratch);
    if (e == ERR_OK) {
        e = check_rows(domain, beta, in, scratch);
    }
    for (unsigned i = 0; i < TECDSA_RVOLE_INPUTS && e == ERR_OK; i++) {
        weigh(of->gadget, scratch, i, &d[i]);
    }
    wipe(scratch, sizeof *scratch);
    return e;
}
