/* members_mesh.h - the host between members after a ceremony with a shared classic key: it
 * carries their packets, says what is to be made, and collects what three of them answer. */
#ifndef TESTS_INTEG_CORE_MEMBERS_MESH_H
#define TESTS_INTEG_CORE_MEMBERS_MESH_H

#include "members.h"

#include "crypto/tecdsa/tecdsa_online.h"
#include "wire/csr_ask.h"
#include "wire/presign_call.h"

#define MEMBERS_RECORDS_MAX 64

extern size_t members_carried[MEMBERS]; /* packets that each gave to carry */
/* Forgets these, and what waits for anybody: other members start. */
void members_carry_nothing(void);

/* Carries packets until done() says so; fails after a minute. Members without a connection are
 * left alone. */
void members_carry(bool (*done)(void));

void members_status(size_t i, struct presign_status *out);
/* To one core, or all of a mask: each takes it. */
enum err members_order(size_t i, const struct presign_order *o);
void members_order_all(unsigned who, const struct presign_order *o);

/* Whether that is so of each pair of a mask's members, as both say. */
bool members_pairs(unsigned who, bool (*is)(const struct presign_peer_status *s));
/* Carries until all five have channels, and seeds for the accelerator. */
void members_carry_seeds(void);
/* That all five make a batch, of so many records, of the triples in turn; then carries until
 * each has its part of them. */
void members_order_batch(uint8_t records);
void members_carry_batch(void);

/* Of member i: the records it lists, until the next question; how many; the oldest of a triple.
 */
void members_list(size_t i, struct presign_list *out);
size_t members_listed(size_t i);
bool members_find(size_t i, uint8_t triple, struct presign_listed *out);

/* One stamp of policy 1, or one request for a certificate, of the signers of a mask, who are
 * three. */
struct members_ask_of {
    struct presign_listed record;
    struct r2_head head;
    struct r2_stamp stamp;
    uint8_t r1s[MEMBERS_T * R1_PROVEN_LEN];
    uint8_t digest[SIGN_DIGEST_LEN]; /* after round 1 of a stamp */
    struct tecdsa_answer answers[MEMBERS_T];
};
/* R1s of all signers. */
void members_classic_r1(struct members_ask_of *a, uint8_t who,
                        const struct presign_listed *record);
/* Round 2 of the signer at a place; what stands in its answer. */
enum err members_classic_r2(struct members_ask_of *a, size_t at);
/* SIGN_CSR of it. */
enum err members_classic_csr(struct members_ask_of *a, size_t at);
/* One of these of all three, with a record of theirs, or the next one: on a busy machine what
 * an R1 promised may be over before its round. */
void members_classic_sign(struct members_ask_of *a, uint8_t who,
                          enum err (*round)(struct members_ask_of *a, size_t at));
/* The signature of three answers under the key of HELLO. */
enum err members_classic_combine(const struct members_ask_of *a, uint8_t sig[P384_SIG_LEN]);

#endif
