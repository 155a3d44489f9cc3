/* coord_log.h - what coord writes into the log. */
#ifndef HOST_COORD_COORD_LOG_H
#define HOST_COORD_COORD_LOG_H

#include "host/coord/coord_cluster.h"
#include "os/event_log.h"
#include "wire/reenrol_order.h"

/* Of one core, which listens at uri. why: NULL, or a reason. */
void coord_log_core(enum event_level level, enum event ev, const struct coord_member *m,
                    const char *uri, const char *why);

/* Of the core that listens at uri, or of the epoch. */
void coord_log_news(enum coord_news what, const struct coord_member *m, const char *uri);

/* A node did not do its part of a session, and rests. */
void coord_log_odd(const struct quorum_roster *roster, unsigned party, enum err e,
                   int64_t rest_ms);

/* Too few sessions of a node give a signature; or of so many nodes that none is blamed. */
void coord_log_ratio(const struct quorum_roster *roster, unsigned party,
                     enum quorum_ratio_news news);

/* Three signatures of these nodes, a mask of places, were wrong: they rest as a triple. */
void coord_log_triple(const struct quorum_roster *roster, unsigned s);

/* How many triples are usable now. */
void coord_log_few(const struct quorum_roster *roster, enum coord_triples level);

void coord_log_epoch(enum event_level level, enum event ev, const struct quorum_roster *roster);

/* Another process has a lost node's place. */
void coord_log_order(const struct quorum_roster *roster, const struct reenrol_order *o);

/* A node was caught at a lie. kept: why its proof is not in the file called name. */
void coord_log_lie(const struct quorum_run *run, unsigned party, const char *name,
                   enum err kept);

#endif
