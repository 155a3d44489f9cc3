/* plan_epoch_io.h - what a draft of an attested plan says of its epoch: which epoch it follows,
 * the policy, and where its nodes run. */
#ifndef HOST_CEREMONY_PLAN_EPOCH_IO_H
#define HOST_CEREMONY_PLAN_EPOCH_IO_H

#include "host/ceremony/command_io.h"

#include <limits.h>

/* Adds to the draft what o->policy, o->previous and the cores say; policy gets the absolute
 * path of the first. What fails is said on stderr. Gives enum command_exit: COMMAND_USAGE: the
 * bundle of the epoch before; COMMAND_NO_KEY: the policy, or a core that does not say where it
 * runs. */
int plan_epoch_draft(const struct command_ask *o, char policy[PATH_MAX], struct plan *p);

#endif
