#include "client/command/exec_authority.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define AUTHORITY_PROGRAM "quorate-authority"
#define AUTHORITY_ARGS_MAX 64

enum err exec_authority_beside(const char *self, const char *name, char *out, size_t cap)
{
    const char *slash = strrchr(self, '/');

    if (slash == NULL) {
        return ERR_RANGE;
    }
    const int n = snprintf(out, cap, "%.*s/%s", (int)(slash - self), self, name);

    return n < 0 || (size_t)n >= cap ? ERR_NOSPACE : ERR_OK;
}

enum err exec_authority(int argc, char **argv)
{
    static char program[] = AUTHORITY_PROGRAM;
    char self[PATH_MAX];
    char path[PATH_MAX];
    char *args[AUTHORITY_ARGS_MAX + 2];

    if (argc < 0 || argc > AUTHORITY_ARGS_MAX) {
        return ERR_NOSPACE;
    }
    args[0] = program;
    for (int i = 0; i < argc; i++) {
        args[i + 1] = argv[i];
    }
    args[argc + 1] = NULL;
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    if (n > 0) {
        self[n] = '\0';
        if (exec_authority_beside(self, program, path, sizeof path) == ERR_OK) {
            (void)execv(path, args);
        }
    }
    (void)execvp(program, args);
    return ERR_IO;
}
