#include "crypto/aes_stream.h"

#include "base/cpu.h"

#include <assert.h>

#if CPU_BUILD_AVX2

bool aes_stream_here(void)
{
    return cpu_has_aes();
}

#else

bool aes_stream_here(void)
{
    return false;
}

void aes_stream(const uint8_t key[AES_STREAM_KEY_LEN], uint16_t nonce, uint8_t *out,
                size_t blocks)
{
    (void)key;
    (void)nonce;
    (void)out;
    (void)blocks;
    assert(!"not here");
}

#endif
