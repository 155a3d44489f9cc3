/* Preloaded by a time server that is to lie: the time that it reads is off by LIE_MS, and it
 * gets no time stamps of the kernel, which would be true. */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

int clock_gettime(clockid_t id, struct timespec *out)
{
    static int (*real)(clockid_t, struct timespec *);
    const char *ms = getenv("LIE_MS");

    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    }
    const int result = real(id, out);

    if (result == 0 && id == CLOCK_REALTIME && ms != NULL) {
        const long long ns = out->tv_nsec + (atoll(ms) % 1000) * 1000000;

        out->tv_sec += atoll(ms) / 1000 + ns / 1000000000;
        out->tv_nsec = (long)(ns % 1000000000);
    }
    return result;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t n)
{
    static int (*real)(int, int, int, const void *, socklen_t);

    if (level == SOL_SOCKET &&
        (name == SO_TIMESTAMP || name == SO_TIMESTAMPNS || name == SO_TIMESTAMPING)) {
        errno = ENOPROTOOPT;
        return -1;
    }
    if (real == NULL) {
        *(void **)&real = dlsym(RTLD_NEXT, "setsockopt");
    }
    return real(fd, level, name, value, n);
}
