/* One thing is wrong with each token; the table says which step must see it, and whether
 * OpenSSL's TS_RESP_verify_response() lets it pass. Deleting a check in verify makes a row
 * fail. */
#include "forge_row.h"

#include <string.h>

static void sign_content_directly(struct forge *f)
{
    forge_put(f, SIGNED_BYTES, forge_make(f, TST_INFO));
    forge_put(f, SI_ATTRS, (struct view){NULL, 0});
}

static void content_of_another(struct forge *f)
{
    struct forge *other = forge_new(f->signer);
    const struct forge_change earlier = {TST_GEN_TIME, TIME, "20230103221320Z"};
    uint8_t inner[512];
    uint8_t outer[512];

    forge_change(other, &earlier);
    forge_put(
        f, SD_CONTENT,
        forge_wrap(DER_CONTEXT_0,
                   forge_wrap(DER_OCTETS, forge_make(other, TST_INFO), inner, sizeof inner),
                   outer, sizeof outer));
    forge_free(other);
}

static void sign_by_another_key(struct forge *f)
{
    f->signer = &forge_stranger;
}

static void name_another(struct forge *f)
{
    f->named = &forge_stranger;
}

static void sid_of_another(struct forge *f)
{
    struct forge *other = forge_new(&forge_stranger);

    (void)forge_make(other, SIGNER_INFO);
    forge_put(f, SI_SID, forge_view(other, SI_SID));
    forge_free(other);
}

static void ess_of_another(struct forge *f)
{
    struct forge *other = forge_new(&forge_stranger);

    (void)forge_make(other, SIGNER_INFO);
    forge_put(f, ATTR_ESS_V2, forge_view(other, ATTR_ESS_V2));
    forge_free(other);
}

static void no_certificates(struct forge *f)
{
    f->certificates.n = 0;
}

static void two_signers(struct forge *f)
{
    const struct view one = forge_make(f, SIGNER_INFO);
    uint8_t both[FORGE_PART_MAX];
    uint8_t set[FORGE_PART_MAX];

    memcpy(both, one.p, one.n);
    memcpy(both + one.n, one.p, one.n);
    forge_put(f, SD_SIGNER_INFOS,
              forge_wrap(DER_SET, (struct view){both, 2 * one.n}, set, sizeof set));
}

static void flip_signature(struct forge *f)
{
    (void)forge_make(f, SIGNER_INFO);
    f->part[SI_SIGNATURE].b[f->part[SI_SIGNATURE].n - 1] ^= 1;
    f->part[SIGNER_INFO].given = false;
}

static void add_after_signing(struct forge *f)
{
    static const uint8_t extra[] = {0x30, 9, 6, 3, 0x2a, 3, 4, 0x31, 2, 5, 0};
    const struct view set = forge_make(f, SIGNED_BYTES);
    struct reader r = rd_init(set);
    struct view body;
    uint8_t longer[FORGE_PART_MAX];
    uint8_t all[FORGE_PART_MAX];

    assert_int_equal(der_read(&r, DER_SET, &body), ERR_OK);
    memcpy(longer, extra, sizeof extra);
    memcpy(longer + sizeof extra, body.p, body.n);
    forge_put(f, SI_ATTRS,
              forge_wrap(DER_CONTEXT_0, (struct view){longer, sizeof extra + body.n}, all,
                         sizeof all));
}

static void unsorted(struct forge *f)
{
    f->unsorted = true;
}

static void digest_sha256(struct forge *f)
{
    f->digest = "SHA256";
    f->sig_digest = "SHA384";
}

static void digest_sha1(struct forge *f)
{
    f->digest = "SHA1";
    f->sig_digest = "SHA384";
}

static void signature_sha1(struct forge *f)
{
    f->sig_digest = "SHA1";
}

static void trailing_byte(struct forge *f)
{
    const struct view all = forge_make(f, f->bare ? TOKEN : RESPONSE);
    uint8_t longer[FORGE_PART_MAX];

    memcpy(longer, all.p, all.n);
    longer[all.n] = 0;
    forge_put(f, f->bare ? TOKEN : RESPONSE, (struct view){longer, all.n + 1});
}

/* ---- signing certificate ---- */

