#include "format/spki.h"

/* BIT STRING of whole bytes, as keys are. */
static enum err read_bytes(struct reader *r, struct view *out)
{
    struct view body;
    struct reader bits;
    uint8_t unused = 0;

    TRY(der_read(r, DER_BIT_STRING, &body));
    bits = rd_init(body);
    TRY(rd_u8(&bits, &unused));
    if (unused != 0) {
        return ERR_ENCODING;
    }
    return rd_take(&bits, bits.n, out);
}

/* SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT
 * STRING } */
static enum err parse(struct view in, struct spki *s)
{
    struct reader all = rd_init(in);
    struct reader seq;

    TRY(der_enter(&all, DER_SEQUENCE, &seq));
    TRY(rd_finish(&all));
    TRY(cms_parse_alg(&seq, &s->alg));
    TRY(read_bytes(&seq, &s->key));
    return rd_finish(&seq);
}

enum err spki_parse(struct view in, struct spki *out)
{
    struct spki s = {0};
    const enum err e = parse(in, &s);

    *out = e == ERR_OK ? s : (struct spki){0};
    return e;
}

enum err spki_ml_dsa(const struct spki *s, const struct mldsa_params **out)
{
    const struct mldsa_params *params;

    *out = NULL;
    TRY(mldsa_alg_read(&s->alg, &params));
    if (s->key.n != params->pk_len) {
        return ERR_LENGTH;
    }
    *out = params;
    return ERR_OK;
}
