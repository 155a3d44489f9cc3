/* platform_list.h - ids of machines as people write them. */
#ifndef HOST_CEREMONY_PLATFORM_LIST_H
#define HOST_CEREMONY_PLATFORM_LIST_H

#include "wire/plan.h"

/* Hexadecimal with blanks between them, in any order; out ascends. ERR_NOSPACE: over
 * PLAN_PLATFORMS_MAX. ERR_ENCODING: one that is not of PLAN_PLATFORM_LEN bytes. *n is 0 then.
 */
MUST_CHECK enum err platform_list_read(const char *text,
                                       uint8_t out[PLAN_PLATFORMS_MAX][PLAN_PLATFORM_LEN],
                                       size_t *n);

/* The machine on which a node of an attested plan is to run: that of text, or the only one that
 * the plan lists where text is NULL. ERR_ENCODING: not one id. ERR_MISMATCH: the plan does not
 * list it. ERR_RANGE: no text, and the plan lists several. */
MUST_CHECK enum err platform_choose(const struct plan_node *node, const char *text,
                                    uint8_t out[PLAN_PLATFORM_LEN]);

#endif