static void ess_v1(struct forge *f)
{
    forge_put(f, ATTR_ESS_V2, (struct view){NULL, 0});
    forge_ess(f, false, NULL, forge_tsa.cert, NULL);
}

static void ess_v1_of_another(struct forge *f)
{
    forge_put(f, ATTR_ESS_V2, (struct view){NULL, 0});
    forge_ess(f, false, NULL, forge_stranger.cert, NULL);
}

static void ess_both(struct forge *f)
{
    forge_ess(f, false, NULL, forge_tsa.cert, NULL);
}

static void ess_v1_differs(struct forge *f)
{
    forge_ess(f, false, NULL, forge_stranger.cert, NULL);
}

static void ess_v2_differs(struct forge *f)
{
    forge_ess(f, false, NULL, forge_tsa.cert, NULL);
    forge_ess(f, true, NULL, forge_stranger.cert, NULL);
}

static void ess_sha512(struct forge *f)
{
    forge_ess(f, true, "SHA512", forge_tsa.cert, NULL);
}

static void ess_md5(struct forge *f)
{
    forge_ess(f, true, "MD5", forge_tsa.cert, NULL);
}

static void ess_issuer_serial(struct forge *f)
{
    const struct forge_issuer_serial s = {forge_tsa.cert, forge_tsa.cert};

    forge_ess(f, true, NULL, forge_tsa.cert, &s);
}

static void ess_serial_of_another(struct forge *f)
{
    const struct forge_issuer_serial s = {forge_tsa.cert, forge_stranger.cert};

    forge_ess(f, true, NULL, forge_tsa.cert, &s);
}

static void ess_issuer_of_another(struct forge *f)
{
    const struct forge_cert alone = {.name = "somebody", .ext = FORGE_TSA_EXT};
    struct forge_node other = forge_certify(&alone, NULL);
    const struct forge_issuer_serial s = {other.cert, forge_tsa.cert};

    forge_ess(f, true, NULL, forge_tsa.cert, &s);
    forge_node_free(&other);
}

static void sid_is_key_of(struct forge *f, X509 *x)
{
    const ASN1_OCTET_STRING *ski = X509_get0_subject_key_id(x);
    uint8_t bytes[64];

    forge_put(
        f, SI_SID,
        forge_wrap(DER_PRIMITIVE_0,
                   (struct view){ASN1_STRING_get0_data(ski), (size_t)ASN1_STRING_length(ski)},
                   bytes, sizeof bytes));
}

static void sid_is_key(struct forge *f)
{
    sid_is_key_of(f, forge_tsa.cert);
}

static void sid_is_another_key(struct forge *f)
{
    sid_is_key_of(f, forge_stranger.cert);
}

