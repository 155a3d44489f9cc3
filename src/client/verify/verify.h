/* verify.h - whether a time-stamp token is genuine: RFC 3161 2.2 and 2.4.2, RFC 5652 5.6, RFC
 * 5816. Offline: it asks nobody, and reads no file but through the caller. */
#ifndef CLIENT_VERIFY_VERIFY_H
#define CLIENT_VERIFY_VERIFY_H

#include "client/token/digest.h"
#include "client/token/token.h"
#include "client/trust/trust.h"
#include "crypto/mldsa/mldsa_params.h"
#include "format/tsp_req.h"

#define VERIFY_REASON_MAX 320
#define VERIFY_NAME_MAX 256

/* In the order in which they are reported. */
enum verify_step_id {
    STEP_STATUS,         /* PKIStatus says granted */
    STEP_SHAPE,          /* SignedData over a TSTInfo with one SignerInfo */
    STEP_ENCODING,       /* DER; other BER fails only under strict */
    STEP_TST_INFO,       /* version 1, well formed */
    STEP_SIGNED_ATTRS,   /* contentType id-ct-TSTInfo, messageDigest, signing certificate: one
                            each */
    STEP_MESSAGE_DIGEST, /* is the digest of TSTInfo */
    STEP_SIGNER,         /* the certificate that sid and ESSCertID name is at hand */
    STEP_ALGORITHMS,     /* known, as CMSAlgorithmProtection says, not broken */
    STEP_SIGNATURE,      /* over signedAttrs, with that certificate's key */
    STEP_EXTENDED_KEY_USAGE,
    STEP_KEY_USAGE,
    STEP_CHAIN,      /* to an anchor, at genTime or at the time given */
    STEP_REVOCATION, /* by the lists given */
    STEP_IMPRINT,    /* is that of the data, digest or query given */
    STEP_NONCE,      /* is that of the query given */
    STEP_POLICY,     /* is the one asked for */
    STEP_AUTHORITY,  /* is not a simulated one, or that was allowed */
    STEP_COUNT,
};

enum verify_result { RESULT_NOT_CHECKED, RESULT_PASS, RESULT_FAIL };

struct verify_step {
    enum verify_result result;
    bool required;                  /* NOT CHECKED here leaves the verdict open */
    char reason[VERIFY_REASON_MAX]; /* printable ASCII */
};

enum verdict {
    VERDICT_COULD_NOT_TELL,
    VERDICT_GENUINE,
    VERDICT_NOT_GENUINE,
    VERDICT_INCOMPLETE, /* of legs.h alone: a leg that the token promises is not there */
};

/* What the token should be of. Everything is optional. */
struct verify_expect {
    /* Gives the digest of the data by alg, alg->len bytes; NULL: no data given. */
    enum err (*digest_data)(void *self, const struct digest_alg *alg, uint8_t *out);
    void *self;
    struct view digest;          /* n == 0: none given */
    const struct tsp_req *query; /* imprint, nonce and policy are compared; NULL: none given */
    struct view policy;          /* OID body; n == 0: any */
};

struct verify_options {
    const struct trust
        *trust; /* NULL: nobody is believed, chain and revocation are not checked */
    bool has_at;
    int64_t at_s;        /* when the chain must hold, in place of genTime */
    const char *at_name; /* how reasons call it; NULL: "the time given" */
    bool strict;         /* DER everywhere, one hash throughout */
    bool allow_simulated;
    bool allow_sha1; /* else SHA-1 in imprint, signature or chain leaves the verdict open */
};

struct verify_report {
    struct verify_step steps[STEP_COUNT];
    enum verdict verdict;
    bool simulated; /* its policy says that its time is not to be trusted */
    struct token token;
    char signer[VERIFY_NAME_MAX]; /* subject of the certificate, RFC 4514; "" unknown */
    char issuer[VERIFY_NAME_MAX];
    char signature_alg[48];
    const struct mldsa_params *ml_dsa; /* of the signature; NULL: it is none of ML-DSA */
    struct view signer_der; /* the certificate, believed or not; n == 0: not found, no memory */
    uint8_t *signer_room;   /* verify_free() frees it */
};

/* Judges in (DER or BER; token_unwrap_pem() takes PEM off). in must outlive *out, which is
 * always valid for verify_free(). ERR_OK: the report stands, whatever its verdict. ERR_NOSPACE:
 * no memory, or in is over BER_SIZE_MAX; ERR_IO and the like: what digest_data gave. The
 * verdict is then COULD_NOT_TELL. */
MUST_CHECK enum err verify_token(struct view in, const struct verify_expect *expect,
                                 const struct verify_options *options,
                                 struct verify_report *out);
void verify_free(struct verify_report *r);

/* "signed attributes"; "PASS", "FAIL", "NOT CHECKED"; "GENUINE", "NOT GENUINE", "COULD NOT
 * TELL", "INCOMPLETE". */
const char *verify_step_name(enum verify_step_id id);
const char *verify_result_name(enum verify_result r);
const char *verify_verdict_name(enum verdict v);

/* The first step that decided the verdict; STEP_COUNT when it is GENUINE. */
enum verify_step_id verify_decisive(const struct verify_report *r);

#endif
