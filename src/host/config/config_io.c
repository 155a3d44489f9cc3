#include "host/config/config.h"
#include "os/small_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum err config_load(const char *path, struct config *out, char error[CONFIG_ERROR_MAX])
{
    static _Thread_local uint8_t text[CONFIG_FILE_MAX];
    char dir[CONFIG_TEXT_MAX];
    const char *slash = strrchr(path, '/');
    const int len = slash == path ? 1 : slash != NULL ? (int)(slash - path) : 0;
    struct view in;

    *out = (struct config){0};
    const enum err e = small_file_read(path, text, sizeof text, &in);

    if (e == ERR_NOSPACE || len >= (int)sizeof dir) {
        (void)snprintf(error, CONFIG_ERROR_MAX, "%.120s: file or path too long", path);
        return ERR_NOSPACE;
    }
    if (e != ERR_OK) {
        (void)snprintf(error, CONFIG_ERROR_MAX, "%.120s: %s", path, strerrordesc_np(errno));
        return e;
    }
    /* A bare name is no program to be looked for in PATH: it is beside the file. */
    (void)snprintf(dir, sizeof dir, "%.*s", slash != NULL ? len : 1,
                   slash != NULL ? path : ".");
    return config_parse(in, path, dir, out, error);
}
