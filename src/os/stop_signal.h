/* stop_signal.h - the signals that end a daemon, as a descriptor for its loop. */
#ifndef OS_STOP_SIGNAL_H
#define OS_STOP_SIGNAL_H

#include "base/bytes.h"

/* From now on SIGTERM and SIGINT make *fd readable and do nothing else, in this thread and
 * those that it starts; SIGPIPE does nothing: a peer that goes away is no signal. ERR_IO: the
 * kernel refused. */
MUST_CHECK enum err stop_signal_open(int *fd);

#endif
