/* reenrol_msg.h - what helpers say inside PQ/1 when a node gets its shares again: the messages
 * of crypto/tecdsa/tecdsa_repair.h and tmldsa_repair.h, with what shows who said what.
 * docs/wire.md 15.3. */
#ifndef WIRE_REENROL_MSG_H
#define WIRE_REENROL_MSG_H

#include "crypto/ed25519.h"
#include "crypto/tecdsa/tecdsa_repair.h"
#include "crypto/tmldsa/tmldsa_repair.h"

/* pq1_about of all of it; the session is the id of the repair (tecdsa_repair_id()). */
#define REENROL_CHANNEL 5 /* as MESH_REPAIR: no other type is taken where it stands */
enum reenrol_round {
    REENROL_DEAL = 1,    /* helper to helper */
    REENROL_SHOW = 2,    /* helper to target */
    REENROL_SUM = 3,     /* helper to target */
    REENROL_SECRETS = 4, /* helper to target */
};

/* The bytes of each: fields as they stand. The signature is Ed25519 by the sender's signing
 * key, over "quorate-repair-v1" and the show, which is the same to all. */
struct reenrol_show {
    struct tecdsa_repair_show show;
    uint8_t signature[ED25519_SIG_LEN];
};
struct reenrol_deal {
    struct reenrol_show show;
    uint8_t d[TECDSA_SCALAR_LEN];
};
/* With the shows of the other two helpers as the sender has them, by helper ascending: if one
 * of them showed two things, here are both. */
#define REENROL_OTHERS (TECDSA_T - 1)
struct reenrol_sum {
    struct tecdsa_repair_sum sum;
    struct reenrol_show seen[REENROL_OTHERS];
};
/* SECRETS: repetitions(8), then what tmldsa_repair_give() writes. */
#define REENROL_SECRETS_HEAD 8
#define REENROL_SECRETS_MAX (REENROL_SECRETS_HEAD + TMLDSA_HELD_MAX * (1 + TMLDSA_SIGMA_LEN))
#define REENROL_MSG_MAX 1536 /* bytes of any of them */

_Static_assert(sizeof(struct reenrol_show) == 404 && sizeof(struct reenrol_deal) == 452 &&
                   sizeof(struct reenrol_sum) == 953,
               "no padding");

/* What the signature of a show is over. */
#define REENROL_SIGNED_LEN (17 + sizeof(struct tecdsa_repair_show))
void reenrol_show_signed(const struct tecdsa_repair_show *show,
                         uint8_t out[REENROL_SIGNED_LEN]);

#endif
