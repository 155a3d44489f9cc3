#include "client/verify/exit_code.h"

int exit_code_of(enum err e)
{
    switch (e) {
    case ERR_OK:
        return EXIT_CODE_GENUINE;
    case ERR_SIGNATURE:
    case ERR_EVIDENCE:
    case ERR_MISMATCH:
        return EXIT_CODE_NOT_GENUINE;
    case ERR_TRUNCATED:
    case ERR_TRAILING:
    case ERR_TAG:
    case ERR_ENCODING:
    case ERR_RANGE:
    case ERR_LENGTH:
    case ERR_BAD_ALG:
    case ERR_VERSION:
    case ERR_POLICY:
    case ERR_EXTENSION:
    case ERR_TYPE:
    case ERR_STALE:
    case ERR_STATE:
    case ERR_TIME:
    case ERR_QUORUM:
    case ERR_NOSPACE:
    case ERR_DEADLINE:
    case ERR_IO:
    case ERR_RATE:
    case ERR_HALTED:
    case ERR_BUSY:
    case ERR_BUG:
        return EXIT_CODE_COULD_NOT_TELL;
    }
    return EXIT_CODE_COULD_NOT_TELL;
}

int exit_code_of_verdict(enum verdict v)
{
    switch (v) {
    case VERDICT_GENUINE:
        return EXIT_CODE_GENUINE;
    case VERDICT_NOT_GENUINE:
        return EXIT_CODE_NOT_GENUINE;
    case VERDICT_COULD_NOT_TELL:
        return EXIT_CODE_COULD_NOT_TELL;
    case VERDICT_INCOMPLETE:
        return EXIT_CODE_INCOMPLETE;
    }
    return EXIT_CODE_COULD_NOT_TELL;
}
