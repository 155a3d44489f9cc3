/* stamp_flow.h - the way of one request: parse, admit, sign by coord, build the token, under a
 * hybrid policy have its hash signed by the pq key, record it in the journal. */
#ifndef HOST_FRONT_STAMP_FLOW_H
#define HOST_FRONT_STAMP_FLOW_H

#include "host/front/front.h"

/* Called when the last byte of the body is there. true: under way, and r->resume() will be
 * called, from any thread and perhaps before this returns; suspend() is called before. false:
 * r->err has the outcome already. */
bool stamp_flow_begin(struct request *r, void (*suspend)(struct request *r));

/* Builds and records the tokens whose signatures have come. On coord's thread, when it rests.
 */
void stamp_flow_rest(struct stage *stage);

/* From now on nothing is begun, and what is under way is answered with ERR_DEADLINE: no
 * connection stays suspended, which the HTTP server needs before it can be stopped. */
void stamp_flow_stop(struct front *front);

/* Puts the record into a hybrid token; called by the connection's thread when r is DONE, before
 * it looks at the outcome, which may be a failure after this. */
void stamp_flow_compose(struct request *r);

/* The DER of the answer, granted or rejected; valid as long as r. Called by the connection's
 * thread when r is DONE. */
struct view stamp_flow_reply(struct request *r);

#endif
