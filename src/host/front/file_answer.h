/* file_answer.h - GET of what is a file and no page: the epoch's bundle, evidence for a nonce.
 */
#ifndef HOST_FRONT_FILE_ANSWER_H
#define HOST_FRONT_FILE_ANSWER_H

#include "host/front/front.h"

/* Bundles that are being read for answers at a time. More: 503. */
#define FILE_ANSWERS_MAX 4

struct file_answer {
    unsigned status;
    const char *type;
    const char *disposition; /* NULL: none */
    const char *reason;      /* of a refusal; NULL: file is the body */
    unsigned retry_after_s;  /* 0: none */
    uint8_t *file;           /* on the heap, the caller's */
    size_t n;
};

/* nonce: the value of that argument; NULL: none. */
void file_answer_make(struct front *front, const struct serving *s, enum http_endpoint endpoint,
                      const char *nonce, struct file_answer *out);

#endif
