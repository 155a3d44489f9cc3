/* A table of certificates: arbitrary bytes are refused whole, or give views of themselves that
 * share nothing. */
#include "promise.h"

#include "attest/snp_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    struct snp_table t;
    const struct view *const v[] = {&t.vcek, &t.vlek, &t.ask, &t.ark, &t.crl};

    if (snp_table_parse(in, &t) != ATTEST_OK) {
        for (size_t i = 0; i < 5; i++) {
            promise(v[i]->n == 0);
        }
        return 0;
    }
    for (size_t i = 0; i < 5; i++) {
        promise_inside(*v[i], in);
        for (size_t j = 0; j < i; j++) {
            promise(v[i]->n == 0 || v[j]->n == 0 || v[i]->p + v[i]->n <= v[j]->p ||
                    v[j]->p + v[j]->n <= v[i]->p);
        }
    }
    return 0;
}
