#include "format/tst_info.h"

#include "format/der.h"
#include "format/gen_time.h"
#include "format/hash_oid.h"

static const uint8_t version[] = {0x02, 0x01, 0x01};
static const uint8_t ordering[] = {0x01, 0x01, 0xff}; /* BOOLEAN TRUE, X.690 11.1 */

/* Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] INTEGER (1..999) OPTIONAL,
 *                         micros [1] INTEGER (1..999) OPTIONAL }
 * A part that is zero is absent. Returns the bytes of the element, at most ACCURACY_MAX. */
#define ACCURACY_MAX 11

static struct view accuracy_element(uint32_t accuracy_ms, uint8_t out[ACCURACY_MAX])
{
    const uint32_t s = accuracy_ms / 1000;
    const uint32_t ms = accuracy_ms % 1000;
    const uint8_t s_be[] = {(uint8_t)(s >> 16), (uint8_t)(s >> 8), (uint8_t)s};
    const uint8_t ms_be[] = {(uint8_t)(ms >> 8), (uint8_t)ms};
    uint8_t parts[ACCURACY_MAX - 2];
    struct writer p = wr_init(parts, sizeof parts);
    struct writer w = wr_init(out, ACCURACY_MAX);

    if (s > 0) {
        der_write_unsigned(&p, DER_INTEGER, (struct view){s_be, sizeof s_be});
    }
    if (ms > 0) {
        der_write_unsigned(&p, DER_PRIMITIVE_0, (struct view){ms_be, sizeof ms_be});
    }
    der_write(&w, DER_SEQUENCE, (struct view){parts, p.len});
    return (struct view){out, w.len};
}

static bool fields_hold(const struct tst_info *t)
{
    uint8_t any = 0;

    for (size_t i = 0; i < TST_SERIAL_LEN; i++) {
        any |= t->serial_number[i];
    }
    return any != 0 && (t->serial_number[0] & 0x80) == 0 && t->policy.n > 0 &&
           t->policy.n <= TST_POLICY_MAX && t->hashed_message.n > 0 &&
           t->hashed_message.n == hash_len(t->hash_alg) && t->accuracy_ms > 0 &&
           t->accuracy_ms <= TST_ACCURACY_MS_MAX && t->nonce.n <= TST_NONCE_MAX;
}

void tst_info_write(struct writer *w, const struct tst_info *t)
{
    const struct view serial = {t->serial_number, TST_SERIAL_LEN};
    const struct view alg = hash_oid_body(t->hash_alg);
    const size_t alg_len = der_len(alg.n);
    const size_t imprint_len = der_len(alg_len) + der_len(t->hashed_message.n);
    uint8_t time[GEN_TIME_TEXT_MAX];
    const size_t time_len = gen_time_write(t->gen_time_ms, time);
    uint8_t accuracy_bytes[ACCURACY_MAX];
    struct view accuracy;

    if (time_len == 0 || !fields_hold(t)) {
        w->full = true;
        return;
    }
    accuracy = accuracy_element(t->accuracy_ms, accuracy_bytes);
    der_head(w, DER_SEQUENCE,
             sizeof version + der_len(t->policy.n) + der_len(imprint_len) +
                 der_len(der_unsigned_len(serial)) + der_len(time_len) + accuracy.n +
                 (t->ordering ? sizeof ordering : 0) +
                 (t->nonce.n > 0 ? der_len(t->nonce.n) : 0));
    wr_bytes(w, version, sizeof version);
    der_write(w, DER_OID, t->policy);
    der_head(w, DER_SEQUENCE, imprint_len);
    der_head(w, DER_SEQUENCE, alg_len); /* parameters absent, RFC 5754 2 */
    der_write(w, DER_OID, alg);
    der_write(w, DER_OCTETS, t->hashed_message);
    der_write_unsigned(w, DER_INTEGER, serial);
    der_write(w, DER_GENERALIZED_TIME, (struct view){time, time_len});
    wr_view(w, accuracy);
    if (t->ordering) {
        wr_bytes(w, ordering, sizeof ordering);
    }
    if (t->nonce.n > 0) {
        der_write(w, DER_INTEGER, t->nonce);
    }
}
