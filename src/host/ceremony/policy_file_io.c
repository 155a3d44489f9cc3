#include "host/ceremony/policy_file_io.h"

#include "os/small_file.h"
#include "wire/plan.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum err policy_file_read(void *user, const char *path, struct view *text)
{
    static uint8_t policy[PLAN_POLICY_MAX];
    const char *plan = user;
    const char *slash = strrchr(plan, '/');
    char from[PATH_MAX];
    const int n = path[0] != '/' && slash != NULL
                      ? snprintf(from, sizeof from, "%.*s/%s", (int)(slash - plan), plan, path)
                      : snprintf(from, sizeof from, "%s", path);

    return n > 0 && (size_t)n < sizeof from ? small_file_read(from, policy, sizeof policy, text)
                                            : ERR_NOSPACE;
}
