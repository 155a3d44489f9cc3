/* notify.h - tells the service manager how we are: sd_notify(3) in a few lines. */
#ifndef OS_NOTIFY_H
#define OS_NOTIFY_H

/* Sends state ("READY=1", "STOPPING=1") to $NOTIFY_SOCKET. Without one, nothing happens; what
 * fails is nobody's business but the manager's, which then times out. */
void notify(const char *state);

#endif
