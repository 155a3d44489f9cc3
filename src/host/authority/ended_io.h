/* ended_io.h - the file in which the supervisor keeps who has ended (host/coord/ended_list.h).
 * Who has it open is the one supervisor of these cores: the file is locked. */
#ifndef HOST_AUTHORITY_ENDED_IO_H
#define HOST_AUTHORITY_ENDED_IO_H

#include "host/coord/ended_list.h"

struct ended_file {
    int fd; /* -1: not open */
};

/* Makes it unless it is there. ERR_STATE: another supervisor has it. ERR_IO. */
MUST_CHECK enum err ended_open(struct ended_file *f, const char *path);
void ended_close(struct ended_file *f);

/* Appends that this process has ended; it is on disk when this returns. A last line that was
 * cut stays a line of its own. ERR_IO: errno says why. */
MUST_CHECK enum err ended_note(const struct ended_file *f, const char *name,
                               const uint8_t boot_nonce[PLAN_NONCE_LEN]);

/* The same of every node of the ceremony whose record this is, unless that is kept already: a
 * supervisor that starts knows that the cores of the one before have ended with it. No record,
 * or none that can be read, has no nodes. ERR_IO. */
MUST_CHECK enum err ended_note_record(const struct ended_file *f, const char *record);

/* Whether it has an order to re-enrol a node as the process with this boot nonce. The file is
 * small, and read anew. */
bool ended_has_order(const char *path, const uint8_t boot_nonce[PLAN_NONCE_LEN]);

/* A new epoch is in force: earlier lines matter to nobody. They go once they fill half of what
 * is read. ERR_IO. */
MUST_CHECK enum err ended_trim(const struct ended_file *f);

#endif
