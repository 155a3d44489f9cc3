#include "promise.h"

#include "format/ber.h"
#include "format/extension.h"
#include "format/hash_oid.h"
#include "format/tst_info_parse.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    const struct tst_info_view zero = {0};
    struct tst_info_view t;
    struct reader extensions;
    struct extension ext;

    if (tst_info_parse(in, &t) != ERR_OK) {
        promise(memcmp(&t, &zero, sizeof t) == 0);
        return 0;
    }
    promise(t.version <= 127 && der_oid_check(t.policy) && der_oid_check(t.hash_oid));
    promise(t.hash_alg == hash_oid_find(t.hash_oid));
    promise(t.hash_alg == HASH_NONE || t.hashed_message.n == hash_len(t.hash_alg));
    promise(t.serial_number.n > 0 && t.gen_time.ns < 1000000000);
    promise(t.accuracy_millis <= 999 && t.accuracy_micros <= 999);
    promise(t.has_accuracy || tst_info_accuracy_us(&t) == 0);
    promise((t.flaws & ~BER_FLAW_ALL) == 0);
    promise_inside(t.policy, in);
    promise_inside(t.hash_params, in);
    promise_inside(t.hashed_message, in);
    promise_inside(t.serial_number, in);
    promise_inside(t.nonce, in);
    promise_inside(t.tsa, in);
    promise_inside(t.extensions, in);
    extensions = rd_init(t.extensions);
    while (extensions.n > 0) {
        promise(extension_next(&extensions, &ext) == ERR_OK);
    }
    return 0;
}
