/* ntp_packet.h - the NTPv4 header and extension fields, RFC 5905 7.3 and RFC 7822. */
#ifndef ENCLAVE_NTS_NTP_PACKET_H
#define ENCLAVE_NTS_NTP_PACKET_H

#include "base/bytes.h"

#define NTP_HEADER_LEN 48
#define NTP_VERSION 4
#define NTP_MODE_CLIENT 3
#define NTP_MODE_SERVER 4
#define NTP_LEAP_UNSYNCHRONISED 3
#define NTP_STRATUM_KISS 0
#define NTP_STRATUM_MAX 15 /* 16: unsynchronised; the reply is refused */
#define NTP_FIELD_MIN 16   /* bytes of an extension field, its header included */

struct ntp_header {
    uint8_t leap, version, mode, stratum;
    int8_t poll, precision;               /* log2 of seconds */
    uint32_t root_delay, root_dispersion; /* seconds, 16.16 */
    uint8_t ref_id[4];
    uint64_t reference, origin, receive, transmit; /* seconds since 1900, 32.32 */
};

/* Reads NTP_HEADER_LEN bytes. ERR_TRUNCATED: *out is all zero. */
MUST_CHECK enum err ntp_header_decode(struct reader *r, struct ntp_header *out);
void ntp_header_encode(struct writer *w, const struct ntp_header *h);

struct ntp_field {
    uint16_t type;
    struct view whole; /* with its header */
    struct view body;  /* without; padding included */
};

/* Reads the next extension field. ERR_TRUNCATED: it says more than is there. ERR_ENCODING: its
 * length is no multiple of four, or under NTP_FIELD_MIN. *out is zero then. */
MUST_CHECK enum err ntp_field_parse(struct reader *r, struct ntp_field *out);

/* Writes one extension field; its body is padded with zeros to four bytes and to
 * NTP_FIELD_MIN. A body that no length can tell: overflow of w. */
void ntp_field_write(struct writer *w, uint16_t type, struct view body);

/* A time stamp in nanoseconds since 1970 UTC, rounded down: of all eras the one for which it is
 * nearest to near_ns (RFC 5905 6). ERR_RANGE: it is before 1970 or after 2255. *out is 0. */
MUST_CHECK enum err ntp_time_ns(uint64_t stamp, int64_t near_ns, int64_t *out);

/* A time span of 16.16 seconds in nanoseconds, rounded up. */
int64_t ntp_short_ns(uint32_t span);

/* 2^log2 seconds in nanoseconds, rounded up; over 2^16 seconds: that. */
int64_t ntp_log2_ns(int8_t log2);

#endif
