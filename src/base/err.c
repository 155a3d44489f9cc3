#include "base/err.h"

#include <string.h>

const char *err_name(enum err e)
{
    switch (e) {
    case ERR_OK:
        return "ok";
    case ERR_TRUNCATED:
        return "truncated";
    case ERR_TRAILING:
        return "trailing";
    case ERR_TAG:
        return "tag";
    case ERR_ENCODING:
        return "encoding";
    case ERR_RANGE:
        return "range";
    case ERR_LENGTH:
        return "length";
    case ERR_BAD_ALG:
        return "bad_alg";
    case ERR_VERSION:
        return "version";
    case ERR_POLICY:
        return "policy";
    case ERR_EXTENSION:
        return "extension";
    case ERR_TYPE:
        return "type";
    case ERR_STALE:
        return "stale";
    case ERR_STATE:
        return "state";
    case ERR_TIME:
        return "time";
    case ERR_QUORUM:
        return "quorum";
    case ERR_NOSPACE:
        return "nospace";
    case ERR_DEADLINE:
        return "deadline";
    case ERR_IO:
        return "io";
    case ERR_RATE:
        return "rate";
    case ERR_HALTED:
        return "halted";
    case ERR_BUSY:
        return "busy";
    case ERR_SIGNATURE:
        return "signature";
    case ERR_EVIDENCE:
        return "evidence";
    case ERR_MISMATCH:
        return "mismatch";
    case ERR_BUG:
        return "bug";
    }
    return "unknown";
}

bool err_known(unsigned code)
{
    return code != ERR_OK && strcmp(err_name((enum err)code), "unknown") != 0;
}
