/* mesh_parts.h - what the files of this room share: how a channel comes and goes, and what is
 * said over one. */
#ifndef ENCLAVE_MESH_MESH_PARTS_H
#define ENCLAVE_MESH_MESH_PARTS_H

#include "enclave/mesh/mesh.h"

/* Marks of packets in the outbox; handshakes have those from 2 on. */
#define MESH_MARK_RECORD 0
#define MESH_MARK_KNOCK 1

/* ---- mesh_handshake.c ---- */

/* The pair of the own index and a peer, without a channel; what waits for it is gone. */
MUST_CHECK enum err mesh_pair_reset(struct mesh *m, unsigned peer);
/* The channel is used no more. */
void mesh_break_channel(struct mesh *m, unsigned peer);
/* ERR_STATE: as mesh_take(). */
MUST_CHECK enum err mesh_take_handshake(struct mesh *m, unsigned peer, struct view message,
                                        int64_t now_ns);
/* Room for a message of a handshake of up to n bytes, its kind written. As mesh_box_place(). */
MUST_CHECK enum err mesh_handshake_place(struct mesh *m, unsigned peer, size_t n,
                                         struct writer *w);
void mesh_take_knock(struct mesh *m, unsigned peer, struct view rest);
MUST_CHECK enum err mesh_tick_handshake(struct mesh *m, unsigned peer, int64_t now_ns);

/* ---- mesh_evidence.c ---- */

/* The judge of the channels; self is the mesh. */
enum err mesh_evidence_judge(void *self, uint8_t peer, uint32_t incarnation, struct view block,
                             const uint8_t report_data[REPORT_DATA_LEN]);
/* Asks for evidence, if a handshake waits for it and nobody asked yet. */
void mesh_evidence_ask(struct mesh *m, unsigned peer, int64_t now_ns);
/* Evidence that came goes out, and what waited for that. What pq1_go_on() gives. */
MUST_CHECK enum err mesh_evidence_give(struct mesh *m, unsigned peer, int64_t now_ns);
/* The handshake that asked is over. */
void mesh_evidence_forget(struct mesh *m, unsigned peer);

/* ---- mesh_message.c ---- */

/* What was given, and the first part of what was not, is erased. */
void mesh_forget(struct mesh *m, unsigned peer);
void mesh_take_record(struct mesh *m, unsigned peer, struct view record, int64_t now_ns,
                      struct mesh_message *out);
MUST_CHECK enum err mesh_seal(struct mesh *m, unsigned to, const struct pq1_about *about,
                              struct view plain, int64_t now_ns);

/* ---- mesh_seed.c ---- */

void mesh_seed_take(struct mesh *m, unsigned peer, const struct mesh_message *in);
/* The own part goes, if it is owed and can. ERR_STATE: the DRBG wants a reseed. */
MUST_CHECK enum err mesh_seed_send(struct mesh *m, unsigned peer, int64_t now_ns);

#endif
