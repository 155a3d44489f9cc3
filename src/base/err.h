/* err.h - the one result type of the whole tree. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

/* Class in the high byte, detail in the low byte: callers branch on the class,
 * logs and tests name the detail. */
enum err {
    ERR_OK = 0,

    ERR_TRUNCATED = 0x0101, /* 01 malformed input: the sender's fault */
    ERR_TRAILING,           /*    bytes follow the last element */
    ERR_TAG,                /*    another element was expected here */
    ERR_ENCODING,           /*    legal BER, not DER; or not canonical */
    ERR_RANGE,              /*    a value outside what the format allows */
    ERR_LENGTH,             /*    a digest of another length than its algorithm gives */

    ERR_BAD_ALG = 0x0201, /* 02 well formed, but refused */
    ERR_VERSION,
    ERR_POLICY,
    ERR_EXTENSION,
    ERR_TYPE,  /*    a frame type, media type or method that is not served here */
    ERR_STALE, /*    an R1 that is unknown, used or too old; an activation that differs */
    ERR_STATE, /*    not in this state of the machine */

    ERR_TIME = 0x0301, /* 03 cannot serve now: retry may help */
    ERR_QUORUM,        /*    not enough signers, or a signer of another epoch */
    ERR_NOSPACE,       /*    a table, queue or buffer is full */
    ERR_DEADLINE,      /*    the deadline passed */
    ERR_IO,            /*    the kernel refused: socket, file, disk */
    ERR_RATE,          /*    too many requests from this peer */
    ERR_HALTED, /*    too many cores of the epoch are gone for ever: only another helps */
    ERR_BUSY,   /*    it is being made: ask again */

    ERR_SIGNATURE = 0x0401, /* 04 checked, and it is not genuine */
    ERR_EVIDENCE,
    ERR_MISMATCH, /*    genuine, but of something else: imprint, nonce, policy */

    ERR_BUG = 0x0f01, /* 0f our own broken invariant */
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* Return early on failure. Only where nothing is owned yet; otherwise goto out. */
#define TRY(expr)                   \
    do {                            \
        enum err try_err_ = (expr); \
        if (try_err_ != ERR_OK) {   \
            return try_err_;        \
        }                           \
    } while (0)

/* The enumerator's name without ERR_, in lower case ("bad_alg"); "unknown" for no enumerator.
 */
const char *err_name(enum err e);

/* Whether a number that a peer sent is an enumerator other than ERR_OK. */
bool err_known(unsigned code);

static inline unsigned err_class(enum err e)
{
    return (unsigned)e >> 8;
}

#endif
