#include "host/front/tsp_fail.h"

static const struct tsp_fail bad_data = {FAIL_BAD_DATA_FORMAT,
                                         "not the DER encoding of a TimeStampReq"};
static const struct tsp_fail bad_digest = {
    FAIL_BAD_DATA_FORMAT, "hashedMessage is not as long as its algorithm says"};
static const struct tsp_fail bad_version = {FAIL_BAD_REQUEST,
                                            "the version of a TimeStampReq is 1"};
static const struct tsp_fail bad_range = {FAIL_BAD_REQUEST, "a nonce has at most 64 bytes"};
static const struct tsp_fail bad_type = {FAIL_BAD_REQUEST,
                                         "this kind of request is not served"};
static const struct tsp_fail bad_alg = {
    FAIL_BAD_ALG, "imprints are by SHA-256, SHA-384, SHA-512, or SHA3 of these lengths"};
static const struct tsp_fail bad_policy = {FAIL_UNACCEPTED_POLICY,
                                           "the policy is not served here"};
static const struct tsp_fail bad_extension = {FAIL_UNACCEPTED_EXTENSION,
                                              "no extension is supported"};
static const struct tsp_fail no_time = {FAIL_TIME_NOT_AVAILABLE,
                                        "the clock is not known well enough"};
static const struct tsp_fail no_signer = {FAIL_SYSTEM_FAILURE,
                                          "no signer is available, try again"};
static const struct tsp_fail halted = {
    FAIL_SYSTEM_FAILURE, "halted: too many signers of this key are gone for ever"};
static const struct tsp_fail too_busy = {FAIL_SYSTEM_FAILURE, "too busy, try again"};
static const struct tsp_fail too_late = {FAIL_SYSTEM_FAILURE,
                                         "not finished in time, try again"};
static const struct tsp_fail no_record = {FAIL_SYSTEM_FAILURE, "the token cannot be recorded"};
static const struct tsp_fail no_pair = {
    FAIL_SYSTEM_FAILURE, "the certificates of the authority do not fit together"};
static const struct tsp_fail broken = {FAIL_SYSTEM_FAILURE, "internal error"};

const struct tsp_fail *tsp_fail_of(enum err e)
{
    switch (e) {
    case ERR_TRUNCATED:
    case ERR_TRAILING:
    case ERR_TAG:
    case ERR_ENCODING:
        return &bad_data;
    case ERR_LENGTH:
        return &bad_digest;
    case ERR_RANGE:
        return &bad_range;
    case ERR_VERSION:
        return &bad_version;
    case ERR_TYPE:
        return &bad_type;
    case ERR_BAD_ALG:
        return &bad_alg;
    case ERR_POLICY:
        return &bad_policy;
    case ERR_EXTENSION:
        return &bad_extension;
    case ERR_TIME:
        return &no_time;
    case ERR_STALE:
    case ERR_STATE:
    case ERR_QUORUM:
        return &no_signer;
    case ERR_HALTED:
        return &halted;
    case ERR_NOSPACE:
    case ERR_RATE:
    case ERR_BUSY:
        return &too_busy;
    case ERR_DEADLINE:
        return &too_late;
    case ERR_IO:
        return &no_record;
    case ERR_MISMATCH:
        return &no_pair;
    case ERR_OK:
    case ERR_SIGNATURE:
    case ERR_EVIDENCE:
    case ERR_BUG:
        break;
    }
    return &broken;
}
