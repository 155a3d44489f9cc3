#include "client/inspect/inspect_token.h"

#include "client/kit/diag.h"
#include "client/token/cert_facts.h"
#include "client/token/token_facts.h"
#include "client/trust/chain.h"
#include "format/ber.h"
#include "format/der.h"
#include "format/oid.h"

#include <limits.h>

#define TEXT_MAX TOKEN_FACTS_TEXT_MAX

/* "ecdsa-with-SHA384", or the dotted text. */
static void oid_text(struct view body, char out[TEXT_MAX])
{
    const enum oid_id id = oid_find(body);

    if (id != OID_NONE) {
        (void)snprintf(out, TEXT_MAX, "%s", oid_name(id));
    } else if (oid_to_text(body, out) != ERR_OK) {
        (void)snprintf(out, TEXT_MAX, "unreadable");
    }
}

static void name_text(struct view der, char out[TEXT_MAX])
{
    const unsigned char *p = der.p;
    X509_NAME *name = der.n > LONG_MAX ? NULL : d2i_X509_NAME(NULL, &p, (long)der.n);

    if (name == NULL) {
        (void)snprintf(out, TEXT_MAX, "unreadable");
    } else {
        chain_name_text(name, out, TEXT_MAX);
    }
    X509_NAME_free(name);
    ERR_clear_error();
}

static X509 *certificate(const struct signed_data *sd, size_t i)
{
    struct view der;

    if (cms_certificate(sd, i, &der) != ERR_OK || der.n > LONG_MAX) {
        return NULL;
    }
    const unsigned char *p = der.p;
    X509 *x = d2i_X509(NULL, &p, (long)der.n);

    ERR_clear_error();
    return x;
}

/* The bits that are set, by name; "none". */
static void fail_text(const struct tsp_resp *r, char *out, size_t cap)
{
    size_t n = 0;

    (void)snprintf(out, cap, "none");
    for (unsigned bit = 0; bit < 32 && n < cap; bit++) {
        if ((r->fail_info >> bit & 1) != 0) {
            n += (size_t)snprintf(out + n, cap - n, "%s%s", n == 0 ? "" : ", ",
                                  tsp_resp_fail_name(bit));
        }
    }
}

static void flaws_text(uint32_t flaws, char *out, size_t cap)
{
    size_t n = 0;

    (void)snprintf(out, cap, "DER");
    for (unsigned bit = 1; bit <= BER_FLAW_ALL && n < cap; bit <<= 1) {
        if ((flaws & bit) != 0) {
            n += (size_t)snprintf(out + n, cap - n, "%s%s", n == 0 ? "BER: " : ", ",
                                  ber_flaw_name((enum ber_flaw)bit));
        }
    }
}

static void print_status(const struct tsp_resp *r, FILE *out)
{
    struct reader texts = rd_init(r->status_string);
    struct view text;
    char line[TEXT_MAX];

    (void)fprintf(out, "  status:   %u %s\n", (unsigned)r->status,
                  tsp_resp_status_name(r->status));
    while (tsp_resp_next_text(&texts, &text) == ERR_OK) {
        diag_escape(text, line, sizeof line);
        (void)fprintf(out, "  text:     %s\n", line);
    }
    if (r->has_fail_info) {
        fail_text(r, line, sizeof line);
        (void)fprintf(out, "  failInfo: %s\n", line);
    }
}

static void print_attributes(const struct signer_info *s, FILE *out)
{
    struct reader r;
    struct cms_attr attr;
    char line[TEXT_MAX];

    if (cms_attrs_open(s->signed_attrs, &r) == ERR_OK) {
        while (cms_attrs_next(&r, &attr) == ERR_OK) {
            oid_text(attr.type, line);
            (void)fprintf(out, "    signed attribute: %s\n", line);
        }
    }
    if (cms_attrs_open(s->unsigned_attrs, &r) == ERR_OK) {
        while (cms_attrs_next(&r, &attr) == ERR_OK) {
            oid_text(attr.type, line);
            (void)fprintf(out, "    unsigned attribute: %s\n", line);
        }
    }
}

static void print_signer(const struct signer_info *s, FILE *out)
{
    char line[TEXT_MAX];

    if (s->ski.n > 0) {
        token_facts_hex(s->ski, line, sizeof line);
        (void)fprintf(out, "    key identifier: %s\n", line);
    } else {
        name_text(s->issuer, line);
        (void)fprintf(out, "    issuer:    %s\n", line);
        token_facts_integer(s->serial, line, sizeof line);
        (void)fprintf(out, "    serial:    %s\n", line);
    }
    oid_text(s->digest_alg.oid, line);
    (void)fprintf(out, "    digest:    %s\n", line);
    oid_text(s->signature_alg.oid, line);
    (void)fprintf(out, "    signature: %s, %zu bytes\n", line, s->signature.n);
    print_attributes(s, out);
}

static void print_signers(const struct signed_data *sd, FILE *out)
{
    struct reader r = rd_init(sd->signer_infos);
    struct signer_info s;

    (void)fprintf(out, "  SignerInfos: %zu\n", sd->n_signers);
    while (cms_parse_signer(&r, &s) == ERR_OK) {
        print_signer(&s, out);
    }
}

