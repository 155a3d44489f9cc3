/* tdx_intel.h - real quotes of TDX and the collateral of their time, as those who published
 * them keep them. */
#ifndef TESTS_TDX_INTEL_H
#define TESTS_TDX_INTEL_H

#include "tdx_files.h"
#include "testing.h"
#include "vector_file.h"

#include "attest/tdx_collateral.h"
#include "base/hex.h"
#include "format/pem.h"

#include <string.h>

#define IN_2025_S INT64_C(1751328000) /* 2025-07-01 */

/* A member as it is, or decoded; a member that is not there is empty. */
static inline struct view text_of(const json_t *object, const char *key)
{
    const char *const text = json_string_value(json_object_get(object, key));

    return (struct view){(const uint8_t *)text, text ? strlen(text) : 0};
}

static inline struct view base64_of(const json_t *object, const char *key,
                                    uint8_t out[TDX_FILE_MAX])
{
    struct view bytes;

    assert_int_equal(pem_parse_base64(text_of(object, key), out, TDX_FILE_MAX, &bytes), ERR_OK);
    return bytes;
}

/* What dcap-qvl keeps: values and signatures apart, lists in hexadecimal text. */
static inline struct tdx_collateral collateral_of_2025(json_t *c)
{
    static char texts[2][TDX_FILE_MAX];
    static uint8_t lists[2][TDX_FILE_MAX];
    const int tcb = snprintf(texts[0], TDX_FILE_MAX, "{\"tcbInfo\":%s,\"signature\":\"%s\"}",
                             vector_text(c, "tcb_info"), vector_text(c, "tcb_info_signature"));
    const int qe = snprintf(
        texts[1], TDX_FILE_MAX, " { \"signature\":\"%s\",\n\"enclaveIdentity\": %s }\n",
        vector_text(c, "qe_identity_signature"), vector_text(c, "qe_identity"));

    return (struct tdx_collateral){
        .tcb_info = {(const uint8_t *)texts[0], (size_t)tcb},
        .tcb_info_chain = text_of(c, "tcb_info_issuer_chain"),
        .qe_identity = {(const uint8_t *)texts[1], (size_t)qe},
        .qe_identity_chain = text_of(c, "qe_identity_issuer_chain"),
        .pck_crl = {lists[0], vector_bytes(c, "pck_crl", lists[0], TDX_FILE_MAX)},
        .root_crl = {lists[1], vector_bytes(c, "root_ca_crl", lists[1], TDX_FILE_MAX)}};
}

/* A file of bytes, or of hexadecimal text, or a member of a JSON file. */
static inline struct view quote_of(const char *name, uint8_t out[TDX_FILE_MAX])
{
    const size_t n = strlen(name);

    if (strcmp(name + n - 5, ".json") == 0) {
        json_t *const root = vector_file(name);
        const struct view v = base64_of(json_object_get(root, "tdx"), "quote", out);

        json_decref(root);
        return v;
    }
    const struct view raw = tdx_file(name, out);

    if (strcmp(name + n - 4, ".hex") == 0) {
        static char text[TDX_FILE_MAX];
        size_t got = 0;

        (void)snprintf(text, sizeof text, "%.*s", (int)raw.n, (const char *)raw.p);
        text[strcspn(text, "\r\n")] = '\0';
        assert_int_equal(hex_parse(text, out, TDX_FILE_MAX, &got), ERR_OK);
        return (struct view){out, got};
    }
    return raw;
}

#endif
