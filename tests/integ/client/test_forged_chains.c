/* A well made token each time; what is wrong is the authority behind it, or how the verifier
 * was told to trust it. Rows are changes to an honest chain: root, sub, tsa. */
#include "forge_verdict.h"

#include "client/trust/chain.h"

#include <stdio.h>
#include <string.h>

#define KU_SIGN                                    \
    {                                              \
        NID_key_usage, "critical,digitalSignature" \
    }
#define KU_CA                                         \
    {                                                 \
        NID_key_usage, "critical,keyCertSign,cRLSign" \
    }
#define EKU_TSA                                    \
    {                                              \
        NID_ext_key_usage, "critical,timeStamping" \
    }
#define IS_CA                                     \
    {                                             \
        NID_basic_constraints, "critical,CA:TRUE" \
    }
#define KEY(kind) .tsa = {.name = "tsa", .key = (kind), .ext = {KU_SIGN, EKU_TSA}}
#define TSA(...) .tsa = {.name = "tsa", .ext = {__VA_ARGS__}}
#define SUB(...) .sub = {.name = "sub", .ext = {__VA_ARGS__}}
#define ROOT(...) .root = {.name = "root", .ext = {__VA_ARGS__}}
#define RSA_SUB .sub = {.name = "sub", .key = "RSA", .ext = {IS_CA, KU_CA}}
#define VALID(who, from, to, ...) \
    .who = {.name = #who, .from_day = (from), .to_day = (to), .ext = {__VA_ARGS__}}

enum flag { STRICT = 1, ALLOW_SHA1 = 2, PSS = 4 };

struct list {
    int64_t this_day, next_day; /* counted from genTime; both 0: there is no list */
    char revokes;               /* 't': tsa, 's': sub; 0: nobody */
    int64_t on_day;
    int reason; /* -1: not given */
    struct forge_ext ext;
};

struct row {
    const char *name;
    enum verdict verdict;
    enum verify_step_id decisive;
    bool openssl;                     /* accepts it; it is not shown the lists */
    struct forge_cert root, sub, tsa; /* name NULL: the honest one */
    /* Which certificates are where, by their first letters; NULL as honest: the token brings
     * sub and tsa, the verifier trusts root. */
    const char *in_token, *untrusted, *anchors;
    struct list by_sub, by_root;
    unsigned flags;
    int64_t at_day;             /* --at, counted from genTime; 0: not given */
    const char *digest;         /* NULL: SHA384 */
    struct forge_change change; /* of the token */
};

static const struct row rows[] = {
    {"honest", GENUINE, PASSES, .flags = 0},

    /* what the signer's certificate is for */
    {"no EKU", FALSE_BY(EXTENDED_KEY_USAGE), REFUSED, TSA(KU_SIGN)},
    {"EKU codeSigning", FALSE_BY(EXTENDED_KEY_USAGE), REFUSED,
     TSA(KU_SIGN, {NID_ext_key_usage, "critical,codeSigning"})},
    {"EKU any", FALSE_BY(EXTENDED_KEY_USAGE), REFUSED,
     TSA(KU_SIGN, {NID_ext_key_usage, "critical,anyExtendedKeyUsage"})},
    {"EKU not critical", FALSE_BY(EXTENDED_KEY_USAGE), REFUSED,
     TSA(KU_SIGN, {NID_ext_key_usage, "timeStamping"})},
    {"EKU with another purpose", FALSE_BY(EXTENDED_KEY_USAGE), REFUSED,
     TSA(KU_SIGN, {NID_ext_key_usage, "critical,timeStamping,codeSigning"})},
    {"EKU with a purpose nobody knows", FALSE_BY(EXTENDED_KEY_USAGE), PASSES,
     TSA(KU_SIGN, {NID_ext_key_usage, "critical,timeStamping,1.2.3.4"})},
    {"EKU twice", FALSE_BY(EXTENDED_KEY_USAGE), REFUSED, TSA(KU_SIGN, EKU_TSA, EKU_TSA)},
    {"keyUsage absent", GENUINE, PASSES, TSA(EKU_TSA)},
    {"keyUsage nonRepudiation", GENUINE, PASSES,
     TSA({NID_key_usage, "nonRepudiation"}, EKU_TSA)},
    {"keyUsage keyEncipherment", FALSE_BY(KEY_USAGE), REFUSED,
     TSA({NID_key_usage, "keyEncipherment"}, EKU_TSA)},
    {"keyUsage of an authority", FALSE_BY(KEY_USAGE), REFUSED,
     TSA(IS_CA, {NID_key_usage, "digitalSignature,keyCertSign"}, EKU_TSA)},
    {"keyUsage of nothing", FALSE_BY(KEY_USAGE), REFUSED,
     TSA({NID_key_usage, "DER:030100"}, EKU_TSA)},
    {"keyUsage unreadable", FALSE_BY(KEY_USAGE), REFUSED,
     TSA({NID_key_usage, "DER:0500"}, EKU_TSA)},
    {"an authority with keyUsage of a signer", GENUINE, PASSES, TSA(IS_CA, KU_SIGN, EKU_TSA)},
    {"a critical extension nobody knows", FALSE_BY(CHAIN), REFUSED,
     TSA(KU_SIGN, EKU_TSA, {NID_netscape_comment, "critical,DER:0500"})},
    {"key usage period over", FALSE_BY(KEY_USAGE), PASSES,
     TSA(KU_SIGN, EKU_TSA,
         {NID_private_key_usage_period, "DER:3011810f32303234303130323232313332305a"})},
    {"key usage period unreadable", FALSE_BY(KEY_USAGE), PASSES,
     TSA(KU_SIGN, EKU_TSA, {NID_private_key_usage_period, "DER:0500"})},
    {"names itself by subjectAltName", GENUINE, PASSES,
     TSA(KU_SIGN, EKU_TSA, {NID_subject_alt_name, "URI:a"}),
     .change = {TST_TSA, HEX, "a003 860161"}},
    {"names another by subjectAltName", FALSE_BY(SIGNER), REFUSED,
     TSA(KU_SIGN, EKU_TSA, {NID_subject_alt_name, "URI:b"}),
     .change = {TST_TSA, HEX, "a003 860161"}},

    /* when */
    {"tsa expired at genTime", FALSE_BY(CHAIN), REFUSED, VALID(tsa, -50, -1, KU_SIGN, EKU_TSA)},
    {"tsa not yet valid at genTime", FALSE_BY(CHAIN), REFUSED,
     VALID(tsa, 1, 50, KU_SIGN, EKU_TSA)},
    {"sub expired at genTime", FALSE_BY(CHAIN), REFUSED, VALID(sub, -50, -1, IS_CA, KU_CA)},
    {"root expired at genTime", FALSE_BY(CHAIN), REFUSED, VALID(root, -50, -1, IS_CA, KU_CA)},
    {"tsa expired at genTime, --at when it was valid", FALSE_BY(CHAIN), PASSES,
     VALID(tsa, -50, -1, KU_SIGN, EKU_TSA), .at_day = -2},
    {"tsa not yet valid at genTime, --at when it is", FALSE_BY(CHAIN), PASSES,
     VALID(tsa, 1, 50, KU_SIGN, EKU_TSA), .at_day = 2},
    {"all valid at genTime, --at when tsa has expired", FALSE_BY(CHAIN), REFUSED,
     VALID(tsa, -50, 1, KU_SIGN, EKU_TSA), .at_day = 2},
    {"tsa valid for a day, --at inside", GENUINE, PASSES, VALID(tsa, -2, 2, KU_SIGN, EKU_TSA),
     .at_day = 1},

    /* up to whom */
    {"sub is no authority", FALSE_BY(CHAIN), REFUSED, SUB(KU_CA)},
    {"sub may not sign certificates", FALSE_BY(CHAIN), REFUSED, SUB(IS_CA, KU_SIGN)},
    {"root allows no sub", FALSE_BY(CHAIN), REFUSED,
     ROOT({NID_basic_constraints, "critical,CA:TRUE,pathlen:0"}, KU_CA)},
    {"root allows one sub", GENUINE, PASSES,
     ROOT({NID_basic_constraints, "critical,CA:TRUE,pathlen:1"}, KU_CA)},
    {"sub may name other hosts only", FALSE_BY(CHAIN), REFUSED,
     SUB(IS_CA, KU_CA, {NID_name_constraints, "critical,permitted;DNS:good.example"}),
     TSA(KU_SIGN, EKU_TSA, {NID_subject_alt_name, "DNS:evil.example"})},
    {"sub is for web servers", FALSE_BY(CHAIN), PASSES,
     SUB(IS_CA, KU_CA, {NID_ext_key_usage, "serverAuth,clientAuth"})},
    {"sub is for time-stamping", GENUINE, PASSES,
     SUB(IS_CA, KU_CA, {NID_ext_key_usage, "critical,timeStamping,codeSigning"})},
    {"sub is for any purpose", GENUINE, PASSES,
     SUB(IS_CA, KU_CA, {NID_ext_key_usage, "anyExtendedKeyUsage"})},
    {"nobody is trusted", OPEN_BY(CHAIN), REFUSED, .anchors = ""},
    {"another root is trusted", FALSE_BY(CHAIN), REFUSED, .anchors = "x"},
    {"root comes with the token", FALSE_BY(CHAIN), REFUSED, .in_token = "tsr", .anchors = "x"},
    {"root is untrusted", FALSE_BY(CHAIN), REFUSED, .untrusted = "r", .anchors = "x"},
    {"sub is missing", FALSE_BY(CHAIN), REFUSED, .in_token = "t"},
    {"sub is untrusted", GENUINE, PASSES, .in_token = "t", .untrusted = "s"},
    {"all are untrusted", GENUINE, PASSES, .in_token = "", .untrusted = "ts"},
    {"sub is trusted", GENUINE, PASSES, .in_token = "t", .anchors = "s"},
    {"tsa is trusted", GENUINE, PASSES, .in_token = "t", .anchors = "t"},
    {"tsa is trusted, and nowhere else", GENUINE, REFUSED, .in_token = "", .anchors = "t"},
    {"tsa is trusted, and has expired", FALSE_BY(CHAIN), REFUSED,
     VALID(tsa, -50, -1, KU_SIGN, EKU_TSA), .in_token = "t", .anchors = "t"},
    {"a stranger's certificates stand first", GENUINE, PASSES, .in_token = "xts"},

    /* keys and hashes */
    {"P-256", GENUINE, PASSES, KEY("P-256")},
    {"P-521", GENUINE, PASSES, KEY("P-521"), .digest = "SHA512"},
    {"secp256k1", GENUINE, PASSES, KEY("secp256k1"), .digest = "SHA256"},
    {"brainpoolP384r1", GENUINE, PASSES, KEY("brainpoolP384r1")},
    {"secp112r1", OPEN_BY(CHAIN), PASSES, KEY("secp112r1")},
    {"RSA", GENUINE, PASSES, KEY("RSA")},
    {"RSA-PSS", GENUINE, REFUSED, KEY("RSA"), .flags = PSS},
    {"RSA-PSS with a salt of another length", FALSE_BY(SIGNATURE), REFUSED, KEY("RSA"),
     .flags = PSS,
     .change = {SI_SIG_ALG, HEX,
                "304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a"
                "864886f70d010108300d06096086480165030402020500a203020114"}},
    {"RSA-PSS with a salt that is negative", FALSE_BY(ALGORITHMS), REFUSED, KEY("RSA"),
     .flags = PSS,
     .change = {SI_SIG_ALG, HEX,
                "304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a"
                "864886f70d010108300d06096086480165030402020500a2030201ff"}},
    {"RSA-PSS with another hash", FALSE_BY(SIGNATURE), REFUSED, KEY("RSA"), .flags = PSS,
     .change = {SI_SIG_ALG, HEX,
                "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a"
                "864886f70d010108300d06096086480165030402010500a203020130"}},
    {"RSA-PSS with a mask of another hash", FALSE_BY(SIGNATURE), REFUSED, KEY("RSA"),
     .flags = PSS,
     .change = {SI_SIG_ALG, HEX,
                "304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a"
                "864886f70d010108300d06096086480165030402010500a203020130"}},
    {"RSA-PSS with another mask", OPEN_BY(ALGORITHMS), REFUSED, KEY("RSA"), .flags = PSS,
     .change = {SI_SIG_ALG, HEX,
                "303b06092a864886f70d01010a302ea00f300d06096086480165030402020500a116301406032a"
                "0304300d06096086480165030402020500a203020130"}},
    {"RSA-PSS with trailer 2", FALSE_BY(ALGORITHMS), REFUSED, KEY("RSA"), .flags = PSS,
     .change = {SI_SIG_ALG, HEX,
                "304606092a864886f70d01010a3039a00f300d06096086480165030402020500a11c301a06092a"
                "864886f70d010108300d06096086480165030402020500a203020130a303020102"}},
    {"RSA-PSS with trailer 0", FALSE_BY(ALGORITHMS), REFUSED, KEY("RSA"), .flags = PSS,
     .change = {SI_SIG_ALG, HEX,
                "304606092a864886f70d01010a3039a00f300d06096086480165030402020500a11c301a06092a"
                "864886f70d010108300d06096086480165030402020500a203020130a303020100"}},
    {"RSA-PSS without parameters", FALSE_BY(ALGORITHMS), REFUSED, KEY("RSA"), .flags = PSS,
     .change = {SI_SIG_ALG, HEX, "300b06092a864886f70d01010a"}},
    {"RSA-PSS with no parameter given: SHA-1", FALSE_BY(SIGNATURE), REFUSED, KEY("RSA"),
     .flags = PSS, .change = {SI_SIG_ALG, HEX, "300d06092a864886f70d01010a3000"}},
    {"RSA that is called ECDSA", FALSE_BY(SIGNATURE), PASSES, KEY("RSA"),
     .change = {SI_SIG_ALG, HEX, "300a 06082a8648ce3d040303"}},
    {"RSA of 512 bits", OPEN_BY(CHAIN), PASSES, KEY("RSA-512"), .digest = "SHA256"},
    {"Ed25519", GENUINE, REFUSED, KEY("ED25519"), .digest = "SHA512"},
    {"tsa signed with MD5", OPEN_BY(CHAIN), PASSES,
     .tsa = {.name = "tsa", .signed_with = "MD5", .ext = {KU_SIGN, EKU_TSA}}, RSA_SUB},
    {"tsa signed with MD5, SHA-1 allowed", OPEN_BY(CHAIN), PASSES,
     .tsa = {.name = "tsa", .signed_with = "MD5", .ext = {KU_SIGN, EKU_TSA}}, RSA_SUB,
     .flags = ALLOW_SHA1},
    {"tsa signed with SHA-1", OPEN_BY(CHAIN), PASSES,
     .tsa = {.name = "tsa", .signed_with = "SHA1", .ext = {KU_SIGN, EKU_TSA}}},
    {"tsa signed with SHA-1, allowed", GENUINE, PASSES,
     .tsa = {.name = "tsa", .signed_with = "SHA1", .ext = {KU_SIGN, EKU_TSA}},
     .flags = ALLOW_SHA1},
    {"sub signed with SHA-1", OPEN_BY(CHAIN), PASSES,
     .sub = {.name = "sub", .signed_with = "SHA1", .ext = {IS_CA, KU_CA}}},
    {"root signed with MD5", GENUINE, PASSES,
     .root = {.name = "root", .key = "RSA", .signed_with = "MD5", .ext = {IS_CA, KU_CA}}},
    {"sub has a key of 512 bits", OPEN_BY(CHAIN), PASSES,
     .sub = {.name = "sub", .key = "RSA-512", .ext = {IS_CA, KU_CA}}},
    {"root has a key of 512 bits", OPEN_BY(CHAIN), PASSES,
     .root = {.name = "root", .key = "RSA-512", .ext = {IS_CA, KU_CA}}},

    /* revoked */
    {"lists clean", GENUINE, PASSES, .by_sub = {-1, 1}, .by_root = {-1, 1}},
    {"no list of root", OPEN_BY(REVOCATION), PASSES, .by_sub = {-1, 1}},
    {"no list of sub", OPEN_BY(REVOCATION), PASSES, .by_root = {-1, 1}},
    {"list ends before genTime", OPEN_BY(REVOCATION), PASSES, .by_sub = {-3, -2},
     .by_root = {-1, 1}},
    {"list from long after, tsa has expired", OPEN_BY(REVOCATION), PASSES, .by_sub = {60, 61},
     .by_root = {-1, 1}},
    {"tsa revoked before, reason not given", FALSE_BY(REVOCATION), PASSES,
     .by_sub = {-1, 1, 't', -2, -1}, .by_root = {-1, 1}},
    {"tsa revoked after, reason not given", FALSE_BY(REVOCATION), PASSES,
     .by_sub = {3, 4, 't', 2, -1}, .by_root = {-1, 1}},
    {"tsa revoked after, key compromise", FALSE_BY(REVOCATION), PASSES,
     .by_sub = {3, 4, 't', 2, CRL_REASON_KEY_COMPROMISE}, .by_root = {-1, 1}},
    {"tsa revoked after, hold", FALSE_BY(REVOCATION), PASSES,
     .by_sub = {3, 4, 't', 2, CRL_REASON_CERTIFICATE_HOLD}, .by_root = {-1, 1}},
    {"tsa revoked before, superseded", FALSE_BY(REVOCATION), PASSES,
     .by_sub = {-1, 1, 't', -2, CRL_REASON_SUPERSEDED}, .by_root = {-1, 1}},
    {"tsa revoked at genTime, superseded", FALSE_BY(REVOCATION), PASSES,
     .by_sub = {1, 2, 't', 0, CRL_REASON_SUPERSEDED}, .by_root = {-1, 1}},
    {"tsa revoked after, superseded", GENUINE, PASSES,
     .by_sub = {3, 4, 't', 2, CRL_REASON_SUPERSEDED}, .by_root = {-1, 1}},
    {"tsa revoked after, reason 7", FALSE_BY(REVOCATION), PASSES, .by_sub = {3, 4, 't', 2, 7},
     .by_root = {-1, 1}},
    {"sub revoked", FALSE_BY(REVOCATION), PASSES, .by_sub = {-1, 1},
     .by_root = {-1, 1, 's', -2, -1}},
    {"sub may not sign lists", OPEN_BY(REVOCATION), PASSES,
     SUB(IS_CA, {NID_key_usage, "keyCertSign"}), .by_sub = {-1, 1}, .by_root = {-1, 1}},
    {"list for authorities only", OPEN_BY(REVOCATION), PASSES,
     .by_sub = {-1, 1, 0, 0, 0, {NID_issuing_distribution_point, "critical,DER:30038201ff"}},
     .by_root = {-1, 1}},
    {"list of some reasons only", OPEN_BY(REVOCATION), PASSES,
     .by_sub = {-1, 1, 0, 0, 0, {NID_issuing_distribution_point, "critical,DER:300483020640"}},
     .by_root = {-1, 1}},
    {"list for another point", OPEN_BY(REVOCATION), PASSES,
     .by_sub =
         {-1, 1, 0, 0, 0, {NID_issuing_distribution_point, "critical,DER:3007a005a003860161"}},
     .by_root = {-1, 1}},
    {"list for the certificate's own point", GENUINE, PASSES,
     TSA(KU_SIGN, EKU_TSA, {NID_crl_distribution_points, "URI:a"}),
     .by_sub =
         {-1, 1, 0, 0, 0, {NID_issuing_distribution_point, "critical,DER:3007a005a003860161"}},
     .by_root = {-1, 1}},
    {"list for another point than the certificate's", OPEN_BY(REVOCATION), PASSES,
     TSA(KU_SIGN, EKU_TSA, {NID_crl_distribution_points, "URI:b"}),
     .by_sub =
         {-1, 1, 0, 0, 0, {NID_issuing_distribution_point, "critical,DER:3007a005a003860161"}},
     .by_root = {-1, 1}},
    {"list for others' certificates", OPEN_BY(REVOCATION), PASSES,
     .by_sub = {-1, 1, 0, 0, 0, {NID_issuing_distribution_point, "critical,DER:30038401ff"}},
     .by_root = {-1, 1}},
    {"list for attribute certificates", OPEN_BY(REVOCATION), PASSES,
     .by_sub = {-1, 1, 0, 0, 0, {NID_issuing_distribution_point, "critical,DER:30038501ff"}},
     .by_root = {-1, 1}},
    {"list of root for users only", OPEN_BY(REVOCATION), PASSES, .by_sub = {-1, 1},
     .by_root = {-1, 1, 0, 0, 0, {NID_issuing_distribution_point, "critical,DER:30038101ff"}}},
    {"list with a point that cannot be read", OPEN_BY(REVOCATION), PASSES,
     .by_sub = {-1, 1, 0, 0, 0, {NID_issuing_distribution_point, "DER:0500"}},
     .by_root = {-1, 1}},
    {"delta list, not critical", OPEN_BY(REVOCATION), PASSES,
     .by_sub = {-1, 1, 0, 0, 0, {NID_delta_crl, "DER:020101"}}, .by_root = {-1, 1}},
    {"delta list", OPEN_BY(REVOCATION), PASSES,
     .by_sub = {-1, 1, 0, 0, 0, {NID_delta_crl, "critical,DER:020101"}}, .by_root = {-1, 1}},
    {"list with a critical extension nobody knows", OPEN_BY(REVOCATION), PASSES,
     .by_sub = {-1, 1, 0, 0, 0, {NID_netscape_comment, "critical,DER:0500"}},
     .by_root = {-1, 1}},
    {"tsa and root are trusted, tsa revoked", FALSE_BY(REVOCATION), PASSES, .anchors = "tr",
     .by_sub = {-1, 1, 't', -2, -1}, .by_root = {-1, 1}},
    {"tsa alone is trusted, and revoked", OPEN_BY(REVOCATION), PASSES, .in_token = "t",
     .anchors = "t", .by_sub = {-1, 1, 't', -2, -1}, .by_root = {-1, 1}},
    {"sub is trusted, tsa revoked", FALSE_BY(REVOCATION), PASSES, .anchors = "s",
     .by_sub = {-1, 1, 't', -2, -1}},
    {"sub is trusted, tsa is not revoked", GENUINE, PASSES, .anchors = "s", .by_sub = {-1, 1}},
};

struct world {
    struct forge_node root, sub, tsa, stranger;
    struct forge_trust trust;
    uint8_t certificates[FORGE_PART_MAX];
};

static X509 *by_letter(const struct world *w, char letter)
{
    switch (letter) {
    case 'r':
        return w->root.cert;
    case 's':
        return w->sub.cert;
    case 't':
        return w->tsa.cert;
    default:
        return w->stranger.cert;
    }
}

static void take(const struct world *w, const char *letters, X509 *to[4])
{
    for (size_t i = 0; letters[i] != '\0' && i < 4; i++) {
        to[i] = by_letter(w, letters[i]);
    }
}

static X509_CRL *make_list(const struct world *w, const struct list *l,
                           const struct forge_node *by)
{
    const struct forge_crl c = {
        .this_day = l->this_day,
        .next_day = l->next_day,
        .revoked = {l->revokes != 0 ? by_letter(w, l->revokes) : NULL, l->on_day, l->reason},
        .ext = {l->ext},
    };

    return l->this_day == 0 && l->next_day == 0 ? NULL : forge_revoke(&c, by);
}

static void build(struct world *w, const struct row *r)
{
    const struct forge_cert ca = {.name = "root", .ext = {IS_CA, KU_CA}};
    const struct forge_cert sub = {.name = "sub", .ext = {IS_CA, KU_CA}};
    const struct forge_cert tsa = {.name = "tsa", .ext = {KU_SIGN, EKU_TSA}};

    *w = (struct world){0};
    w->root = forge_certify(r->root.name != NULL ? &r->root : &ca, NULL);
    w->stranger = forge_certify(&ca, NULL);
    w->sub = forge_certify(r->sub.name != NULL ? &r->sub : &sub, &w->root);
    w->tsa = forge_certify(r->tsa.name != NULL ? &r->tsa : &tsa, &w->sub);
    take(w, r->anchors != NULL ? r->anchors : "r", w->trust.anchors);
    take(w, r->untrusted != NULL ? r->untrusted : "", w->trust.untrusted);
    w->trust.crls[0] = make_list(w, &r->by_sub, &w->sub);
    w->trust.crls[1] = make_list(w, &r->by_root, &w->root);
    w->trust.at_s = r->at_day != 0 ? FORGE_GEN_TIME_S + r->at_day * FORGE_DAY : 0;
}

static void tear_down(struct world *w)
{
    forge_node_free(&w->root);
    forge_node_free(&w->sub);
    forge_node_free(&w->tsa);
    forge_node_free(&w->stranger);
    X509_CRL_free(w->trust.crls[0]);
    X509_CRL_free(w->trust.crls[1]);
}

static struct view certificates_of(struct world *w, const char *letters)
{
    struct writer out = wr_init(w->certificates, sizeof w->certificates);
    struct view all;

    for (; *letters != '\0'; letters++) {
        struct view der = forge_cert_der(by_letter(w, *letters));

        wr_view(&out, der);
        OPENSSL_free((void *)(uintptr_t)der.p);
    }
    assert_int_equal(wr_finish(&out, &all), ERR_OK);
    return all;
}

static struct view token_of(struct world *w, const struct row *r, struct forge *f)
{
    f->certificates = certificates_of(w, r->in_token != NULL ? r->in_token : "ts");
    f->pss = (r->flags & PSS) != 0;
    if (r->digest != NULL) {
        f->digest = r->digest;
    }
    forge_change(f, &r->change);
    return forge_make(f, RESPONSE);
}

static bool run_row(const struct row *r)
{
    const struct verify_options options = {
        .strict = (r->flags & STRICT) != 0,
        .allow_sha1 = (r->flags & ALLOW_SHA1) != 0,
        .has_at = r->at_day != 0,
        .at_s = FORGE_GEN_TIME_S + r->at_day * FORGE_DAY,
    };
    struct world w;
    struct verify_report report;

    build(&w, r);
    struct forge *f = forge_new(&w.tsa);
    const struct view token = token_of(&w, r, f);

    forge_judge(token, &w.trust, &options, &report);
    /* Both are asked, so that a row says all that is wrong with it. */
    const bool fits = forge_fits(r->name, &report, r->verdict, r->decisive);
    const bool good = forge_openssl_fits(r->name, token, false, &w.trust, r->openssl) && fits;

    verify_free(&report);
    forge_free(f);
    tear_down(&w);
    return good;
}

static void every_false_authority_is_seen(void **state)
{
    size_t bad = 0;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bad += !run_row(&rows[i]);
    }
    assert_int_equal(bad, 0);
}

