#include "host/authority/dev_request.h"

#if defined(QUORATE_SIMULATED)

#include "base/hex.h"
#include "crypto/hash.h"
#include "format/pem.h"

#include <stdio.h>
#include <string.h>

/* ---- requests ---- */

static enum err refuse(char why[DEV_WHY_MAX], enum err e, size_t number, const char *what)
{
    (void)snprintf(why, DEV_WHY_MAX, "request %zu: %s", number, what);
    return e;
}

/* Whether the key of c is asked for already. */
static bool is_twice(const struct dev_request *q, const struct csr *c)
{
    for (size_t i = 0; i < q->n_classic; i++) {
        if (view_equal(q->classic[i].spki, c->spki)) {
            return true;
        }
    }
    return false;
}

static enum err add(struct dev_request *q, const struct csr *c, size_t number,
                    char why[DEV_WHY_MAX])
{
    if (q->has_pq) {
        return refuse(why, ERR_TRAILING, number, "nothing follows that of the ML-DSA-65 key");
    }
    if (c->alg == SIGN_ML_DSA_65) {
        q->pq = *c;
        q->has_pq = true;
        return ERR_OK;
    }
    if (is_twice(q, c)) {
        return refuse(why, ERR_RANGE, number, "a key that is asked for already");
    }
    if (q->n_classic == DEV_CLASSIC_MAX) {
        return refuse(why, ERR_NOSPACE, number, "too many of P-384 keys");
    }
    q->classic[q->n_classic++] = *c;
    return ERR_OK;
}

static enum err take(struct dev_request *q, struct view der, size_t number,
                     char why[DEV_WHY_MAX])
{
    static struct csr_scratch scratch;
    struct csr c;

    if (csr_parse(der, &c) != ERR_OK) {
        return refuse(why, ERR_ENCODING, number,
                      "no PKCS#10 of a P-384 key with SHA-384 or an ML-DSA-65 key");
    }
    if (csr_verify(&c, &scratch) != ERR_OK) {
        return refuse(why, ERR_SIGNATURE, number,
                      "no proof of possession: not signed by the key that it names");
    }
    if (c.attributes.n > 0) {
        return refuse(why, ERR_EXTENSION, number, "it asks for more than a certificate");
    }
    return add(q, &c, number, why);
}

static enum err read_requests(struct view pem, struct dev_request *q, char why[DEV_WHY_MAX])
{
    struct reader r = rd_init(pem);
    struct writer space = wr_init(q->space, sizeof q->space);
    struct view der;

    for (size_t number = 1;; number++) {
        const enum err e =
            pem_parse(&r, CSR_PEM_LABEL, space.p + space.len, space.cap - space.len, &der);

        if (e == ERR_TRAILING && number > 1) {
            break;
        }
        if (e != ERR_OK) {
            return refuse(why, ERR_ENCODING, number,
                          e == ERR_TRAILING ? "there is none" : "damaged PEM");
        }
        space.len += der.n;
        TRY(take(q, der, number, why));
    }
    return q->n_classic > 0 ? ERR_OK : refuse(why, ERR_RANGE, 1, "none is of a P-384 key");
}

/* ---- environment ---- */

/* 1 to QUORATE_BINDING_TOTAL_MAX. */
static enum err read_number(const char *text, uint32_t *out)
{
    uint32_t n = 0;

    for (const char *at = text; at != NULL && *at >= '0' && *at <= '9' && n < 100; at++) {
        n = n * 10 + (uint32_t)(*at - '0');
        if (at[1] == '\0') {
            *out = n;
            return n >= 1 && n <= QUORATE_BINDING_TOTAL_MAX ? ERR_OK : ERR_STATE;
        }
    }
    return ERR_STATE;
}

static enum err read_environment(const char *epoch_id, const char *threshold, const char *total,
                                 struct dev_request *q)
{
    size_t n = 0;

    if (epoch_id == NULL ||
        hex_parse(epoch_id, q->epoch_id, sizeof q->epoch_id, &n) != ERR_OK ||
        n != sizeof q->epoch_id) {
        return ERR_STATE;
    }
    TRY(read_number(threshold, &q->threshold));
    TRY(read_number(total, &q->total));
    return q->threshold <= q->total ? ERR_OK : ERR_STATE;
}

enum err dev_request_parse(struct view pem, const char *epoch_id, const char *threshold,
                           const char *total, struct dev_request *out, char why[DEV_WHY_MAX])
{
    memset(out, 0, sizeof *out);
    (void)snprintf(why, DEV_WHY_MAX,
                   "QUORATE_EPOCH_ID, QUORATE_THRESHOLD and QUORATE_TOTAL do not say what to "
                   "certify");
    enum err e = read_environment(epoch_id, threshold, total, out);

    if (e == ERR_OK) {
        e = read_requests(pem, out, why);
    }
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

/* ---- answer ---- */

/* The binding of a leaf that names the keys of these requests. */
static enum err write_binding(const struct dev_request *q, uint32_t threshold,
                              const struct csr *others, size_t n_others, struct writer *w,
                              struct view *out)
{
    uint8_t hashes[QUORATE_BINDING_KEYS_MAX][HASH_MAX];
    struct quorate_binding b = {
        .epoch_id = {q->epoch_id, sizeof q->epoch_id},
        .n_other_keys = n_others,
        .threshold = threshold,
        .total = q->total,
        .assurance = ASSURANCE_SIMULATED,
    };

    for (size_t i = 0; i < n_others; i++) {
        hash_once(HASH_SHA384, others[i].spki, hashes[i]);
        b.other_keys[i] = (struct view){hashes[i], QUORATE_BINDING_HASH_LEN};
    }
    if (q->attested) {
        b.policy_hash = (struct view){q->policy_hash, sizeof q->policy_hash};
        b.record_id = (struct view){q->record_id, sizeof q->record_id};
        b.n_measurements = q->n_measurements;
        for (size_t i = 0; i < q->n_measurements; i++) {
            b.measurements[i] = (struct view){q->measurements[i], QUORATE_BINDING_HASH_LEN};
        }
    }
    TRY(quorate_binding_write(w, &b));
    return wr_finish(w, out);
}

enum err dev_request_answer(const struct dev_request *q, const struct dev_ca *ca,
                            struct dev_ca_pq *ca_pq, int64_t now_s, struct writer *w)
{
    uint8_t bytes[2][QUORATE_BINDING_ROOM];
    struct writer classic = wr_init(bytes[0], sizeof bytes[0]);
    struct writer pq = wr_init(bytes[1], sizeof bytes[1]);
    struct view binding;

    TRY(write_binding(q, q->n_classic > 1 ? 1 : q->threshold, &q->pq, q->has_pq ? 1 : 0,
                      &classic, &binding));
    for (size_t i = 0; i < q->n_classic; i++) {
        TRY(dev_ca_issue(ca, q->classic[i].spki, binding, now_s, w));
    }
    if (!q->has_pq) {
        return ERR_OK;
    }
    TRY(write_binding(q, q->threshold, q->classic, q->n_classic, &pq, &binding));
    return dev_ca_pq_issue(ca_pq, q->pq.spki, binding, now_s, w);
}

#endif
