/* tsm_io.h - the loop of quorate-tsm: a connection to its core, one report at a
 * time. One thread. */
#ifndef ENCLAVE_TSM_TSM_IO_H
#define ENCLAVE_TSM_TSM_IO_H

#include "enclave/tsm/tsm_open_io.h"
#include "enclave/tsm/tsm_serve.h"

#define TSM_AGAIN_MS 200 /* between attempts to reach the core */
/* A report that takes so long ends the process: its supervisor starts another. */
#define TSM_REPORT_S 30

struct tsm {
    struct tsm_args args;
    struct tsm_source source;
    int signal_fd, core_fd; /* -1: none */
    struct tsm_serve serve;
    struct tsm_answer answer;
    uint8_t block[EVIDENCE_MAX];
    uint64_t made, refused;
};

/* Until signal_fd is readable. ERR_IO: the kernel failed us. */
MUST_CHECK enum err tsm_io_run(struct tsm *t);

/* Closes sockets and provider. */
void tsm_io_end(struct tsm *t);

#endif
