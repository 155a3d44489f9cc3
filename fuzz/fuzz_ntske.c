/* What a key establishment server answers: views stay inside, lengths in their limits. */
#include "promise.h"

#include "enclave/nts/ntske.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ntske_answer zero;
    const struct view in = {data, size};
    struct ntske_answer a;
    size_t len = 0;
    const enum err whole = ntske_answer_len(in, &len);

    promise(whole == ERR_OK ? len > 0 && len <= size && len <= NTSKE_ANSWER_MAX : len == 0);
    if (ntske_answer_parse(in, &a) != ERR_OK) {
        promise(memcmp(&a, &zero, sizeof a) == 0);
        return 0;
    }
    promise(whole == ERR_OK && len == size);
    promise(a.n_cookies >= 1 && a.n_cookies <= NTS_COOKIES_MAX && a.port != 0);
    for (size_t i = 0; i < a.n_cookies; i++) {
        promise_inside(a.cookies[i], in);
        promise(a.cookies[i].n >= 1 && a.cookies[i].n <= NTS_COOKIE_MAX);
    }
    promise_inside(a.server, in);
    promise(a.server.n <= NTSKE_SERVER_MAX);
    return 0;
}
