/* blame_io.h - quorate ceremony blame: judges a kept proof of a lie, offline, against the
 * record of the ceremony. */
#ifndef HOST_CEREMONY_BLAME_IO_H
#define HOST_CEREMONY_BLAME_IO_H

#include "host/ceremony/command_io.h"

/* COMMAND_DONE: the lie is proven. COMMAND_BLAMED: the file proves none. COMMAND_USAGE: it
 * could not be told. What it was is printed. */
int command_blame(const struct command_ask *o);

#endif
