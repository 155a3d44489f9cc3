/* A leap table from its text: times go to TAI and back but for the inserted second. */
#include "promise.h"

#include "enclave/clock/leap_table.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NS_PER_S INT64_C(1000000000)

static void about(const struct leap_table *t, int64_t tai_ns)
{
    int64_t utc_ns;
    int64_t back_ns;

    if (leap_to_utc(t, tai_ns, &utc_ns) != ERR_OK) {
        return;
    }
    promise(utc_ns >= 0);
    if (!leap_table_near(t, tai_ns, tai_ns, 0)) {
        promise(leap_to_tai(t, utc_ns, &back_ns) == ERR_OK && back_ns == tai_ns);
    }
    (void)leap_month_end(t, tai_ns, tai_ns, 0);
    (void)leap_table_expired(t, tai_ns);
    promise(leap_table_today(t, tai_ns) >= -1 && leap_table_today(t, tai_ns) <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[4097];
    static const struct leap_table zero;
    struct leap_table t;

    if (size >= sizeof text) {
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    if (leap_table_parse(text, &t) != ERR_OK) {
        promise(memcmp(&t, &zero, sizeof t) == 0);
        return 0;
    }
    for (size_t i = 0; i < t.n; i++) {
        const int64_t at = (t.entries[i].from_s + t.entries[i].offset_s) * NS_PER_S;

        for (int64_t s = -3; s <= 3; s++) {
            about(&t, at + s * NS_PER_S);
            about(&t, at + s * NS_PER_S + NS_PER_S / 2);
        }
    }
    about(&t, INT64_MAX);
    return 0;
}