static void print_certificates(const struct signed_data *sd, FILE *out)
{
    (void)fprintf(out, "  certificates: %zu\n", sd->n_certificates);
    for (size_t i = 0; i < sd->n_certificates; i++) {
        X509 *x = certificate(sd, i);

        (void)fprintf(out, "  certificate %zu:%s\n", i + 1, x == NULL ? " unreadable" : "");
        if (x != NULL) {
            cert_facts_print(x, out);
        }
        X509_free(x);
    }
}

void inspect_token_print(const struct token *t, FILE *out)
{
    char line[TEXT_MAX];

    (void)fputs(t->is_resp ? "TimeStampResp\n" : "TimeStampToken\n", out);
    if (t->is_resp) {
        print_status(&t->resp, out);
    }
    flaws_text(t->flaws, line, sizeof line);
    (void)fprintf(out, "  encoding: %s\n", line);
    if (!t->has_token) {
        return;
    }
    if (t->cms_err != ERR_OK) {
        (void)fprintf(out, "  SignedData cannot be read (%s)\n", err_name(t->cms_err));
        return;
    }
    if (t->tst_err == ERR_OK) {
        token_facts_print(&t->tst, out);
    } else {
        (void)fprintf(out, "  TSTInfo cannot be read (%s)\n", err_name(t->tst_err));
    }
    print_signers(&t->cms, out);
    print_certificates(&t->cms, out);
}

static json_t *attributes_json(struct view attrs)
{
    json_t *list = json_array();
    struct reader r;
    struct cms_attr attr;
    char name[TEXT_MAX];

    if (cms_attrs_open(attrs, &r) == ERR_OK) {
        while (cms_attrs_next(&r, &attr) == ERR_OK) {
            oid_text(attr.type, name);
            (void)json_array_append_new(list, json_string(name));
        }
    }
    return list;
}

static json_t *signer_json(const struct signer_info *s)
{
    char issuer[TEXT_MAX] = "";
    char id[TEXT_MAX];
    char digest[TEXT_MAX];
    char signature[TEXT_MAX];
    const bool by_key = s->ski.n > 0;

    if (by_key) {
        token_facts_hex(s->ski, id, sizeof id);
    } else {
        name_text(s->issuer, issuer);
        token_facts_integer(s->serial, id, sizeof id);
    }
    oid_text(s->digest_alg.oid, digest);
    oid_text(s->signature_alg.oid, signature);
    return json_pack("{s:i, s:s*, s:s*, s:s*, s:s, s:s, s:o, s:o}", "version", (int)s->version,
                     "issuer", by_key ? NULL : issuer, "serial_number", by_key ? NULL : id,
                     "subject_key_identifier", by_key ? id : NULL, "digest_algorithm", digest,
                     "signature_algorithm", signature, "signed_attrs",
                     attributes_json(s->signed_attrs), "unsigned_attrs",
                     attributes_json(s->unsigned_attrs));
}

/* Those after the first; NULL: there are none. */
static json_t *more_signers_json(const struct signed_data *sd)
{
    struct reader r = rd_init(sd->signer_infos);
    struct signer_info s;
    json_t *list = sd->n_signers > 1 ? json_array() : NULL;

    for (size_t i = 0; list != NULL && cms_parse_signer(&r, &s) == ERR_OK; i++) {
        if (i > 0) {
            (void)json_array_append_new(list, signer_json(&s));
        }
    }
    return list;
}

static json_t *certificates_json(const struct signed_data *sd)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sd->n_certificates; i++) {
        X509 *x = certificate(sd, i);

        (void)json_array_append_new(list, x == NULL ? json_null() : cert_facts_json(x));
        X509_free(x);
    }
    return list;
}

static json_t *status_json(const struct tsp_resp *r)
{
    json_t *texts = json_array();
    json_t *fails = json_array();
    struct reader rest = rd_init(r->status_string);
    struct view text;
    char line[TEXT_MAX];

    while (tsp_resp_next_text(&rest, &text) == ERR_OK) {
        diag_escape(text, line, sizeof line);
        (void)json_array_append_new(texts, json_string(line));
    }
    for (unsigned bit = 0; bit < 32; bit++) {
        if ((r->fail_info >> bit & 1) != 0) {
            (void)json_array_append_new(fails, json_string(tsp_resp_fail_name(bit)));
        }
    }
    return json_pack("{s:i, s:s, s:o, s:o}", "status", (int)r->status, "name",
                     tsp_resp_status_name(r->status), "status_string", texts, "fail_info",
                     fails);
}

json_t *inspect_token_json(const struct token *t)
{
    char flaws[TEXT_MAX];
    const bool read = t->has_token && t->cms_err == ERR_OK;

    flaws_text(t->flaws, flaws, sizeof flaws);
    return json_pack("{s:s, s:s, s:o*, s:o*, s:o*, s:o*, s:o*}", "kind",
                     t->is_resp ? "TimeStampResp" : "TimeStampToken", "encoding", flaws,
                     "pki_status", t->is_resp ? status_json(&t->resp) : NULL, "tst_info",
                     read && t->tst_err == ERR_OK ? token_facts_json(&t->tst) : NULL,
                     "signer_info",
                     read && t->cms.n_signers > 0 ? signer_json(&t->cms.signer) : NULL,
                     "more_signer_infos", read ? more_signers_json(&t->cms) : NULL,
                     "certificates", read ? certificates_json(&t->cms) : NULL);
}
