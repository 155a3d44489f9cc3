/* exit_code.h - the one place that maps results to what the program ends with. */
#ifndef CLIENT_VERIFY_EXIT_CODE_H
#define CLIENT_VERIFY_EXIT_CODE_H

#include "base/err.h"
#include "client/verify/verify.h"

enum exit_code {
    EXIT_CODE_GENUINE = 0,        /* or: done as asked */
    EXIT_CODE_NOT_GENUINE = 1,    /* checked, and it is not what it claims */
    EXIT_CODE_COULD_NOT_TELL = 2, /* usage, I/O, unsupported, refused by a server */
    EXIT_CODE_INCOMPLETE = 3,     /* what is there is genuine, but a promised leg is missing */
};

/* ERR_OK: 0. Class 04, not genuine: 1. All else, an unknown number too: 2. */
int exit_code_of(enum err e);

int exit_code_of_verdict(enum verdict v);

#endif
