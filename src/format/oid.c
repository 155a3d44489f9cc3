#include "format/oid.h"

#include <stdio.h>
#include <string.h>

#define OID_ROW_MAX 12

/* tests/unit/format/test_oid.c holds each body against its dotted text. */
static const struct {
    const char *name;
    uint8_t n;
    uint8_t body[OID_ROW_MAX];
} rows[OID_ID_COUNT] = {
    [OID_NONE] = {"", 0, {0}},
    [OID_DATA] = {"id-data",
                  9,
                  {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07,
                   0x01}}, /* 1.2.840.113549.1.7.1 */
    [OID_SIGNED_DATA] = {"id-signedData",
                         9,
                         {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07,
                          0x02}}, /* 1.2.840.113549.1.7.2 */
    [OID_CT_TST_INFO] = {"id-ct-TSTInfo",
                         11,
                         {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01,
                          0x04}}, /* 1.2.840.113549.1.9.16.1.4 */
    [OID_CONTENT_TYPE] = {"contentType",
                          9,
                          {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09,
                           0x03}}, /* 1.2.840.113549.1.9.3 */
    [OID_MESSAGE_DIGEST] = {"messageDigest",
                            9,
                            {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09,
                             0x04}}, /* 1.2.840.113549.1.9.4 */
    [OID_SIGNING_TIME] = {"signingTime",
                          9,
                          {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09,
                           0x05}}, /* 1.2.840.113549.1.9.5 */
    [OID_SIGNING_CERTIFICATE] = {"id-aa-signingCertificate",
                                 11,
                                 {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02,
                                  0x0c}}, /* 1.2.840.113549.1.9.16.2.12 */
    [OID_SIGNING_CERTIFICATE_V2] = {"id-aa-signingCertificateV2",
                                    11,
                                    {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02,
                                     0x2f}}, /* 1.2.840.113549.1.9.16.2.47 */
    [OID_ALGORITHM_PROTECTION] = {"id-aa-CMSAlgorithmProtection",
                                  9,
                                  {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09,
                                   0x34}}, /* 1.2.840.113549.1.9.52 */
    [OID_ER_INTERNAL] = {"id-aa-er-internal",
                         11,
                         {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02,
                          0x31}}, /* 1.2.840.113549.1.9.16.2.49 */
    [OID_MULTIPLE_SIGNATURES] = {"id-aa-multipleSignatures",
                                 11,
                                 {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02,
                                  0x33}}, /* 1.2.840.113549.1.9.16.2.51 */
    [OID_MD5] = {"md5",
                 8,
                 {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05}}, /* 1.2.840.113549.2.5 */
    [OID_SHA1] = {"sha1", 5, {0x2b, 0x0e, 0x03, 0x02, 0x1a}},       /* 1.3.14.3.2.26 */
    [OID_SHA224] = {"sha224",
                    9,
                    {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                     0x04}}, /* 2.16.840.1.101.3.4.2.4 */
    [OID_SHA256] = {"sha256",
                    9,
                    {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                     0x01}}, /* 2.16.840.1.101.3.4.2.1 */
    [OID_SHA384] = {"sha384",
                    9,
                    {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                     0x02}}, /* 2.16.840.1.101.3.4.2.2 */
    [OID_SHA512] = {"sha512",
                    9,
                    {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                     0x03}}, /* 2.16.840.1.101.3.4.2.3 */
    [OID_SHA3_256] = {"sha3-256",
                      9,
                      {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                       0x08}}, /* 2.16.840.1.101.3.4.2.8 */
    [OID_SHA3_384] = {"sha3-384",
                      9,
                      {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                       0x09}}, /* 2.16.840.1.101.3.4.2.9 */
    [OID_SHA3_512] = {"sha3-512",
                      9,
                      {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                       0x0a}}, /* 2.16.840.1.101.3.4.2.10 */
    [OID_RSA_ENCRYPTION] =
        {"rsaEncryption",
         9,
         {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01}}, /* 1.2.840.113549.1.1.1 */
    [OID_RSA_SHA1] = {"sha1WithRSAEncryption",
                      9,
                      {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
                       0x05}}, /* 1.2.840.113549.1.1.5 */
    [OID_RSA_SHA256] = {"sha256WithRSAEncryption",
                        9,
                        {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
                         0x0b}}, /* 1.2.840.113549.1.1.11 */
    [OID_RSA_SHA384] = {"sha384WithRSAEncryption",
                        9,
                        {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
                         0x0c}}, /* 1.2.840.113549.1.1.12 */
    [OID_RSA_SHA512] = {"sha512WithRSAEncryption",
                        9,
                        {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
                         0x0d}}, /* 1.2.840.113549.1.1.13 */
    [OID_RSA_PSS] = {"id-RSASSA-PSS",
                     9,
                     {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
                      0x0a}}, /* 1.2.840.113549.1.1.10 */
    [OID_EC_PUBLIC_KEY] = {"id-ecPublicKey",
                           7,
                           {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01}}, /* 1.2.840.10045.2.1 */
    [OID_ECDSA_SHA1] = {"ecdsa-with-SHA1",
                        7,
                        {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01}}, /* 1.2.840.10045.4.1 */
    [OID_ECDSA_SHA224] = {"ecdsa-with-SHA224",
                          8,
                          {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03,
                           0x01}}, /* 1.2.840.10045.4.3.1 */
    [OID_ECDSA_SHA256] = {"ecdsa-with-SHA256",
                          8,
                          {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03,
                           0x02}}, /* 1.2.840.10045.4.3.2 */
    [OID_ECDSA_SHA384] = {"ecdsa-with-SHA384",
                          8,
                          {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03,
                           0x03}}, /* 1.2.840.10045.4.3.3 */
    [OID_ECDSA_SHA512] = {"ecdsa-with-SHA512",
                          8,
                          {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03,
                           0x04}},                         /* 1.2.840.10045.4.3.4 */
    [OID_ED25519] = {"id-Ed25519", 3, {0x2b, 0x65, 0x70}}, /* 1.3.101.112 */
    [OID_ML_DSA_44] = {"id-ml-dsa-44",
                       9,
                       {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03,
                        0x11}}, /* 2.16.840.1.101.3.4.3.17 */
    [OID_ML_DSA_65] = {"id-ml-dsa-65",
                       9,
                       {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03,
                        0x12}}, /* 2.16.840.1.101.3.4.3.18 */
    [OID_ML_DSA_87] = {"id-ml-dsa-87",
                       9,
                       {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03,
                        0x13}}, /* 2.16.840.1.101.3.4.3.19 */
    [OID_SECP256R1] = {"secp256r1",
                       8,
                       {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
                        0x07}}, /* 1.2.840.10045.3.1.7 */
    [OID_SECP384R1] = {"secp384r1", 5, {0x2b, 0x81, 0x04, 0x00, 0x22}},     /* 1.3.132.0.34 */
    [OID_SECP521R1] = {"secp521r1", 5, {0x2b, 0x81, 0x04, 0x00, 0x23}},     /* 1.3.132.0.35 */
    [OID_SUBJECT_KEY_ID] = {"subjectKeyIdentifier", 3, {0x55, 0x1d, 0x0e}}, /* 2.5.29.14 */
    [OID_KEY_USAGE] = {"keyUsage", 3, {0x55, 0x1d, 0x0f}},                  /* 2.5.29.15 */
    [OID_PRIVATE_KEY_USAGE_PERIOD] = {"privateKeyUsagePeriod",
                                      3,
                                      {0x55, 0x1d, 0x10}},                      /* 2.5.29.16 */
    [OID_SUBJECT_ALT_NAME] = {"subjectAltName", 3, {0x55, 0x1d, 0x11}},         /* 2.5.29.17 */
    [OID_BASIC_CONSTRAINTS] = {"basicConstraints", 3, {0x55, 0x1d, 0x13}},      /* 2.5.29.19 */
    [OID_AUTHORITY_KEY_ID] = {"authorityKeyIdentifier", 3, {0x55, 0x1d, 0x23}}, /* 2.5.29.35 */
    [OID_EXT_KEY_USAGE] = {"extKeyUsage", 3, {0x55, 0x1d, 0x25}},               /* 2.5.29.37 */
    [OID_KP_TIME_STAMPING] = {"id-kp-timeStamping",
                              8,
                              {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03,
                               0x08}}, /* 1.3.6.1.5.5.7.3.8 */
    [OID_BTSP_POLICY] = {"best-practices-ts-policy",
                         6,
                         {0x04, 0x00, 0x8f, 0x67, 0x01, 0x01}}, /* 0.4.0.2023.1.1 */
    [OID_QTST_STATEMENT] = {"esi4-qtstStatement-1",
                            7,
                            {0x04, 0x00, 0x81, 0x97, 0x5e, 0x01, 0x01}}, /* 0.4.0.19422.1.1 */
    [OID_OUR_CLASSIC] = {"quorate-classic",
                         12,
                         {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x98, 0x59, 0x01,
                          0x01}}, /* 1.3.6.1.4.1.32473.3161.1.1 */
    [OID_OUR_CLASSIC_SIMULATED] = {"quorate-classic-simulated",
                                   12,
                                   {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x98, 0x59,
                                    0x01, 0x5b}}, /* 1.3.6.1.4.1.32473.3161.1.91 */
    [OID_OUR_PQ] = {"quorate-pq",
                    12,
                    {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x98, 0x59, 0x01,
                     0x02}}, /* 1.3.6.1.4.1.32473.3161.1.2 */
    [OID_OUR_HYBRID] = {"quorate-hybrid",
                        12,
                        {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x98, 0x59, 0x01,
                         0x03}}, /* 1.3.6.1.4.1.32473.3161.1.3 */
    [OID_OUR_EVIDENCE] = {"quorate-evidence",
                          12,
                          {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x98, 0x59, 0x01,
                           0x04}}, /* 1.3.6.1.4.1.32473.3161.1.4 */
    [OID_OUR_DUAL] = {"quorate-dual",
                      12,
                      {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x98, 0x59, 0x01,
                       0x05}}, /* 1.3.6.1.4.1.32473.3161.1.5 */
    [OID_OUR_PQ_SIMULATED] = {"quorate-pq-simulated",
                              12,
                              {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x98, 0x59, 0x01,
                               0x5c}}, /* 1.3.6.1.4.1.32473.3161.1.92 */
    [OID_OUR_HYBRID_SIMULATED] = {"quorate-hybrid-simulated",
                                  12,
                                  {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x98, 0x59,
                                   0x01, 0x5d}}, /* 1.3.6.1.4.1.32473.3161.1.93 */
    [OID_OUR_EVIDENCE_SIMULATED] = {"quorate-evidence-simulated",
                                    12,
                                    {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x98, 0x59,
                                     0x01, 0x5e}}, /* 1.3.6.1.4.1.32473.3161.1.94 */
    [OID_OUR_CLASSIC_SINGLE_SIMULATED] = {"quorate-classic-single-simulated",
                                          12,
                                          {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x98,
                                           0x59, 0x01, 0x5f}}, /* 1.3.6.1.4.1.32473.3161.1.95 */
    [OID_OUR_HYBRID_SINGLE_SIMULATED] = {"quorate-hybrid-single-simulated",
                                         12,
                                         {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x98,
                                          0x59, 0x01, 0x60}}, /* 1.3.6.1.4.1.32473.3161.1.96 */
    [OID_OUR_DUAL_SIMULATED] = {"quorate-dual-simulated",
                                12,
                                {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x98, 0x59,
                                 0x01, 0x61}}, /* 1.3.6.1.4.1.32473.3161.1.97 */
    [OID_OUR_BINDING] = {"quorateBinding",
                         12,
                         {0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x98, 0x59, 0x02,
                          0x01}}, /* 1.3.6.1.4.1.32473.3161.2.1 */
};

