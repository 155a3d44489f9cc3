#include "host/ceremony/platform_list.h"

#include "base/hex.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, PLAN_PLATFORM_LEN);
}

static enum err read_one(const char *at, size_t len, uint8_t out[PLAN_PLATFORM_LEN])
{
    char text[2 * PLAN_PLATFORM_LEN + 1] = {0};
    size_t n = 0;

    if (len != sizeof text - 1) {
        return ERR_ENCODING;
    }
    memcpy(text, at, len);
    return hex_parse(text, out, PLAN_PLATFORM_LEN, &n) == ERR_OK ? ERR_OK : ERR_ENCODING;
}

enum err platform_list_read(const char *text,
                            uint8_t out[PLAN_PLATFORMS_MAX][PLAN_PLATFORM_LEN], size_t *n)
{
    size_t count = 0;

    *n = 0;
    for (const char *at = text + strspn(text, " "); *at != '\0'; count++) {
        const size_t len = strcspn(at, " ");

        if (count == PLAN_PLATFORMS_MAX) {
            return ERR_NOSPACE;
        }
        TRY(read_one(at, len, out[count]));
        at += len;
        at += strspn(at, " ");
    }
    qsort(out, count, PLAN_PLATFORM_LEN, compare);
    *n = count;
    return ERR_OK;
}

enum err platform_choose(const struct plan_node *node, const char *text,
                         uint8_t out[PLAN_PLATFORM_LEN])
{
    uint8_t ids[PLAN_PLATFORMS_MAX][PLAN_PLATFORM_LEN];
    size_t n = 0;

    if (text == NULL) {
        if (node->platforms.n != PLAN_PLATFORM_LEN) {
            return ERR_RANGE;
        }
        memcpy(out, node->platforms.p, PLAN_PLATFORM_LEN);
        return ERR_OK;
    }
    if (platform_list_read(text, ids, &n) != ERR_OK || n != 1) {
        return ERR_ENCODING;
    }
    memcpy(out, ids[0], PLAN_PLATFORM_LEN);
    return plan_lists_platform(node, out) ? ERR_OK : ERR_MISMATCH;
}
