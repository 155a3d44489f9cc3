#include "client/inspect/inspect.h"

#include "client/inspect/inspect_record.h"
#include "client/inspect/inspect_token.h"
#include "client/inspect/tsq.h"
#include "client/token/cert_facts.h"
#include "client/token/csr_facts.h"
#include "client/token/key_facts.h"
#include "client/trust/trust_parts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool is_certificate(struct view der)
{
    const unsigned char *p = der.p;
    X509 *x = der.n > LONG_MAX ? NULL : d2i_X509(NULL, &p, (long)der.n);
    const bool is = x != NULL && p == der.p + der.n;

    X509_free(x);
    ERR_clear_error();
    return is;
}

enum inspect_kind inspect_kind_of(struct view bytes)
{
    static const char block[] = "-----BEGIN CERTIFICATE-----";
    struct csr_list requests;
    struct key_facts key;
    struct tsq q;
    struct token t;

    if (bytes.n == 0) {
        return INSPECT_UNKNOWN;
    }
    if (memmem(bytes.p, bytes.n, block, sizeof block - 1) != NULL || is_certificate(bytes)) {
        return INSPECT_CERTIFICATES;
    }
    if (csr_facts_read(bytes, &requests) != ERR_TAG) {
        return INSPECT_REQUESTS;
    }
    if (key_facts_read(bytes, &key) != ERR_TAG) {
        return INSPECT_KEY;
    }
    if (tsq_parse(bytes, &q) == ERR_OK) {
        return INSPECT_QUERY;
    }
    enum inspect_kind kind = INSPECT_UNKNOWN;

    if (token_open(bytes, &t) == ERR_OK && t.der_err == ERR_OK) {
        if (!t.is_resp) {
            kind = INSPECT_TOKEN;
        } else if (t.resp_err == ERR_OK) {
            kind = INSPECT_REPLY;
        }
    }
    token_close(&t);
    return kind;
}

static enum err load_certificates(struct view bytes, struct trust **out)
{
    TRY(trust_new(out));
    const enum err e = trust_add(*out, TRUST_UNTRUSTED, bytes);

    if (e != ERR_OK) {
        trust_free(*out);
        *out = NULL;
    }
    return e;
}

static enum err print_certificates(struct view bytes, FILE *out)
{
    struct trust *t = NULL;

    TRY(load_certificates(bytes, &t));
    (void)fprintf(out, "certificates: %d\n", sk_X509_num(t->untrusted));
    for (int i = 0; i < sk_X509_num(t->untrusted); i++) {
        (void)fprintf(out, "  certificate %d:\n", i + 1);
        cert_facts_print(sk_X509_value(t->untrusted, i), out);
    }
    trust_free(t);
    return ERR_OK;
}

static enum err json_certificates(struct view bytes, json_t **j)
{
    struct trust *t = NULL;
    json_t *list = json_array();

    const enum err e = load_certificates(bytes, &t);

    for (int i = 0; e == ERR_OK && i < sk_X509_num(t->untrusted); i++) {
        (void)json_array_append_new(list, cert_facts_json(sk_X509_value(t->untrusted, i)));
    }
    trust_free(t);
    if (e != ERR_OK) {
        json_decref(list);
        return e;
    }
    *j = json_pack("{s:s, s:o}", "kind", "certificates", "certificates", list);
    return ERR_OK;
}

static enum err print_token(struct view der, FILE *out)
{
    struct token t;
    enum err e = token_open(der, &t);

    if (e == ERR_OK) {
        inspect_token_print(&t, out);
        e = inspect_record_print(der, &t, out);
    }
    token_close(&t);
    return e;
}

static enum err json_token(struct view der, json_t **j)
{
    struct token t;
    json_t *record = NULL;
    enum err e = token_open(der, &t);

    if (e == ERR_OK) {
        e = inspect_record_json(der, &t, &record);
    }
    if (e == ERR_OK) {
        *j = inspect_token_json(&t);
    }
    if (e == ERR_OK && *j != NULL && record != NULL) {
        (void)json_object_set(*j, "evidence_record", record);
    }
    json_decref(record);
    token_close(&t);
    return e;
}

static enum err print_der(struct view der, FILE *out)
{
    struct csr_list requests;
    struct key_facts key;
    struct tsq q;

    switch (inspect_kind_of(der)) {
    case INSPECT_UNKNOWN:
        return ERR_TAG;
    case INSPECT_CERTIFICATES:
        return print_certificates(der, out);
    case INSPECT_REQUESTS:
        TRY(csr_facts_read(der, &requests));
        csr_facts_print(&requests, out);
        return ERR_OK;
    case INSPECT_KEY:
        TRY(key_facts_read(der, &key));
        key_facts_print(&key, out);
        return ERR_OK;
    case INSPECT_QUERY:
        TRY(tsq_parse(der, &q));
        (void)fputs("TimeStampReq\n", out);
        tsq_print(&q, out);
        return ERR_OK;
    case INSPECT_REPLY:
    case INSPECT_TOKEN:
        return print_token(der, out);
    }
    return ERR_BUG;
}

static enum err json_der(struct view der, json_t **j)
{
    struct csr_list requests;
    struct key_facts key;
    struct tsq q;

    switch (inspect_kind_of(der)) {
    case INSPECT_UNKNOWN:
        return ERR_TAG;
    case INSPECT_CERTIFICATES:
        return json_certificates(der, j);
    case INSPECT_REQUESTS:
        TRY(csr_facts_read(der, &requests));
        *j = csr_facts_json(&requests);
        return ERR_OK;
    case INSPECT_KEY:
        TRY(key_facts_read(der, &key));
        *j = key_facts_json(&key);
        return ERR_OK;
    case INSPECT_QUERY:
        TRY(tsq_parse(der, &q));
        *j = json_pack("{s:s, s:o}", "kind", "TimeStampReq", "query", tsq_json(&q));
        return ERR_OK;
    case INSPECT_REPLY:
    case INSPECT_TOKEN:
        return json_token(der, j);
    }
    return ERR_BUG;
}

/* PEM of a token is taken off; of certificates and requests it stays, for there may be several;
 * of a key, for it says which. */
static enum err unwrap(struct view bytes, uint8_t **room, struct view *der)
{
    const enum inspect_kind kind = inspect_kind_of(bytes);

    if (kind == INSPECT_CERTIFICATES || kind == INSPECT_REQUESTS || kind == INSPECT_KEY) {
        *room = NULL;
        *der = bytes;
        return ERR_OK;
    }
    return token_unwrap_pem(bytes, room, der);
}

enum err inspect_print(struct view bytes, FILE *out)
{
    uint8_t *room = NULL;
    struct view der;

    TRY(unwrap(bytes, &room, &der));
    const enum err e = print_der(der, out);

    free(room);
    return e;
}

enum err inspect_json(struct view bytes, json_t **j)
{
    uint8_t *room = NULL;
    struct view der;

    *j = NULL;
    TRY(unwrap(bytes, &room, &der));
    enum err e = json_der(der, j);

    free(room);
    if (e == ERR_OK && *j == NULL) {
        e = ERR_NOSPACE;
    }
    return e;
}
