/* audit_log.h - what a core signs of its own events: AUDIT_LOG, docs/wire.md 2.5, and the file
 * in which a host keeps what it pulled.
 *
 *   hash_0 = SHA-384("quorate-audit-v1" | boot_nonce | audit key)
 *   hash_n = SHA-384("quorate-audit-v1" | boot_nonce | entry n | hash_(n-1))
 *   a head: the audit key signs SHA-384("quorate-audit-head-v1" | boot_nonce | n | hash_n)
 *
 * each field but the label after its LE32 length. So a signature over the last entry is one
 * over all of them, in their order, of this start of this core. */
#ifndef WIRE_AUDIT_LOG_H
#define WIRE_AUDIT_LOG_H

#include "crypto/p384.h"
#include "wire/core_info.h"

#define AUDIT_HASH_LEN 48
#define AUDIT_LOG_PAGE_MAX 128 /* entries in one frame */

/* An entry with its data, as it is hashed, sent and kept. */
#define AUDIT_ENTRY_MAX (8 + 8 + 2 + 8 + 8 + 2 + AUDIT_DATA_MAX) /* bytes of one */
void audit_entry_encode(struct writer *w, const struct audit_entry *e);
/* One, of several. ERR_TRUNCATED. ERR_LENGTH: data over AUDIT_DATA_MAX. */
MUST_CHECK enum err audit_entry_decode(struct reader *r, struct audit_entry *out);

/* ---- the chain ---- */

struct audit_chain {
    uint8_t boot_nonce[BOOT_NONCE_LEN];
    uint64_t seq; /* of the last entry in it */
    uint8_t hash[AUDIT_HASH_LEN];
};

/* hash_0. */
void audit_chain_begin(struct audit_chain *c, const uint8_t boot_nonce[BOOT_NONCE_LEN],
                       const uint8_t audit_key[P384_PUBLIC_LEN]);
/* The next entry, whose number is not looked at. */
void audit_chain_add(struct audit_chain *c, const struct audit_entry *e);
/* What the audit key signs: of the chain as it stands. */
void audit_chain_digest(const struct audit_chain *c, uint8_t out[P384_DIGEST_LEN]);

/* ---- a page ---- */

struct audit_head {
    uint64_t seq;
    uint8_t hash[AUDIT_HASH_LEN];
    uint8_t signature[P384_SIG_LEN];
};

/* The answer to AUDIT_LOG, which is asked as AUDIT is: entries that head covers, ascending
 * without gaps, from the one that was asked for or the oldest that is left. */
struct audit_log_page {
    uint8_t boot_nonce[BOOT_NONCE_LEN];
    uint8_t audit_key[P384_PUBLIC_LEN];
    uint64_t first_seq; /* the oldest that is left */
    struct audit_head head;
    size_t n;
    struct audit_entry entries[AUDIT_LOG_PAGE_MAX];
};
void audit_log_page_encode(struct writer *w, const struct audit_log_page *p);
/* Reads a whole one and nothing after it; verifies nothing. On failure *out is zero.
 *
 * ERR_TRUNCATED, ERR_TRAILING, ERR_LENGTH. ERR_RANGE: too many entries, numbers that have a gap
 * or are not of first_seq to head.seq, or a head without an entry. */
MUST_CHECK enum err audit_log_page_decode(struct view body, struct audit_log_page *out);

/* ---- a file of pages ---- */

/* "QUORATE-AUDIT-1\n", then pages as they came, each after its LE32 length. */
#define AUDIT_FILE_MAGIC "QUORATE-AUDIT-1\n"
#define AUDIT_FILE_MAX 16777216 /* bytes */

/* The reader is then after the magic. ERR_TAG: another file. ERR_LENGTH: over AUDIT_FILE_MAX.
 */
MUST_CHECK enum err audit_file_begin(struct view file, struct reader *out);
/* The next page's bytes. ERR_TRUNCATED: the file ends within it. ERR_LENGTH: longer than any.
 */
MUST_CHECK enum err audit_file_next(struct reader *r, struct view *page);

#endif
