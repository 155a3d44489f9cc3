/* presigner_parts.h - the engine of presigner.h, between its own files. */
#ifndef ENCLAVE_PRESIGN_PRESIGNER_PARTS_H
#define ENCLAVE_PRESIGN_PRESIGNER_PARTS_H

#include "enclave/presigner/presigner.h"

/* Messages that came before their time, of each peer: of every session that may be live, and of
 * a batch beside them. One for which there is no place costs its session all of its time. */
#define PRESIGNER_HELD_SMALL (PRESIGNER_SESSIONS + 1)
#define PRESIGNER_HELD_LARGE (PRESIGNER_SESSIONS + 1)
#define PRESIGNER_HELD (PRESIGNER_HELD_SMALL + PRESIGNER_HELD_LARGE)
#define PRESIGNER_HELD_SMALL_LEN 49152 /* round 1, and all of a batch but SHOW */
#define PRESIGNER_HELD_LARGE_LEN MESH_MESSAGE_MAX
#define PRESIGNER_HELD_NS INT64_C(5000000000)
#define PRESIGNER_PEERS_MAX (TECDSA_PARTIES_MAX - 1)
#define PRESIGNER_ENDED \
    32 /* sessions that ended without a record: what was said in them is kept */

/* Rounds that are the engine's own. */
#define PRESIGNER_SETUP_GONE 7  /* a check failed: the setup of this session is erased */
#define PRESIGNER_SESSION_END 3 /* no record will come of it */

struct presigner_head {
    bool used;
    struct pq1_about about;
    size_t n;
    int64_t since_ns;
};

struct presigner_held {
    struct presigner_head head[PRESIGNER_HELD];
    uint8_t small[PRESIGNER_HELD_SMALL][PRESIGNER_HELD_SMALL_LEN];
    uint8_t large[PRESIGNER_HELD_LARGE][PRESIGNER_HELD_LARGE_LEN];
};

/* With one peer. */
struct presigner_pair {
    uint32_t breaks; /* of the channel, when it was looked at last */
    uint64_t setup_counter;
    int64_t setup_ns; /* when the setup that runs began */
    bool unsent;      /* its message is written and waits for room */
    bool renewing;
    uint32_t seeds;    /* of the mesh's: the pool has the key of R1s of that one; 0: of none */
    uint64_t heard;    /* of it, when it was looked at last */
    int64_t silent_ns; /* since then, while others were heard */
    uint32_t blamed;
    uint8_t gone[TECDSA_HASH_LEN]; /* the setup that a check of ours ended last */
    struct presign_setup setup;
};

struct presigner_live {
    bool on;
    int64_t began_ns;
    unsigned wrote_1, wrote_2; /* to whom: masks */
    uint8_t sid1[TECDSA_HASH_LEN];
    struct presign_session session;
};

/* A session that ended without a record: what was said in it. Whatever ended it, and when, the
 * others are told at the end of its time. */
struct presigner_ended {
    uint8_t sid1[TECDSA_HASH_LEN];
    unsigned triple; /* 0: none */
    bool untold;
    int64_t tell_ns;
    struct presign_said said[TECDSA_PARTIES_MAX];
};

/* END: the setup with the receiver that a check ended, or zeros; then of the three, ascending,
 * zeros where nothing came. */
struct presigner_end {
    uint8_t gone[TECDSA_HASH_LEN];
    struct presign_said said[TECDSA_T];
};

/* Round 2, which travels under the sender's sid2. */
struct presigner_round_2 {
    uint8_t sid1[TECDSA_HASH_LEN];
    struct tecdsa_round_2 body;
};

struct presigner {
    struct presigner_setup of;
    uint8_t signing_keys[TECDSA_PARTIES_MAX][ED25519_PUBLIC_LEN];
    struct presign_tools tools;
    struct presign_standing standing;
    uint64_t renewals[TECDSA_PARTIES_MAX]; /* attempt of the last order, by peer */
    uint64_t made_dkls, made_accel, aborted, dropped, lies;
    unsigned turn;      /* of the parts in presigner_work() */
    int64_t looked_ns;  /* who is dead */
    int64_t carried_ns; /* when anybody was heard last */

    struct tecdsa_gadget gadget;
    struct tecdsa_signer signer;       /* of sessions */
    struct tecdsa_signer accel_signer; /* of batches: other seeds, and nothing else */
    struct tecdsa_accel_epoch epoch;
    int64_t batch_ns; /* when something of it moved last */
    unsigned next;    /* record of a finished batch that is to be taken */

    struct presigner_pair pair[TECDSA_PARTIES_MAX]; /* by peer */
    struct presigner_live live[PRESIGNER_SESSIONS];
    struct presigner_ended ended[PRESIGNER_ENDED];
    struct tecdsa_presignature record; /* on its way into the pool */
    struct tecdsa_accel accel;
    struct tecdsa_presign_scratch scratch;
    struct tecdsa_round_1 round_1;
    struct presigner_held held[PRESIGNER_PEERS_MAX]; /* by peer without the own index */
    uint8_t out[MESH_MESSAGE_MAX];                   /* a message that is being written */
};

