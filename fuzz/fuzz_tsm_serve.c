/* What a core's connection brings to quorate-tsm: every ask gets one answer, and nothing else
 * is made of it. The first byte says in what pieces it comes, and how it is answered. */
#include "promise.h"

#include "enclave/tsm/tsm_serve.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tsm_serve s;

static void answer_all(bool good)
{
    static const uint8_t block[100] = {1, 1};
    uint8_t report_data[TSM_ASK_LEN];
    uint64_t id = 0;

    while (tsm_serve_next(&s, &id, report_data)) {
        promise(tsm_serve_pending(&s).n == 0 && !tsm_serve_done(&s));
        tsm_serve_answer(&s, id, good ? ERR_OK : ERR_IO,
                         (struct view){block, good ? sizeof block : 0});
        promise(tsm_serve_pending(&s).n > FRAME_HEADER_LEN);
        tsm_serve_sent(&s, tsm_serve_pending(&s).n);
    }
    tsm_serve_sent(&s, tsm_serve_pending(&s).n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_init((struct view){data, size});
    uint8_t how = 0;

    tsm_serve_init(&s);
    if (rd_u8(&r, &how) != ERR_OK) {
        return 0;
    }
    while (r.n > 0 && !tsm_serve_done(&s)) {
        size_t room = 0;
        uint8_t *const p = tsm_serve_receive(&s, &room);
        size_t n = 1 + how % 97U;

        n = n < r.n ? n : r.n;
        n = n < room ? n : room;
        promise(n > 0 || s.closing);
        if (n > 0 && rd_copy(&r, p, n) == ERR_OK) {
            tsm_serve_received(&s, n);
        }
        answer_all((how & 0x80) != 0);
    }
    return 0;
}
