/* pq1_record.h - the records of one direction of a PQ/1 channel: AES-256-GCM with a number that
 * is never used twice (threshold-security 3, step 7). */
#ifndef ENCLAVE_CHANNEL_PQ1_RECORD_H
#define ENCLAVE_CHANNEL_PQ1_RECORD_H

#include "crypto/aead_gcm.h"
#include "wire/pq1_msg.h"

/* Secret. */
struct pq1_key {
    uint8_t key[AEAD_GCM_KEY_LEN];
    uint8_t iv[AEAD_GCM_NONCE_LEN];
};

/* One direction. Secret; its owner ends it by wipe(). */
struct pq1_lane {
    struct pq1_ends ends;
    struct aead_gcm_key aead;
    uint8_t iv[AEAD_GCM_NONCE_LEN];
    uint64_t seq; /* of the next record */
};

void pq1_lane_init(struct pq1_lane *l, const struct pq1_ends *ends, const struct pq1_key *k);

/* What a record is about; chosen by what uses the channel, and bound to the record. */
struct pq1_about {
    uint8_t type, round;
    uint8_t session[PQ1_SESSION_LEN];
};

/* Writes one record of plain.n + PQ1_RECORD_OVERHEAD bytes. On failure nothing is written and
 * no number used. ERR_STATE: the last number is used: a new channel is needed. ERR_LENGTH: over
 * PQ1_PLAIN_MAX. ERR_NOSPACE: out is too short. */
MUST_CHECK enum err pq1_lane_seal(struct pq1_lane *l, const struct pq1_about *about,
                                  struct view plain, struct writer *out);

/* Opens the next record: *n bytes at plain, which has room for cap. On failure *about is zero,
 * no byte of the text is at plain, and the same record is still the next. What
 * pq1_record_decode() gives. ERR_STALE: a record that was opened before. ERR_MISMATCH: genuine,
 * but one before it is missing. ERR_NOSPACE: cap. ERR_SIGNATURE: not of this channel, or
 * changed. */
MUST_CHECK enum err pq1_lane_open(struct pq1_lane *l, struct view record,
                                  struct pq1_about *about, uint8_t *plain, size_t cap,
                                  size_t *n);

#endif