struct view oid_body(enum oid_id id)
{
    if ((unsigned)id >= OID_ID_COUNT) {
        return (struct view){NULL, 0};
    }
    return (struct view){rows[id].body, rows[id].n};
}

enum oid_id oid_find(struct view body)
{
    for (unsigned i = OID_NONE + 1; i < OID_ID_COUNT; i++) {
        if (view_equal(body, (struct view){rows[i].body, rows[i].n})) {
            return (enum oid_id)i;
        }
    }
    return OID_NONE;
}

const char *oid_name(enum oid_id id)
{
    return (unsigned)id < OID_ID_COUNT ? rows[id].name : "";
}

bool oid_is_simulated_policy(struct view body)
{
    const struct view first = oid_body(OID_OUR_CLASSIC_SIMULATED);

    if (body.n < first.n || memcmp(body.p, first.p, first.n - 1) != 0) {
        return false;
    }
    return body.p[first.n - 1] >= 91 && body.p[first.n - 1] <= 97;
}

/* Next arc of a body that der_oid_check() accepted. */
static enum err read_arc(struct reader *r, uint64_t *out)
{
    uint8_t b = 0x80;
    uint64_t v = 0;

    while ((b & 0x80) != 0) {
        TRY(rd_u8(r, &b));
        if (v >> 57 != 0) {
            return ERR_RANGE;
        }
        v = v << 7 | (b & 0x7fU);
    }
    *out = v;
    return ERR_OK;
}

static enum err arcs_to_text(struct reader *r, char out[OID_TEXT_MAX])
{
    uint64_t arc = 0;
    uint64_t root = 0;
    size_t n = 0;

    TRY(read_arc(r, &arc));
    root = arc < 80 ? arc / 40 : 2;
    n = (size_t)snprintf(out, OID_TEXT_MAX, "%u.%llu", (unsigned)root,
                         (unsigned long long)(arc - root * 40));
    while (r->n > 0 && n < OID_TEXT_MAX) {
        TRY(read_arc(r, &arc));
        n += (size_t)snprintf(out + n, OID_TEXT_MAX - n, ".%llu", (unsigned long long)arc);
    }
    return n < OID_TEXT_MAX ? ERR_OK : ERR_RANGE;
}

enum err oid_to_text(struct view body, char out[OID_TEXT_MAX])
{
    struct reader r = rd_init(body);
    enum err e = body.n > DER_OID_MAX ? ERR_RANGE : ERR_ENCODING;

    if (body.n <= DER_OID_MAX && der_oid_check(body)) {
        e = arcs_to_text(&r, out);
    }
    if (e != ERR_OK) {
        out[0] = '\0';
    }
    return e;
}
