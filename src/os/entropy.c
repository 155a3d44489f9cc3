#include "os/entropy.h"

#include "base/secret.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/types.h>

static enum err fill(void *self, uint8_t *out, size_t n)
{
    size_t done = 0;

    (void)self;
    while (done < n) {
        const ssize_t got = getrandom(out + done, n - done, 0);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            wipe(out, n);
            return ERR_IO;
        }
        done += (size_t)got;
    }
    return ERR_OK;
}

const struct entropy_source entropy_os = {fill, NULL};
