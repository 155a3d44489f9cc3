/* exchange.h - the HTTP server's callbacks: from a request's head to its answer. Drives
 * libmicrohttpd. */
#ifndef HOST_FRONT_EXCHANGE_H
#define HOST_FRONT_EXCHANGE_H

#include "host/front/front.h"

#include <microhttpd.h>

#define EXCHANGE_DISCARD_MAX \
    1048576 /* bytes of a refused body that are read before the refusal is sent */
#define EXCHANGE_LOGS_PER_S \
    100 /* rejections and refusals logged in a second; further ones are counted */

/* What one listening address is. */
struct listener {
    struct front *front;
    bool admin; /* serves the admin endpoints, without limits */
    struct conn_watch *watch;
};

/* The access handler; cls: struct listener. */
enum MHD_Result exchange_handle(void *cls, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_n, void **con_cls);

/* When a request is over, whatever way; cls: struct listener. */
void exchange_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                        enum MHD_RequestTerminationCode code);

#endif
