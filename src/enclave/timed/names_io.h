/* names_io.h - who looks up names: a process of its own, started before this one may open no
 * file any more. It reads what lookups read, holds nothing, and its answers are trusted with
 * nothing: they say where to knock, the certificate says who opens. */
#ifndef ENCLAVE_TIMED_NAMES_IO_H
#define ENCLAVE_TIMED_NAMES_IO_H

#include "os/endpoint.h"

struct names {
    int fd; /* -1: nobody looks up */
};

struct names_answer {
    struct sockaddr_storage addr; /* family 0: there is none */
    socklen_t addr_len;
    uint8_t number;
};

/* Starts that process, which ends with this one. ERR_IO. */
MUST_CHECK enum err names_start(struct names *n);

/* Asks for an address of host; its answer has that number. turn: of several addresses the one
 * that comes at that turn. ERR_IO: it cannot be asked. */
MUST_CHECK enum err names_ask(struct names *n, uint8_t number, uint8_t turn, const char *host);

/* Takes the next answer. ERR_DEADLINE: there is none yet. ERR_IO: the process is gone, or said
 * something else. *out is zero then. */
MUST_CHECK enum err names_take(struct names *n, struct names_answer *out);

/* Puts the address of an answer into *at, which keeps its port. ERR_IO: it has none. */
MUST_CHECK enum err names_apply(const struct names_answer *a, struct endpoint *at);

void names_end(struct names *n);

#endif
