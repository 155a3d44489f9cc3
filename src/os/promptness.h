/* promptness.h - a thread that does little at a time, and is waited for. */
#ifndef OS_PROMPTNESS_H
#define OS_PROMPTNESS_H

/* Asks the kernel to run this thread, and those that it starts from now on, soon after it has
 * something to do, although others compute: a short slice (sched(7), EEVDF; Linux 6.12). It
 * gets no more of the CPU for it. Other kernels do not, and nothing says so. Before the
 * sandbox. */
void promptness_ask(void);

#endif
