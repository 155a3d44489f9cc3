#include "host/authority/dev_request.h"

#if defined(QUORATE_SIMULATED)

#include "base/hex.h"
#include "crypto/hash.h"
#include "format/pem.h"
#include "format/quorate_binding.h"

#include <string.h>

/* ERR_TRAILING: there is no further key. */
static enum err next_key(struct reader *r, struct writer *space, struct view *out)
{
    uint8_t *const at = space->p + space->len;

    TRY(pem_parse(r, "PUBLIC KEY", at, space->cap - space->len, out));
    space->len += out->n;
    return out->n > 0 ? ERR_OK : ERR_ENCODING;
}

static enum err read_keys(struct view pem, struct dev_request *out)
{
    struct reader r = rd_init(pem);
    struct writer space = wr_init(out->space, sizeof out->space);
    struct view more;

    if (next_key(&r, &space, &out->classic) != ERR_OK) {
        return ERR_ENCODING;
    }
    enum err e = next_key(&r, &space, &out->pq);

    if (e == ERR_OK) {
        e = next_key(&r, &space, &more);
    }
    return e == ERR_TRAILING ? ERR_OK : ERR_ENCODING; /* no third, and nothing damaged */
}

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

static enum err parse(struct view keys_pem, const char *epoch_id, const char *threshold,
                      const char *total, struct dev_request *out)
{
    size_t n = 0;

    TRY(read_keys(keys_pem, out));
    if (epoch_id == NULL ||
        hex_parse(epoch_id, out->epoch_id, sizeof out->epoch_id, &n) != ERR_OK ||
        n != sizeof out->epoch_id) {
        return ERR_STATE;
    }
    TRY(read_number(threshold, &out->threshold));
    TRY(read_number(total, &out->total));
    return out->threshold <= out->total ? ERR_OK : ERR_STATE;
}

enum err dev_request_parse(struct view keys_pem, const char *epoch_id, const char *threshold,
                           const char *total, struct dev_request *out)
{
    memset(out, 0, sizeof *out);
    const enum err e = parse(keys_pem, epoch_id, threshold, total, out);

    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

/* Writes the binding of a leaf. other: the other key's SubjectPublicKeyInfo; n == 0: none. */
static enum err write_binding(const struct dev_request *q, struct view other, struct writer *w,
                              struct view *out)
{
    uint8_t hash[QUORATE_BINDING_HASH_LEN];
    const struct quorate_binding b = {
        .epoch_id = {q->epoch_id, sizeof q->epoch_id},
        .n_other_keys = other.n > 0 ? 1 : 0,
        .other_keys = {{hash, sizeof hash}},
        .threshold = q->threshold,
        .total = q->total,
        .assurance = ASSURANCE_SIMULATED,
    };

    hash_once(HASH_SHA384, other, hash);
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

    TRY(write_binding(q, q->pq, &classic, &binding));
    TRY(dev_ca_issue(ca, q->classic, binding, now_s, w));
    if (q->pq.n == 0) {
        return ERR_OK;
    }
    TRY(write_binding(q, q->classic, &pq, &binding));
    return dev_ca_pq_issue(ca_pq, q->pq, binding, now_s, w);
}

#endif