/* What becomes of a message. */
enum presigner_said { PRESIGNER_TAKEN, PRESIGNER_LATER, PRESIGNER_DROPPED };

struct presigner_message {
    unsigned from;
    const struct pq1_about *about;
    struct view bytes;
};

static inline bool presigner_is_peer(const struct presigner *p, unsigned node)
{
    return node < p->of.n && node != p->of.own;
}

static inline bool presigner_in(unsigned mask, unsigned node)
{
    return (mask >> node & 1) != 0;
}

/* The highest of a SETUP or MAKE with a peer: both ascend together, so that no two copies of a
 * machine come to one session. Whoever forgot its setups makes new ones first, with a counter
 * above that of all sessions that the peer was in; its own come after that. */
static inline uint64_t presigner_counter(const struct presigner *p, unsigned peer)
{
    const uint64_t session = p->signer.pair[peer].last_counter;
    const uint64_t setup = p->pair[peer].setup_counter;

    return setup > session ? setup : session;
}

/* Fresh bytes. ERR_IO; what drbg_generate() gives. */
MUST_CHECK enum err presigner_fresh(struct presigner *p, void *out, size_t n);

/* Whether a message of n bytes can be sent to a peer now; and sends it. */
bool presigner_has_room(const struct presigner *p, unsigned to, size_t n);
MUST_CHECK enum err presigner_send(struct presigner *p, unsigned to,
                                   const struct pq1_about *about, struct view message,
                                   int64_t now_ns);

/* The same for what may be lost: nothing rests on it. */
bool presigner_tell(struct presigner *p, unsigned to, const struct pq1_about *about,
                    struct view message, int64_t now_ns);

/* p->record, if it is one, into the pool. */
bool presigner_keep(struct presigner *p, int64_t now_ns);

/* Whether the pool of a triple takes so many more, with what sessions are under way. */
bool presigner_pool_takes(struct presigner *p, unsigned triple, unsigned records);

/* Who has another seed, and whether channels broke, since it was looked at last; then a message
 * that came. */
void presigner_look(struct presigner *p, int64_t now_ns);
void presigner_took(struct presigner *p, const struct presigner_message *m, int64_t now_ns);

/* Messages that came before their time. */
void presigner_hold(struct presigner *p, const struct presigner_message *m, int64_t now_ns);
bool presigner_held_step(struct presigner *p, int64_t now_ns);
void presigner_held_tick(struct presigner *p, int64_t now_ns);
void presigner_held_forget(struct presigner *p, unsigned peer);
enum presigner_said presigner_deal(struct presigner *p, const struct presigner_message *m,
                                   int64_t now_ns);

/* Setups. */
enum presigner_said presigner_pair_take(struct presigner *p, const struct presigner_message *m,
                                        int64_t now_ns);
enum err presigner_setup_order(struct presigner *p, const struct presign_order *order,
                               int64_t now_ns);
bool presigner_pairs_step(struct presigner *p, int64_t now_ns);
void presigner_pairs_tick(struct presigner *p, int64_t now_ns);
/* One that runs comes to nothing: nobody failed. */
void presigner_setup_end(struct presigner *p, unsigned peer);
/* One that there is, whole or not, is erased: nobody failed. */
void presigner_setup_forget(struct presigner *p, unsigned peer);
/* A check of a session with that peer failed: what is set up with it goes. END tells it. */
void presigner_cut(struct presigner *p, unsigned peer, int64_t now_ns);
/* The peer says that this setup is gone by a check. False: there is no such one. */
bool presigner_gone(struct presigner *p, unsigned peer, const uint8_t id[TECDSA_HASH_LEN],
                    int64_t now_ns);

/* Sessions. */
enum presigner_said presigner_session_take(struct presigner *p,
                                           const struct presigner_message *m, int64_t now_ns);
enum err presigner_make_order(struct presigner *p, const struct presign_order *order,
                              int64_t now_ns);
bool presigner_sessions_step(struct presigner *p, int64_t now_ns);
void presigner_sessions_tick(struct presigner *p, int64_t now_ns);
/* All that a node is of; of the own index all. */
void presigner_sessions_end(struct presigner *p, unsigned node, int64_t now_ns);
unsigned presigner_sessions_of(const struct presigner *p, unsigned triple);
/* Under way, or of which the others do not know yet that they are not. */
unsigned presigner_sessions_open(const struct presigner *p);

/* What others show. */
enum err presigner_wrong_order(struct presigner *p, const struct presign_order *order,
                               int64_t now_ns);
enum err presigner_renew_order(struct presigner *p, const struct presign_order *order);

/* Batches. */
enum presigner_said presigner_batch_take(struct presigner *p, const struct presigner_message *m,
                                         int64_t now_ns);
enum err presigner_batch_order(struct presigner *p, const struct presign_order *order,
                               int64_t now_ns);
bool presigner_batch_step(struct presigner *p, int64_t now_ns);
void presigner_batch_tick(struct presigner *p, int64_t now_ns);
/* One that is under way is lost; and with it one whose records are not in the pool yet. */
void presigner_batch_end(struct presigner *p);
void presigner_batch_void(struct presigner *p);

#endif
