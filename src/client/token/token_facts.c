#include "client/token/token_facts.h"

#include "base/hex.h"
#include "client/kit/openssl.h"
#include "client/token/digest.h"
#include "client/trust/chain.h"
#include "format/oid.h"

#include <limits.h>
#include <string.h>

_Static_assert(TOKEN_FACTS_TEXT_MAX >= OID_TEXT_MAX, "an OID fits");

void token_facts_time(const struct gen_time *t, char out[TIME_TEXT_LEN])
{
    time_text_write(t->s, t->ns, out);
}

void token_facts_accuracy(const struct tst_info_view *t, char out[TIME_TEXT_LEN])
{
    const uint64_t us = tst_info_accuracy_us(t);

    if (!t->has_accuracy) {
        (void)snprintf(out, TIME_TEXT_LEN, "not stated");
    } else if (us % 1000000 == 0) {
        (void)snprintf(out, TIME_TEXT_LEN, "%llu s", (unsigned long long)(us / 1000000));
    } else if (us % 1000 == 0) {
        (void)snprintf(out, TIME_TEXT_LEN, "%llu ms", (unsigned long long)(us / 1000));
    } else {
        (void)snprintf(out, TIME_TEXT_LEN, "%llu us", (unsigned long long)us);
    }
}

void token_facts_hash(struct view oid, char out[TOKEN_FACTS_TEXT_MAX])
{
    const struct digest_alg *md = digest_by_oid(oid);

    if (md != NULL) {
        (void)snprintf(out, TOKEN_FACTS_TEXT_MAX, "%s", md->name);
    } else if (oid_to_text(oid, out) != ERR_OK) {
        (void)snprintf(out, TOKEN_FACTS_TEXT_MAX, "unreadable");
    }
}

void token_facts_hex(struct view bytes, char *out, size_t cap)
{
    if (cap == 0) {
        return;
    }
    if (bytes.n > (cap - 1) / 2) {
        bytes.n = (cap - 1) / 2;
    }
    hex_write(bytes, out);
}

#define INTEGER_MAX 96 /* bytes shown: a nonce has at most 64, a serial number 20 */

void token_facts_integer(struct view body, char *out, size_t cap)
{
    uint8_t magnitude[INTEGER_MAX];
    const bool negative = body.n > 0 && body.p[0] >= 0x80;
    unsigned carry = 1;

    if (body.n > 1 && body.p[0] == 0) { /* only there to keep it positive */
        body.p++;
        body.n--;
    }
    if (!negative || body.n > sizeof magnitude || cap < 2) {
        token_facts_hex(body, out, cap);
        return;
    }
    for (size_t i = body.n; i > 0; i--) { /* two's complement: invert and add one */
        carry += (uint8_t)~body.p[i - 1];
        magnitude[i - 1] = (uint8_t)carry;
        carry >>= 8;
    }
    out[0] = '-';
    token_facts_hex((struct view){magnitude, body.n}, out + 1, cap - 1);
}

void token_facts_general_name(struct view general_name, char out[TOKEN_FACTS_TEXT_MAX])
{
    const unsigned char *p = general_name.p;
    GENERAL_NAME *g =
        general_name.n > LONG_MAX ? NULL : d2i_GENERAL_NAME(NULL, &p, (long)general_name.n);
    int type = 0;

    (void)snprintf(out, TOKEN_FACTS_TEXT_MAX, "unreadable");
    if (g != NULL) {
        const void *value = GENERAL_NAME_get0_value(g, &type);

        (void)snprintf(out, TOKEN_FACTS_TEXT_MAX, "another kind of name");
        if (type == GEN_DIRNAME) {
            chain_name_text(value, out, TOKEN_FACTS_TEXT_MAX);
        }
    }
    GENERAL_NAME_free(g);
    ERR_clear_error();
}

/* The fields as text, in the order of RFC 3161. "" stands for absent. */
struct facts {
    char time[TIME_TEXT_LEN];
    char accuracy[TIME_TEXT_LEN];
    char policy[TOKEN_FACTS_TEXT_MAX];
    char hash[TOKEN_FACTS_TEXT_MAX];
    char hashed_message[TOKEN_FACTS_TEXT_MAX];
    char serial[TOKEN_FACTS_TEXT_MAX];
    char nonce[TOKEN_FACTS_TEXT_MAX];
    char tsa[TOKEN_FACTS_TEXT_MAX];
};

static void gather(const struct tst_info_view *t, struct facts *f)
{
    *f = (struct facts){0};
    token_facts_time(&t->gen_time, f->time);
    token_facts_accuracy(t, f->accuracy);
    if (oid_to_text(t->policy, f->policy) != ERR_OK) {
        (void)snprintf(f->policy, sizeof f->policy, "unreadable");
    }
    token_facts_hash(t->hash_oid, f->hash);
    token_facts_hex(t->hashed_message, f->hashed_message, sizeof f->hashed_message);
    token_facts_integer(t->serial_number, f->serial, sizeof f->serial);
    token_facts_integer(t->nonce, f->nonce, sizeof f->nonce);
    if (t->tsa.n > 0) {
        token_facts_general_name(t->tsa, f->tsa);
    }
}

void token_facts_print(const struct tst_info_view *t, FILE *out)
{
    struct facts f;

    gather(t, &f);
    (void)fprintf(out, "  time:     %s\n", f.time);
    (void)fprintf(out, "  accuracy: %s%s\n", f.accuracy, t->has_accuracy ? ", either way" : "");
    (void)fprintf(out, "  imprint:  %s %s\n", f.hash, f.hashed_message);
    (void)fprintf(out, "  policy:   %s%s\n", f.policy,
                  oid_is_simulated_policy(t->policy) ? " (simulated: time untrusted)" : "");
    (void)fprintf(out, "  serial:   %s\n", f.serial);
    (void)fprintf(out, "  nonce:    %s\n", f.nonce[0] != '\0' ? f.nonce : "none");
    (void)fprintf(out, "  ordering: %s\n", t->ordering ? "true" : "false");
    if (f.tsa[0] != '\0') {
        (void)fprintf(out, "  tsa:      %s\n", f.tsa);
    }
    if (t->extensions.n > 0) {
        (void)fprintf(out, "  extensions: %zu bytes\n", t->extensions.n);
    }
}

json_t *token_facts_json(const struct tst_info_view *t)
{
    struct facts f;

    gather(t, &f);
    json_t *accuracy =
        t->has_accuracy
            ? json_pack("{s:I, s:i, s:i}", "seconds", (json_int_t)t->accuracy_s, "millis",
                        (int)t->accuracy_millis, "micros", (int)t->accuracy_micros)
            : json_null();

    return json_pack("{s:i, s:s, s:{s:s, s:s}, s:s, s:s, s:o, s:b, s:s*, s:s*, s:b}", "version",
                     (int)t->version, "policy", f.policy, "message_imprint", "hash_algorithm",
                     f.hash, "hashed_message", f.hashed_message, "serial_number", f.serial,
                     "gen_time", f.time, "accuracy", accuracy, "ordering", (int)t->ordering,
                     "nonce", f.nonce[0] != '\0' ? f.nonce : NULL, "tsa",
                     f.tsa[0] != '\0' ? f.tsa : NULL, "simulated",
                     (int)oid_is_simulated_policy(t->policy));
}
