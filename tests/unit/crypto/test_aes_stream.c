#include "mldsa_kit.h"
#include "testing.h"

#include "crypto/aes_stream.h"

#include <nettle/aes.h>
#include <nettle/ctr.h>

/* nettle's counter mode from the same first block, for every way that the blocks can end. */
static void it_is_counter_mode(void **state)
{
    static uint8_t ours[2000 * AES_STREAM_BLOCK];
    static uint8_t theirs[sizeof ours];
    static const uint8_t zero[sizeof ours];
    uint8_t key[AES_STREAM_KEY_LEN];
    uint64_t noise_state = 1;

    (void)state;
    if (!aes_stream_here()) {
        printf("SKIP AES: this processor has no instructions for it\n");
        return;
    }
    for (unsigned i = 0; i < 40; i++) {
        const size_t blocks = i < 39 ? i : 2000;
        const uint16_t nonce = (uint16_t)noise(&noise_state);
        uint8_t counter[AES_STREAM_BLOCK] = {(uint8_t)nonce, (uint8_t)(nonce >> 8)};
        struct aes256_ctx aes;

        noise_bytes(&noise_state, key, sizeof key);
        aes256_set_encrypt_key(&aes, key);
        memset(theirs, 0xee, sizeof theirs);
        memset(ours, 0xee, sizeof ours);
        ctr_crypt(&aes, (nettle_cipher_func *)aes256_encrypt, sizeof counter, counter,
                  blocks * AES_STREAM_BLOCK, theirs, zero);
        aes_stream(key, nonce, ours, blocks);
        assert_memory_equal(ours, theirs, sizeof ours); /* and not a byte more */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_is_counter_mode)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
