#include "client/token/token.h"

#include "format/ber.h"
#include "format/oid.h"
#include "format/pem.h"

#include <stdlib.h>
#include <string.h>

static enum err read_attrs(struct token *t)
{
    if (t->cms.signer.signed_attrs.n == 0) {
        return ERR_TRUNCATED;
    }
    TRY(cms_attrs_parse(t->cms.signer.signed_attrs, &t->attrs));
    t->flaws |= t->attrs.flaws;
    return ERR_OK;
}

/* TSTInfo stands inside an OCTET STRING, so its own lengths have not been rewritten with the
 * rest. */
static enum err read_tst(struct token *t, uint8_t *room, size_t cap)
{
    struct view der;
    uint32_t flaws = 0;

    if (!t->cms.has_content || oid_find(t->cms.content_type) != OID_CT_TST_INFO) {
        return ERR_TYPE;
    }
    TRY(ber_to_der(t->cms.content, room, cap, &der, &flaws));
    TRY(tst_info_parse(der, &t->tst));
    t->flaws |= flaws | t->tst.flaws;
    return ERR_OK;
}

static void read_parts(struct token *t, struct view der, uint8_t *room, size_t cap)
{
    struct view content_info = der;

    t->is_resp = !tsp_resp_is_token(der);
    if (t->is_resp) {
        t->resp_err = tsp_resp_parse(der, &t->resp);
        t->flaws |= t->resp.flaws;
        content_info = t->resp.token;
    }
    t->has_token = content_info.n > 0;
    if (!t->has_token) {
        return;
    }
    t->content_info = content_info;
    t->cms_err = cms_parse(content_info, &t->cms);
    t->flaws |= t->cms.flaws;
    if (t->cms_err == ERR_OK) {
        t->tst_err = read_tst(t, room, cap);
        t->attrs_err = read_attrs(t);
    }
}

enum err token_open(struct view in, struct token *out)
{
    const size_t cap = BER_ROOM(in.n);
    struct view der;

    *out = (struct token){
        .resp_err = ERR_TRUNCATED,
        .cms_err = ERR_TRUNCATED,
        .tst_err = ERR_TRUNCATED,
        .attrs_err = ERR_TRUNCATED,
        .der_err = ERR_TRUNCATED,
    };
    if (in.n > BER_SIZE_MAX) {
        return ERR_NOSPACE;
    }
    out->room = malloc(2 * cap); /* the whole, then what stands in eContent */
    if (out->room == NULL) {
        return ERR_NOSPACE;
    }
    out->der_err = ber_to_der(in, out->room, cap, &der, &out->flaws);
    if (out->der_err == ERR_OK) {
        read_parts(out, der, out->room + cap, cap);
    }
    return ERR_OK;
}

void token_close(struct token *t)
{
    free(t->room);
    *t = (struct token){0};
}

enum err token_unwrap_pem(struct view in, uint8_t **room, struct view *der)
{
    static const char *const labels[TOKEN_PEM_LABELS] = {
        "CMS",
        "PKCS7",
        "PKCS #7 SIGNED DATA",
        "TIME STAMP TOKEN",
    };
    enum err e = ERR_ENCODING;

    *room = NULL;
    *der = in;
    if (in.n == 0 || in.p[0] == 0x30 || memmem(in.p, in.n, "-----BEGIN ", 11) == NULL) {
        return ERR_OK;
    }
    *room = malloc(in.n);
    if (*room == NULL) {
        return ERR_NOSPACE;
    }
    for (size_t i = 0; i < TOKEN_PEM_LABELS && e != ERR_OK; i++) {
        struct reader r = rd_init(in);

        e = pem_parse(&r, labels[i], *room, in.n, der);
    }
    if (e != ERR_OK) {
        free(*room);
        *room = NULL;
        *der = in;
        return ERR_ENCODING;
    }
    return ERR_OK;
}
