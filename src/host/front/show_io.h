/* show_io.h - asks every core for evidence, nonce by nonce (show_desk.h), on connections and
 * from a thread of its own: whatever cores answer, late, wrong or never, holds up nothing else.
 */
#ifndef HOST_FRONT_SHOW_IO_H
#define HOST_FRONT_SHOW_IO_H

#include "host/front/show_desk.h"

#define SHOW_WAIT_MS 800  /* for one answer of one core */
#define SHOW_CORE_MS 3000 /* for the evidence of one core */
#define SHOW_AGAIN_MS 20  /* between two questions whether it is there */
#define SHOW_PAUSE_MS 250 /* after each nonce: nobody keeps the cores' silicon busy */

struct show_io;

/* uris: of n cores. NULL: no memory or no thread. */
struct show_io *show_start(const char *const *uris, size_t n);
/* Ends the thread. NULL: nothing. */
void show_stop(struct show_io *s);

struct show_desk *show_desk_of(struct show_io *s);

#endif
