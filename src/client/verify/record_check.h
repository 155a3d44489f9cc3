/* record_check.h - the evidence record of a hybrid token as far as bytes and hashes tell: what
 * is cut out, and what its archive time-stamp must be of. RFC 4998 4.3. No signature is
 * verified here. */
#ifndef CLIENT_VERIFY_RECORD_CHECK_H
#define CLIENT_VERIFY_RECORD_CHECK_H

#include "client/token/token.h"
#include "format/er_attach.h"
#include "format/evidence_record.h"

struct record {
    bool present;            /* id-aa-er-internal is among the unsigned attributes */
    enum err err;            /* of a present one; ERR_OK: what follows stands */
    const char *reason;      /* why not, "" */
    struct view data_object; /* the classic ContentInfo */
    struct view bytes;       /* of the record */
    struct evidence_record er;
    uint8_t root[ER_HASH_LEN]; /* imprint of the archive time-stamp, SHA-512 */
    uint8_t *room;             /* on the heap; data_object points into it or into in */
};

/* Takes the record out of in, the bytes of the file as they are (DER, PEM taken off), and
 * computes its root; t is the same as token_open() read it. Both outlive *out, which is always
 * valid for record_close(). ERR_EXTENSION in out->err: a form that RFC 4998 knows and that is
 * not supported; else what er_detach(), evidence_record_parse() and er_path_root() say.
 * ERR_NOSPACE: no memory. */
MUST_CHECK enum err record_open(struct view in, const struct token *t, struct record *out);
void record_close(struct record *r);

/* ---- the window ---- */

enum record_place {
    RECORD_IN_WINDOW, /* t_classic - a <= t_pq <= t_classic + window */
    RECORD_EARLY,     /* before that: stamped before it can have existed */
    RECORD_LATE,      /* after that: says nothing of the time that the token claims */
};

/* Where the time of the archive time-stamp lies; a is both accuracies, and a second more if
 * that time has no fraction: it may have been cut. *delta_ms: how much later it is, rounded
 * down. */
enum record_place record_place(const struct tst_info_view *classic,
                               const struct tst_info_view *pq, uint32_t window_s,
                               int64_t *delta_ms);

#endif
