/* capture.h - the recorded run of chrony 4.3 as client and server: NTS-KE, then three requests
 * with their replies. Without the vectors the test is skipped. */
#ifndef TESTS_VECTORS_NTS_CAPTURE_H
#define TESTS_VECTORS_NTS_CAPTURE_H

#include "base/bytes.h"

#define CAPTURE_PACKETS 8
#define CAPTURE_KE_PORT 14461

struct capture {
    uint8_t file[8192];
    uint8_t ke[4096]; /* what the server sent over TCP */
    size_t ke_len;
    struct view packets[CAPTURE_PACKETS]; /* requests and replies in turn */
    size_t n_packets;
    int64_t second; /* when it ended, since 1970 */
};

void capture_read(struct capture *c);
void capture_keys(uint8_t c2s[32], uint8_t s2c[32]);
/* A secret of TLS 1.3 by its name in the key log. */
void capture_secret(const char *label, uint8_t out[48]);

#endif
