#include "enclave/workers/thread_io.h"

#include <pthread.h>
#include <signal.h>

enum err thread_start(void *(*run)(void *arg), void *arg, size_t stack_len)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all;
    sigset_t old;
    enum err e;

    if (pthread_attr_init(&attr) != 0) {
        return ERR_IO;
    }
    (void)pthread_attr_setstacksize(&attr, stack_len);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    e = pthread_create(&thread, &attr, run, arg) == 0 ? ERR_OK : ERR_IO;
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    (void)pthread_attr_destroy(&attr);
    return e;
}