/* root, n authorities, tsa */
static enum verdict judge_chain_of(size_t n)
{
    const struct forge_cert ca = {.ext = {IS_CA, KU_CA}};
    const struct forge_cert leaf = {.ext = {KU_SIGN, EKU_TSA}};
    static const struct verify_options options;
    static uint8_t bytes[FORGE_PART_MAX];
    struct writer out = wr_init(bytes, sizeof bytes);
    struct forge_node node[CHAIN_DEPTH_MAX + 3];
    struct verify_report report;

    for (size_t i = 0; i < n + 2; i++) {
        const char name[] = {(char)('a' + i), '\0'};
        struct forge_cert c = i == n + 1 ? leaf : ca;

        c.name = name;
        node[i] = forge_certify(&c, i > 0 ? &node[i - 1] : NULL);
        struct view der = forge_cert_der(node[i].cert);

        if (i > 0) {
            wr_view(&out, der);
        }
        OPENSSL_free((void *)(uintptr_t)der.p);
    }
    const struct forge_trust trust = {.anchors = {node[0].cert}};
    struct forge *f = forge_new(&node[n + 1]);

    assert_int_equal(wr_finish(&out, &f->certificates), ERR_OK);
    forge_judge(forge_make(f, RESPONSE), &trust, &options, &report);
    const enum verdict v = report.verdict;

    verify_free(&report);
    forge_free(f);
    for (size_t i = 0; i < n + 2; i++) {
        forge_node_free(&node[i]);
    }
    return v;
}

static void chains_are_not_endless(void **state)
{
    (void)state;
    assert_int_equal(judge_chain_of(CHAIN_DEPTH_MAX), VERDICT_GENUINE);
    assert_int_equal(judge_chain_of(CHAIN_DEPTH_MAX + 1), VERDICT_NOT_GENUINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_false_authority_is_seen),
        cmocka_unit_test(chains_are_not_endless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
