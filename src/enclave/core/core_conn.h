/* core_conn.h - one connection of a core: its bytes in, its bytes out, its deadlines. No
 * kernel. */
#ifndef ENCLAVE_CORE_CORE_CONN_H
#define ENCLAVE_CORE_CORE_CONN_H

#include "enclave/core/core_area.h"
#include "enclave/core/core_step.h"

struct core_conn {
    uint32_t lane;
    bool timed;                 /* the peer is the time client; set after core_conn_init() */
    size_t in_at, in_len;       /* in[in_at, in_len) is received and not yet carried out */
    size_t out_at, out_len;     /* out[out_at, out_len) is not yet sent */
    struct core_areas *areas;   /* for long frames and answers; NULL: none is taken */
    uint8_t *area;              /* where a frame is being received; NULL: none is */
    size_t area_len, area_need; /* bytes of it that are there, and of all of it */
    bool waits;                 /* for an area */
    size_t n_kept;              /* areas set aside for long answers that are being made */
    uint8_t *kept[LIMIT_AREAS];
    size_t n_long; /* long answers that are to be sent, the first of them from long_at on */
    size_t long_at;
    struct core_long {
        uint8_t *area;
        size_t len;
    } longs[LIMIT_AREAS];
    size_t batches; /* R2 frames under way */
    size_t aside;   /* bytes of their answers, at most */
    bool ended;     /* the peer sends nothing more: what is here is still carried out */
    bool closing; /* no further frame is read: what is under way is answered, then it is closed
                   */
    bool spoke;   /* a whole frame came */
    int64_t heard_ns;      /* of the last whole frame */
    int64_t partial_ns;    /* since when a frame is incomplete; 0: none is */
    int64_t stall_ns;      /* since when the peer takes nothing, or not all of a long answer; 0:
                              nothing waits */
    size_t stall_progress; /* bytes taken since then */
    uint8_t in[LIMIT_READ_BUFFER];
    uint8_t out[LIMIT_WRITE_BUFFER];
};

/* areas outlive the connection; NULL: a frame of over FRAME_BODY_MAX ends it, and no answer is
 * long. */
void core_conn_init(struct core_conn *n, uint32_t lane, struct core_areas *areas,
                    int64_t now_ns);
/* Gives back what was lent. The last call. */
void core_conn_close(struct core_conn *n);

/* Where received bytes go, *room of them; 0: the buffer is full of work. */
uint8_t *core_conn_receive(struct core_conn *n, size_t *room);
/* So many bytes were put there. */
void core_conn_received(struct core_conn *n, size_t bytes);
/* The peer sends nothing more. */
void core_conn_ended(struct core_conn *n);

/* Carries out the next whole frame. False: nothing can be done now (no whole frame, no room or
 * area for an answer, LIMIT_CONNECTION_BATCHES under way, closing). A frame that is malformed
 * is answered, and is the last one. *batch: to be submitted, or NULL. */
bool core_conn_work(struct core_conn *n, struct core *c, int64_t now_ns,
                    struct sign_batch **batch);

/* A batch of this connection is done: its answer joins what is to be sent. */
void core_conn_finish(struct core_conn *n, struct core *c, struct sign_batch *b,
                      int64_t now_ns);

/* What is to be sent now, and how much of it was. A long answer is sent whole before anything
 * else. */
struct view core_conn_send(const struct core_conn *n);
void core_conn_sent(struct core_conn *n, size_t bytes, int64_t now_ns);

/* Whether more can be done at once: bytes wait in the socket and have room, or sending made
 * room for frames that wait here. */
bool core_conn_wants(const struct core_conn *n, bool readable, bool sent);

/* A frame waits for an area, and there is one for it. */
bool core_conn_can_go_on(const struct core_conn *n);

/* Closing, and nothing is left to do. */
bool core_conn_over(const struct core_conn *n);
/* How long the peer may be idle. crowded: every place is taken, and others wait. */
int64_t core_conn_patience(const struct core_conn *n, bool crowded, int64_t idle_ns);
/* The peer's time is up: idle, a frame that does not end, or an answer that it does not take.
 */
bool core_conn_expired(const struct core_conn *n, int64_t now_ns, int64_t idle_ns);

#endif
