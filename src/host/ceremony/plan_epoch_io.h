/* plan_epoch_io.h - what a draft of an attested plan says of its epoch: which epoch it follows,
 * the policy, and where its nodes run. */
#ifndef HOST_CEREMONY_PLAN_EPOCH_IO_H
#define HOST_CEREMONY_PLAN_EPOCH_IO_H

#include "host/ceremony/command_io.h"

#include <limits.h>

/* What follows says on stderr what fails, and gives enum command_exit. */

/* Takes the policy of o->policy into the draft, whose absolute path policy gets.
 * COMMAND_USAGE: cores would not take it; COMMAND_NO_KEY: it cannot be read. */
int plan_epoch_policy(const struct command_ask *o, char policy[PATH_MAX], struct plan *p);

/* Adds to the draft what o->previous and the cores say. COMMAND_USAGE: the bundle of the epoch
 * before; COMMAND_NO_KEY: a core that does not say where it runs. */
int plan_epoch_draft(const struct command_ask *o, struct plan *p);

#endif
