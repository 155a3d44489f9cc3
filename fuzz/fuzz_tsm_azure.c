/* What a vTPM answers: nothing is read behind it, and as many PCRs come out as it says. */
#include "promise.h"

#include "os/tsm_azure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t values[768];
    struct view parameters;
    uint32_t mask = 0;
    size_t n = 0;

    for (int session = 0; session < 2; session++) {
        const enum tsm_fault f =
            tsm_tpm_response_decode((struct view){data, size}, session == 1, &parameters);

        promise(f == TSM_OK || parameters.n == 0);
        promise(parameters.n <= size);
        if (f == TSM_OK &&
            tsm_tpm_pcrs_decode(parameters, &mask, values, sizeof values, &n) == TSM_OK) {
            promise(n % 32 == 0 && n <= sizeof values && mask >> 24 == 0);
        }
    }
    if (tsm_tpm_pcrs_decode((struct view){data, size}, &mask, values, sizeof values, &n) !=
        TSM_OK) {
        promise(n <= sizeof values);
    }
    return 0;
}
