#include "host/front/file_answer.h"

#include "bundle/bundle.h"

#include "base/hex.h"
#include "host/front/show_desk.h"
#include "os/small_file.h"

#include <stdlib.h>
#include <string.h>

static void refuse(struct file_answer *out, unsigned status, const char *reason,
                   unsigned retry_after_s)
{
    *out = (struct file_answer){.status = status,
                                .type = "application/json",
                                .reason = reason,
                                .retry_after_s = retry_after_s};
}

static bool read_nonce(const char *text, uint8_t out[REPORT_DATA_NONCE_LEN])
{
    size_t n = 0;

    return text != NULL && strlen(text) == 2 * (size_t)REPORT_DATA_NONCE_LEN &&
           hex_parse(text, out, REPORT_DATA_NONCE_LEN, &n) == ERR_OK &&
           n == REPORT_DATA_NONCE_LEN;
}

static void show(const struct front *front, struct show_desk *desk, const char *text,
                 struct file_answer *out)
{
    uint8_t nonce[REPORT_DATA_NONCE_LEN];
    uint8_t *file;
    size_t n;
    enum err e;

    if (desk == NULL) {
        refuse(out, 503, "nobody asks the cores for evidence", 0);
        return;
    }
    if (!read_nonce(text, nonce)) {
        refuse(out, 400, "nonce: 64 hexadecimal digits, please", 0);
        return;
    }
    e = show_desk_get(desk, nonce, front->clock.monotonic_ns(), &file, &n);
    if (e == ERR_OK) {
        *out = (struct file_answer){.status = 200,
                                    .type = "application/octet-stream",
                                    .disposition = "attachment; filename=\"evidence\"",
                                    .file = file,
                                    .n = n};
    } else if (e == ERR_BUSY) {
        refuse(out, 202, "it is being made: ask again", 1);
    } else if (e == ERR_EVIDENCE) {
        refuse(out, 503, "no core shows evidence of its machine", 0);
    } else {
        refuse(out, 503, "too busy", 5);
    }
}

static void read_bundle(const char *path, struct file_answer *out)
{
    uint8_t *const room = malloc(BUNDLE_MAX);
    struct view in = {NULL, 0};
    enum err e = ERR_NOSPACE;

    if (room != NULL) {
        e = small_file_read(path, room, BUNDLE_MAX, &in);
    }
    if (e != ERR_OK || in.n == 0) {
        free(room);
        refuse(out, e == ERR_NOSPACE ? 503 : 404, "there is no bundle of this epoch", 0);
        return;
    }
    *out = (struct file_answer){.status = 200,
                                .type = "application/octet-stream",
                                .disposition = "attachment; filename=\"bundle\"",
                                .file = room,
                                .n = in.n};
}

static void give_bundle(struct front *front, const struct serving *s, struct file_answer *out)
{
    if (s->config.front.bundle[0] == '\0') {
        refuse(out, 404, "there is no bundle of this epoch", 0);
    } else if (atomic_fetch_add(&front->bundles, 1) >= FILE_ANSWERS_MAX) {
        refuse(out, 503, "too busy", 1);
        (void)atomic_fetch_sub(&front->bundles, 1);
    } else {
        read_bundle(s->config.front.bundle, out);
        (void)atomic_fetch_sub(&front->bundles, 1);
    }
}

void file_answer_make(struct front *front, const struct serving *s, enum http_endpoint endpoint,
                      const char *nonce, struct file_answer *out)
{
    if (endpoint == ENDPOINT_EVIDENCE) {
        show(front, s->stage->show, nonce, out);
    } else {
        give_bundle(front, s, out);
    }
}