static const struct forge_row rows[] = {
    {"honest", {{0}}, GENUINE, PASSES, STRICT, NULL},
    {"honest, bare", {{0}}, GENUINE, PASSES, STRICT | BARE, NULL},

    /* TimeStampResp */
    {"grantedWithMods", {{RESP_STATUS, HEX, "3003 020101"}}, GENUINE, PASSES, 0, NULL},
    {"rejection", {{RESP_STATUS, HEX, "3003 020102"}}, FALSE_BY(STATUS), REFUSED, 0, NULL},
    {"waiting", {{RESP_STATUS, HEX, "3003 020103"}}, FALSE_BY(STATUS), REFUSED, 0, NULL},
    {"revocationWarning",
     {{RESP_STATUS, HEX, "3003 020104"}},
     FALSE_BY(STATUS),
     REFUSED,
     0,
     NULL},
    {"status 256", {{RESP_STATUS, HEX, "3004 02020100"}}, FALSE_BY(STATUS), REFUSED, 0, NULL},
    {"status -1", {{RESP_STATUS, HEX, "3003 0201ff"}}, FALSE_BY(STATUS), REFUSED, 0, NULL},
    {"status missing", {{RESP_STATUS, OMIT, NULL}}, FALSE_BY(STATUS), REFUSED, 0, NULL},
    {"granted without token", {{TOKEN, OMIT, NULL}}, FALSE_BY(SHAPE), REFUSED, 0, NULL},
    {"two tokens", {{TOKEN, TWICE, NULL}}, FALSE_BY(STATUS), REFUSED, 0, NULL},
    {"a byte after the response", {{0}}, FALSE_BY(SHAPE), PASSES, 0, trailing_byte},
    {"a byte after the token", {{0}}, FALSE_BY(SHAPE), PASSES, BARE, trailing_byte},

    /* ContentInfo and SignedData */
    {"content type is data", {{CI_TYPE, HEX, HEX_DATA}}, FALSE_BY(SHAPE), REFUSED, 0, NULL},
    {"eContentType is data",
     {{SD_CONTENT_TYPE, HEX, HEX_DATA}},
     FALSE_BY(SHAPE),
     REFUSED,
     0,
     NULL},
    {"no eContent", {{SD_CONTENT, OMIT, NULL}}, FALSE_BY(SHAPE), REFUSED, 0, NULL},
    {"eContent of another token",
     {{0}},
     FALSE_BY(MESSAGE_DIGEST),
     REFUSED,
     0,
     content_of_another},
    {"SignedData version 1", {{SD_VERSION, HEX, "020101"}}, FALSE_BY(SHAPE), PASSES, 0, NULL},
    {"digestAlgorithms empty", {{SD_DIGEST_ALGS, HEX, "3100"}}, GENUINE, REFUSED, 0, NULL},
    {"no signer", {{SD_SIGNER_INFOS, HEX, "3100"}}, FALSE_BY(SHAPE), REFUSED, 0, NULL},
    {"two signers", {{0}}, FALSE_BY(SHAPE), REFUSED, 0, two_signers},
    {"no certificates", {{0}}, OPEN_BY(SIGNER), REFUSED, 0, no_certificates},

    /* signed attributes */
    {"no attributes, content signed",
     {{0}},
     FALSE_BY(SIGNED_ATTRS),
     REFUSED,
     0,
     sign_content_directly},
    {"contentType is data",
     {{ATTR_CONTENT_TYPE, HEX, "3018 06092a864886f70d010903 310b" HEX_DATA}},
     FALSE_BY(SIGNED_ATTRS),
     PASSES,
     0,
     NULL},
    {"contentType absent",
     {{ATTR_CONTENT_TYPE, OMIT, NULL}},
     FALSE_BY(SIGNED_ATTRS),
     PASSES,
     0,
     NULL},
    {"contentType twice",
     {{ATTR_CONTENT_TYPE, TWICE, NULL}},
     FALSE_BY(SIGNED_ATTRS),
     PASSES,
     0,
     NULL},
    {"contentType with two values",
     {{ATTR_CONTENT_TYPE, HEX,
       "3027 06092a864886f70d010903 311a" HEX_CT_TST_INFO HEX_CT_TST_INFO}},
     FALSE_BY(SIGNED_ATTRS),
     PASSES,
     0,
     NULL},
    {"messageDigest absent",
     {{ATTR_DIGEST, OMIT, NULL}},
     FALSE_BY(SIGNED_ATTRS),
     REFUSED,
     0,
     NULL},
    {"messageDigest twice",
     {{ATTR_DIGEST, TWICE, NULL}},
     FALSE_BY(SIGNED_ATTRS),
     PASSES,
     0,
     NULL},
    {"messageDigest cut",
     {{ATTR_DIGEST, HEX, "3010 06092a864886f70d010904 3103 0401 00"}},
     FALSE_BY(MESSAGE_DIGEST),
     REFUSED,
     0,
     NULL},
    {"no signing certificate",
     {{ATTR_ESS_V2, OMIT, NULL}},
     FALSE_BY(SIGNED_ATTRS),
     REFUSED,
     0,
     NULL},
    {"signing certificate twice",
     {{ATTR_ESS_V2, TWICE, NULL}},
     FALSE_BY(SIGNED_ATTRS),
     PASSES,
     0,
     NULL},
    {"signing certificate of none",
     {{ATTR_ESS_V2, HEX, "3015 060b2a864886f70d010910022f 3106 3004 3002 3000"}},
     FALSE_BY(SIGNED_ATTRS),
     REFUSED,
     0,
     NULL},
    {"protection twice",
     {{ATTR_PROTECTION, TWICE, NULL}},
     FALSE_BY(SIGNED_ATTRS),
     PASSES,
     0,
     NULL},
    {"protection absent", {{ATTR_PROTECTION, OMIT, NULL}}, GENUINE, PASSES, STRICT, NULL},
    {"protection of other algorithms",
     {{ATTR_PROTECTION, HEX,
       "3026 06092a864886f70d010934 3119 3017 " HEX_SHA256 " a108 06062b0601040101"}},
     FALSE_BY(ALGORITHMS),
     PASSES,
     0,
     NULL},
    {"protection of another digest",
     {{ATTR_PROTECTION, HEX,
       "3028 06092a864886f70d010934 311b 3019 " HEX_SHA256 " a10a 06082a8648ce3d040303"}},
     FALSE_BY(ALGORITHMS),
     PASSES,
     0,
     NULL},
    {"protection of another signature",
     {{ATTR_PROTECTION, HEX,
       "3028 06092a864886f70d010934 311b 3019 300b 0609608648016503040202 a10a "
       "06082a8648ce3d040302"}},
     FALSE_BY(ALGORITHMS),
     PASSES,
     0,
     NULL},
    {"protection with NULL for absent parameters",
     {{ATTR_PROTECTION, HEX,
       "302a 06092a864886f70d010934 311d 301b 300d 0609608648016503040202 0500 a10a "
       "06082a8648ce3d040303"}},
     GENUINE,
     PASSES,
     STRICT,
     NULL},
    {"protection of other parameters",
     {{ATTR_PROTECTION, HEX,
       "302b 06092a864886f70d010934 311e 301c 300b 0609608648016503040202 a10d "
       "06082a8648ce3d040303 040100"}},
     FALSE_BY(ALGORITHMS),
     PASSES,
     0,
     NULL},
    {"protection of a MAC",
     {{ATTR_PROTECTION, HEX,
       "3028 06092a864886f70d010934 311b 3019 300b 0609608648016503040202 a20a "
       "06082a8648ce3d040303"}},
     FALSE_BY(SIGNED_ATTRS),
     PASSES,
     0,
     NULL},
    {"an unknown attribute",
     {{ATTR_OTHER, HEX, "3009 06032a0304 3102 0500"}},
     GENUINE,
     PASSES,
     STRICT,
     NULL},
    {"attributes unsorted", {{0}}, GENUINE, PASSES, 0, unsorted},
    {"attributes unsorted, strict", {{0}}, FALSE_BY(ENCODING), PASSES, STRICT, unsorted},
    {"another attribute added after signing",
     {{0}},
     FALSE_BY(SIGNATURE),
     REFUSED,
     0,
     add_after_signing},

    /* signing certificate */
    {"ESSCertID of version 1", {{0}}, GENUINE, PASSES, STRICT, ess_v1},
    {"ESSCertID of version 1, of another",
     {{0}},
     FALSE_BY(SIGNER),
     REFUSED,
     0,
     ess_v1_of_another},
    {"both versions", {{0}}, GENUINE, PASSES, STRICT, ess_both},
    {"both versions, the first of another",
     {{0}},
     FALSE_BY(SIGNER),
     REFUSED,
     0,
     ess_v1_differs},
    {"both versions, the second of another",
     {{0}},
     FALSE_BY(SIGNER),
     REFUSED,
     0,
     ess_v2_differs},
    {"ESSCertIDv2 by SHA-512", {{0}}, GENUINE, PASSES, STRICT, ess_sha512},
    {"ESSCertIDv2 by MD5", {{0}}, OPEN_BY(SIGNER), PASSES, 0, ess_md5},
    {"ESSCertIDv2 with issuerSerial", {{0}}, GENUINE, PASSES, STRICT, ess_issuer_serial},
    {"ESSCertIDv2 with another's serial",
     {{0}},
     FALSE_BY(SIGNER),
     REFUSED,
     0,
     ess_serial_of_another},
    {"ESSCertIDv2 with another's issuer",
     {{0}},
     FALSE_BY(SIGNER),
     REFUSED,
     0,
     ess_issuer_of_another},

    /* SignerInfo */
    {"SignerInfo version 3", {{SI_VERSION, HEX, "020103"}}, FALSE_BY(SHAPE), PASSES, 0, NULL},
    {"signature flipped", {{0}}, FALSE_BY(SIGNATURE), REFUSED, 0, flip_signature},
    {"signature empty", {{SI_SIGNATURE, HEX, "0400"}}, FALSE_BY(SIGNATURE), REFUSED, 0, NULL},
    {"signed by another's key", {{0}}, FALSE_BY(SIGNATURE), REFUSED, 0, sign_by_another_key},
    {"names another authority", {{0}}, OPEN_BY(SIGNER), REFUSED, 0, name_another},
    {"sid of another", {{0}}, OPEN_BY(SIGNER), REFUSED, 0, sid_of_another},
    {"ESSCertIDv2 of another", {{0}}, FALSE_BY(SIGNER), REFUSED, 0, ess_of_another},
    {"sid is a key identifier",
     {{SI_VERSION, HEX, "020103"}},
     GENUINE,
     REFUSED,
     STRICT,
     sid_is_key},
    {"sid is a key identifier, version 1", {{0}}, FALSE_BY(SHAPE), REFUSED, 0, sid_is_key},
    {"sid is another's key identifier",
     {{SI_VERSION, HEX, "020103"}},
     OPEN_BY(SIGNER),
     REFUSED,
     0,
     sid_is_another_key},
    {"sid is no key at all",
     {{SI_VERSION, HEX, "020103"}, {SI_SID, HEX, "8000"}},
     FALSE_BY(SHAPE),
     REFUSED,
     0,
     NULL},
    {"signatureAlgorithm of another hash",
     {{SI_SIG_ALG, HEX, "300a 06082a8648ce3d040302"}},
     FALSE_BY(SIGNATURE),
     PASSES,
     0,
     NULL},
    {"signatureAlgorithm RSA",
     {{SI_SIG_ALG, HEX, "300d 06092a864886f70d010101 0500"}},
     FALSE_BY(SIGNATURE),
     PASSES,
     0,
     NULL},
    {"signatureAlgorithm without hash",
     {{SI_SIG_ALG, HEX, "3009 06072a8648ce3d0201"}},
     GENUINE,
     PASSES,
     STRICT,
     NULL},
    {"signatureAlgorithm unknown",
     {{SI_SIG_ALG, HEX, "3005 06032a0304"}},
     OPEN_BY(ALGORITHMS),
     PASSES,
     0,
     NULL},
    {"signatureAlgorithm md5WithRSA",
     {{SI_SIG_ALG, HEX, "300d 06092a864886f70d010104 0500"}},
     OPEN_BY(ALGORITHMS),
     PASSES,
     0,
     NULL},
    {"signatureAlgorithm is no sequence",
     {{SI_SIG_ALG, HEX, "0500"}},
     FALSE_BY(SHAPE),
     REFUSED,
     0,
     NULL},
    {"unsigned attributes",
     {{SI_UNSIGNED, HEX, "a10b 3009 06032a0304 3102 0500"}},
     GENUINE,
     PASSES,
     STRICT,
     NULL},
    {"unsignedAttrs of nothing",
     {{SI_UNSIGNED, HEX, "a100"}},
     FALSE_BY(SHAPE),
     PASSES,
     0,
     NULL},
    {"something after SignerInfo's last field",
     {{SI_UNSIGNED, HEX, "0500"}},
     FALSE_BY(SHAPE),
     REFUSED,
     0,
     NULL},
    {"digestAlgorithm md5",
     {{SI_DIGEST_ALG, HEX, HEX_MD5}},
     OPEN_BY(MESSAGE_DIGEST),
     REFUSED,
     0,
     NULL},
    {"messageDigest by another hash", {{0}}, GENUINE, REFUSED, 0, digest_sha256},
    {"messageDigest by another hash, strict",
     {{0}},
     FALSE_BY(ALGORITHMS),
     REFUSED,
     STRICT,
     digest_sha256},
    {"messageDigest by SHA-1", {{0}}, OPEN_BY(ALGORITHMS), REFUSED, 0, digest_sha1},
    {"messageDigest by SHA-1, allowed", {{0}}, GENUINE, REFUSED, ALLOW_SHA1, digest_sha1},
    {"signature by SHA-1", {{0}}, OPEN_BY(ALGORITHMS), REFUSED, 0, signature_sha1},
};

static void every_forgery_is_seen(void **state)
{
    (void)state;
    forge_run_rows(rows, sizeof rows / sizeof rows[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_forgery_is_seen),
    };

    return cmocka_run_group_tests(tests, forge_rows_setup, forge_rows_teardown);
}
