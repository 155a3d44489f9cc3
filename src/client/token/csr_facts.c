#include "client/token/csr_facts.h"

#include "client/kit/openssl.h"
#include "client/trust/chain.h"
#include "format/csr.h"
#include "format/der.h"
#include "format/pem.h"

#include <stdlib.h>
#include <string.h>

static void write_subject(struct view name, char *out, size_t cap)
{
    const unsigned char *p = name.p;
    X509_NAME *x = d2i_X509_NAME(NULL, &p, (long)name.n);

    if (x != NULL) {
        chain_name_text(x, out, cap);
    } else {
        (void)snprintf(out, cap, "unreadable");
    }
    X509_NAME_free(x);
    ERR_clear_error();
}

static enum err verify(const struct csr *c)
{
    struct csr_scratch *x = aligned_alloc(_Alignof(struct csr_scratch), sizeof *x);
    const enum err e = x != NULL ? csr_verify(c, x) : ERR_NOSPACE;

    free(x);
    return e;
}

static enum err take(struct view der, struct csr_list *l)
{
    struct csr_facts *f = &l->of[l->n];
    struct csr c;

    TRY(csr_parse(der, &c));
    write_subject(c.subject, f->subject, sizeof f->subject);
    key_facts_algorithm(c.spki, f->algorithm);
    key_facts_hash(c.spki, f->sha384);
    f->attributes = c.attributes.n > 0;
    f->proof = verify(&c);
    l->n++;
    return f->proof == ERR_NOSPACE ? ERR_NOSPACE : ERR_OK;
}

static enum err read_pem(struct view text, struct csr_list *l)
{
    struct reader r = rd_init(text);
    uint8_t room[CSR_MAX];
    struct view der;

    for (;;) {
        const enum err e = pem_parse(&r, CSR_PEM_LABEL, room, sizeof room, &der);

        if (e == ERR_TRAILING) {
            return l->n > 0 ? ERR_OK : ERR_TAG;
        }
        TRY(e);
        if (l->n == CSR_FACTS_MAX) {
            return ERR_NOSPACE;
        }
        TRY(take(der, l));
    }
}

enum err csr_facts_read(struct view bytes, struct csr_list *out)
{
    static const char block[] = "-----BEGIN " CSR_PEM_LABEL "-----";
    enum err e;

    memset(out, 0, sizeof *out);
    if (bytes.n > 0 && bytes.p[0] == DER_SEQUENCE) {
        e = take(bytes, out) == ERR_OK ? ERR_OK : ERR_TAG; /* it may be any other element */
    } else {
        e = bytes.n > 0 && memmem(bytes.p, bytes.n, block, sizeof block - 1) != NULL
                ? read_pem(bytes, out)
                : ERR_TAG;
    }
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

void csr_facts_print(const struct csr_list *l, FILE *out)
{
    (void)fprintf(out, "certificate requests: %zu\n", l->n);
    for (size_t i = 0; i < l->n; i++) {
        const struct csr_facts *f = &l->of[i];

        (void)fprintf(out, "  request %zu:\n    subject:   %s\n    key:       %s\n", i + 1,
                      f->subject, f->algorithm);
        (void)fprintf(out, "    sha384:    %s\n", f->sha384);
        (void)fprintf(out, "    asks for:  %s\n",
                      f->attributes ? "attributes, not shown" : "a certificate alone");
        (void)fprintf(out, "    proof of possession: %s%s%s\n",
                      f->proof == ERR_OK ? "genuine" : "NOT GENUINE (",
                      f->proof == ERR_OK ? "" : err_name(f->proof),
                      f->proof == ERR_OK ? "" : ")");
    }
}

json_t *csr_facts_json(const struct csr_list *l)
{
    json_t *list = json_array();

    for (size_t i = 0; i < l->n; i++) {
        const struct csr_facts *f = &l->of[i];

        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b, s:b}", "subject",
                                                    f->subject, "algorithm", f->algorithm,
                                                    "spki_sha384", f->sha384, "attributes",
                                                    (int)f->attributes, "proof_of_possession",
                                                    (int)(f->proof == ERR_OK)));
    }
    return json_pack("{s:s, s:o}", "kind", "certificate requests", "requests", list);
}
