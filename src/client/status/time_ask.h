/* time_ask.h - where an authority's status is, and the question for it. */
#ifndef CLIENT_STATUS_TIME_ASK_H
#define CLIENT_STATUS_TIME_ASK_H

#include "client/stamp/http_io.h"
#include "client/status/time_facts.h"

#define TIME_ASK_URL "http://127.0.0.1:3161" /* where `quorate dev up` serves */
#define TIME_ASK_URL_MAX 1024                /* bytes with the zero */

struct time_ask {
    struct http_client *http;
    char url[TIME_ASK_URL_MAX]; /* of /time.json */
    const char *unix_path;      /* NULL: none */
};

/* url: base of a main address that has these pages, or NULL; admin: ADDR:PORT or unix:PATH, or
 * NULL. At most one of both; neither: TIME_ASK_URL. ERR_RANGE: too long. ERR_TYPE: both.
 * ERR_NOSPACE: no memory. */
MUST_CHECK enum err time_ask_open(struct time_ask *a, const char *url, const char *admin,
                                  const struct http_options *http);
void time_ask_close(struct time_ask *a);

/* Asks once. *reply is the caller's to free, *facts what it says. *why: what is wrong, for
 * people; in *reply or static. As http_get() and time_facts_parse(); ERR_STATE: another HTTP
 * status. */
MUST_CHECK enum err time_ask_once(struct time_ask *a, struct http_reply *reply,
                                  struct time_facts *facts, const char **why);

#endif
