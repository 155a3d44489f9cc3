/* forge.h - tokens that are wrong on purpose. A token is made of parts, from the inside out:
 * each is given by the test, or made as an honest authority would. */
#ifndef TESTS_INTEG_CLIENT_FORGE_H
#define TESTS_INTEG_CLIENT_FORGE_H

#include "forge_pki.h"

#include "client/verify/verify.h"

#define FORGE_PART_MAX 16384
#define FORGE_CHANGES 3

enum forge_part {
    PART_NONE,
    /* TSTInfo, in its order */
    TST_VERSION,
    TST_POLICY,
    TST_IMPRINT,
    TST_SERIAL,
    TST_GEN_TIME,
    TST_ACCURACY,
    TST_ORDERING,
    TST_NONCE,
    TST_TSA,
    TST_EXTENSIONS,
    TST_INFO, /* all of it; what messageDigest is the digest of */
    /* signed attributes */
    ATTR_CONTENT_TYPE,
    ATTR_DIGEST,
    ATTR_ESS_V1, /* absent from an honest token */
    ATTR_ESS_V2,
    ATTR_PROTECTION,
    ATTR_OTHER,   /* absent from an honest token */
    SIGNED_BYTES, /* what the signature is over: the attributes under tag 31 */
    /* SignerInfo */
    SI_VERSION,
    SI_SID,
    SI_DIGEST_ALG,
    SI_ATTRS,
    SI_SIG_ALG,
    SI_SIGNATURE,
    SI_UNSIGNED, /* absent from an honest token */
    SIGNER_INFO,
    /* SignedData */
    SD_VERSION,
    SD_DIGEST_ALGS,
    SD_CONTENT_TYPE,
    SD_CONTENT, /* [0] OCTET STRING of TSTInfo */
    SD_CERTIFICATES,
    SD_CRLS, /* absent from an honest token */
    SD_SIGNER_INFOS,
    /* around it */
    CI_TYPE,
    CI_CONTENT,
    TOKEN,
    RESP_STATUS,
    RESPONSE,
    FORGE_PARTS,
};

enum forge_how {
    AS_IT_IS,
    OMIT,
    TWICE, /* itself and then itself again */
    HEX,   /* these bytes instead; blanks are skipped */
    TIME,  /* a GeneralizedTime with this text instead */
};

struct forge_change {
    enum forge_part part;
    enum forge_how how;
    const char *text;
};

struct forge_blob {
    bool given;
    size_t n;
    uint8_t b[FORGE_PART_MAX];
};

struct forge {
    struct forge_blob part[FORGE_PARTS];
    bool twice[FORGE_PARTS];
    struct forge_node *signer; /* whose key signs */
    struct forge_node *named;  /* whose certificate sid and ESSCertIDv2 name */
    const char *digest;        /* of digestAlgorithm and messageDigest */
    const char *sig_digest;    /* of the signature; NULL: the same */
    bool pss;                  /* RSASSA-PSS, salt as long as the digest */
    bool unsorted;             /* signed attributes as they come, not in DER's order */
    bool bare;                 /* no TimeStampResp around it */
    struct view certificates;  /* concatenated, for the token; may be empty */
};

/* An imprint (SHA-256), a nonce and a time that every honest token here carries. */
extern const uint8_t forge_imprint[32];
extern const uint8_t forge_nonce[8];
#define FORGE_GEN_TIME "20240103221320Z"
#define FORGE_GEN_TIME_S INT64_C(1704320000)

/* All parts still to be made. */
struct forge *forge_new(struct forge_node *signer);
void forge_free(struct forge *f);

/* Gives a part. */
void forge_put(struct forge *f, enum forge_part part, struct view bytes);
void forge_change(struct forge *f, const struct forge_change *c);

/* Makes whatever is not given yet, up to that part, which must be TST_INFO, SIGNED_BYTES,
 * SIGNER_INFO, TOKEN or RESPONSE; gives its bytes. */
struct view forge_make(struct forge *f, enum forge_part part);

/* The view of a part that is given or made. */
struct view forge_view(const struct forge *f, enum forge_part part);

/* Gives the signing certificate attribute, version 1 or 2, if it is not given yet. hash: NULL
 * for the version's own; issuer_serial: is added, unless NULL. */
struct forge_issuer_serial {
    X509 *issuer_of, *serial_of; /* certificates to take them from */
};
void forge_ess(struct forge *f, bool v2, const char *hash, X509 *cert,
               const struct forge_issuer_serial *issuer_serial);

/* Writers of what tests put together themselves. */
struct view forge_wrap(enum der_tag tag, struct view body, uint8_t *out, size_t cap);
void forge_alg(struct writer *w, const char *digest);

#endif
