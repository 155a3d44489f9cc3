#include "client/inspect/tsq.h"

#include "client/token/token_facts.h"
#include "format/der.h"
#include "format/oid.h"

static enum err parse_imprint(struct reader *r, struct tsq *q)
{
    struct reader imprint;
    struct reader alg;
    struct der_element params;

    TRY(der_enter(r, DER_SEQUENCE, &imprint));
    TRY(der_enter(&imprint, DER_SEQUENCE, &alg));
    TRY(der_read_oid(&alg, &q->hash_oid));
    if (alg.n > 0) {
        TRY(der_read_any(&alg, &params));
    }
    TRY(rd_finish(&alg));
    TRY(der_read(&imprint, DER_OCTETS, &q->hashed_message));
    return rd_finish(&imprint);
}

static enum err parse_fields(struct view in, struct tsq *q)
{
    struct reader r = rd_init(in);
    struct reader seq;

    TRY(der_enter(&r, DER_SEQUENCE, &seq));
    TRY(rd_finish(&r));
    TRY(der_read_integer(&seq, &q->version));
    TRY(parse_imprint(&seq, q));
    if (der_next_is(&seq, DER_OID)) {
        TRY(der_read_oid(&seq, &q->policy));
    }
    if (der_next_is(&seq, DER_INTEGER)) {
        TRY(der_read_integer(&seq, &q->nonce));
    }
    if (der_next_is(&seq, DER_BOOLEAN)) {
        TRY(der_read_bool(&seq, &q->cert_req));
    }
    if (der_next_is(&seq, DER_CONTEXT_0)) {
        TRY(der_read(&seq, DER_CONTEXT_0, &q->extensions));
    }
    return rd_finish(&seq);
}

enum err tsq_parse(struct view in, struct tsq *out)
{
    *out = (struct tsq){0};
    const enum err e = parse_fields(in, out);

    if (e != ERR_OK) {
        *out = (struct tsq){0};
    }
    return e;
}

struct facts {
    char version[16];
    char hash[TOKEN_FACTS_TEXT_MAX];
    char hashed_message[TOKEN_FACTS_TEXT_MAX];
    char policy[TOKEN_FACTS_TEXT_MAX];
    char nonce[TOKEN_FACTS_TEXT_MAX];
};

static void gather(const struct tsq *q, struct facts *f)
{
    *f = (struct facts){0};
    token_facts_integer(q->version, f->version, sizeof f->version);
    token_facts_hash(q->hash_oid, f->hash);
    token_facts_hex(q->hashed_message, f->hashed_message, sizeof f->hashed_message);
    token_facts_integer(q->nonce, f->nonce, sizeof f->nonce);
    if (q->policy.n > 0 && oid_to_text(q->policy, f->policy) != ERR_OK) {
        (void)snprintf(f->policy, sizeof f->policy, "unreadable");
    }
}

void tsq_print(const struct tsq *q, FILE *out)
{
    struct facts f;

    gather(q, &f);
    (void)fprintf(out, "  version:  %s\n", f.version);
    (void)fprintf(out, "  imprint:  %s %s\n", f.hash, f.hashed_message);
    (void)fprintf(out, "  policy:   %s\n", f.policy[0] != '\0' ? f.policy : "none asked for");
    (void)fprintf(out, "  nonce:    %s\n", f.nonce[0] != '\0' ? f.nonce : "none");
    (void)fprintf(out, "  certificates: %s\n", q->cert_req ? "asked for" : "not asked for");
    if (q->extensions.n > 0) {
        (void)fprintf(out, "  extensions: %zu bytes\n", q->extensions.n);
    }
}

json_t *tsq_json(const struct tsq *q)
{
    struct facts f;

    gather(q, &f);
    return json_pack("{s:s, s:{s:s, s:s}, s:s*, s:s*, s:b, s:b}", "version", f.version,
                     "message_imprint", "hash_algorithm", f.hash, "hashed_message",
                     f.hashed_message, "req_policy", f.policy[0] != '\0' ? f.policy : NULL,
                     "nonce", f.nonce[0] != '\0' ? f.nonce : NULL, "cert_req", (int)q->cert_req,
                     "extensions", (int)(q->extensions.n > 0));
}
