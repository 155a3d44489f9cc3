/* ended_list.h - which processes of an epoch have ended, and which have another's place: the
 * lines that the supervisor appends to a file, and that every front reads. Pure. Format in
 * docs/ceremony.md.
 *
 *   ended NAME NONCE\n     NAME: for people; NONCE: the process's boot nonce in the plan, in
 *                           hex
 *   order HEX\n            an order to re-enrol a node (wire/reenrol_order.h), carried out */
#ifndef HOST_COORD_ENDED_LIST_H
#define HOST_COORD_ENDED_LIST_H

#include "wire/reenrol_order.h"

#define ENDED_LIST_MAX \
    65536                  /* bytes of the file: some 700 lines; a front reads no longer one */
#define ENDED_LINE_MAX 128 /* bytes of one line of the first kind */
#define ENDED_ORDER_MAX (7 + 2 * REENROL_ORDER_MAX) /* of one of the second */

/* The next line that says so. False: there is none. Other lines, and a last one that is cut,
 * are passed over. */
bool ended_list_next(struct reader *r, uint8_t boot_nonce[PLAN_NONCE_LEN]);

/* The same of the next line with an order, none of which is verified; *bytes: in out. */
bool ended_list_next_order(struct reader *r, uint8_t out[REENROL_ORDER_MAX],
                           struct view *bytes);

/* Appends one. name has no space in it. */
void ended_list_write(struct writer *w, const char *name,
                      const uint8_t boot_nonce[PLAN_NONCE_LEN]);
void ended_list_write_order(struct writer *w, struct view order);

#endif
