/* notify_io.h - tells the service manager how we are: sd_notify(3) in a few lines. */
#ifndef HOST_AUTHORITY_NOTIFY_IO_H
#define HOST_AUTHORITY_NOTIFY_IO_H

/* Sends state ("READY=1", "STOPPING=1") to $NOTIFY_SOCKET. Without one, nothing happens; what
 * fails is nobody's business but the manager's, which then times out. */
void notify(const char *state);

#endif
