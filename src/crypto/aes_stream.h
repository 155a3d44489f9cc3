/* aes_stream.h - AES-256 in counter mode (FIPS 197, SP 800-38A 6.5) as a stream of
 * pseudorandom bytes, by the processor's own instructions. nettle has it too, but sets up the
 * key by a table, which shows it to whoever shares the cache. */
#ifndef CRYPTO_AES_STREAM_H
#define CRYPTO_AES_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AES_STREAM_KEY_LEN 32
#define AES_STREAM_BLOCK 16

/* Whether this processor and this build can. */
bool aes_stream_here(void);

/* The first blocks of the stream whose first counter block is nonce and then 14 zero bytes.
 * Only where aes_stream_here(). */
void aes_stream(const uint8_t key[AES_STREAM_KEY_LEN], uint16_t nonce, uint8_t *out,
                size_t blocks);

#endif
