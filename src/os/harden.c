#include "os/harden.h"

#include "base/build.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum err harden_process(void)
{
    const struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return ERR_IO;
    }
    if (!BUILD_ASAN && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return ERR_IO;
    }
    return ERR_OK;
}

enum err harden_lock_all(void)
{
    return mlockall(MCL_CURRENT | MCL_FUTURE) == 0 ? ERR_OK : ERR_NOSPACE;
}
