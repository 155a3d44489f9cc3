#include "host/authority/files_io.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum err folder_make(const char *path, mode_t mode)
{
    struct stat st;

    if (mkdir(path, mode) == 0) {
        return ERR_OK;
    }
    if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        return ERR_OK;
    }
    return ERR_IO;
}

enum err program_beside(const char *name, char *out, size_t cap)
{
    char self[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    if (n <= 0) {
        return ERR_IO;
    }
    self[n] = '\0';
    const char *slash = strrchr(self, '/');
    const int len =
        snprintf(out, cap, "%.*s/%s", slash == NULL ? 0 : (int)(slash - self), self, name);

    return len < 0 || (size_t)len >= cap ? ERR_NOSPACE : ERR_OK;
}

enum err program_find(const char *configured, const char *name, char *out)
{
    if (configured[0] == '\0') {
        return program_beside(name, out, PATH_MAX);
    }
    (void)snprintf(out, PATH_MAX, "%s", configured);
    return ERR_OK;
}
