#include "enclave/nts/ntp_packet.h"

#define NS_PER_S INT64_C(1000000000)
#define EPOCH_S INT64_C(2208988800)     /* from 1900 to 1970 */
#define LAST_UNIX_S INT64_C(9000000000) /* in 2255; int64 ns ends in 2262 */
#define FIELD_HEADER_LEN 4
#define LOG2_LARGEST 16

enum err ntp_header_decode(struct reader *r, struct ntp_header *out)
{
    struct ntp_header h = {0};
    struct reader in;
    struct view v;
    uint8_t first = 0;
    uint8_t poll = 0;
    uint8_t precision = 0;

    *out = h;
    TRY(rd_take(r, NTP_HEADER_LEN, &v));
    in = rd_init(v); /* all of it is there: none of these fails */
    TRY(rd_u8(&in, &first));
    TRY(rd_u8(&in, &h.stratum));
    TRY(rd_u8(&in, &poll));
    TRY(rd_u8(&in, &precision));
    TRY(rd_u32be(&in, &h.root_delay));
    TRY(rd_u32be(&in, &h.root_dispersion));
    TRY(rd_copy(&in, h.ref_id, sizeof h.ref_id));
    TRY(rd_u64be(&in, &h.reference));
    TRY(rd_u64be(&in, &h.origin));
    TRY(rd_u64be(&in, &h.receive));
    TRY(rd_u64be(&in, &h.transmit));
    h.leap = first >> 6;
    h.version = (first >> 3) & 7;
    h.mode = first & 7;
    h.poll = (int8_t)poll;
    h.precision = (int8_t)precision;
    *out = h;
    return ERR_OK;
}

void ntp_header_encode(struct writer *w, const struct ntp_header *h)
{
    wr_u8(w, (uint8_t)(h->leap << 6 | (h->version & 7) << 3 | (h->mode & 7)));
    wr_u8(w, h->stratum);
    wr_u8(w, (uint8_t)h->poll);
    wr_u8(w, (uint8_t)h->precision);
    wr_u32be(w, h->root_delay);
    wr_u32be(w, h->root_dispersion);
    wr_bytes(w, h->ref_id, sizeof h->ref_id);
    wr_u64be(w, h->reference);
    wr_u64be(w, h->origin);
    wr_u64be(w, h->receive);
    wr_u64be(w, h->transmit);
}

enum err ntp_field_parse(struct reader *r, struct ntp_field *out)
{
    struct reader ahead = *r;
    struct ntp_field f = {0};
    struct reader in;
    uint16_t len = 0;

    *out = f;
    TRY(rd_u16be(&ahead, &f.type));
    TRY(rd_u16be(&ahead, &len));
    if (len < NTP_FIELD_MIN || len % 4 != 0) {
        return ERR_ENCODING;
    }
    TRY(rd_take(r, len, &f.whole));
    in = rd_init(f.whole); /* NTP_FIELD_MIN bytes at least */
    TRY(rd_take(&in, FIELD_HEADER_LEN, &f.body));
    TRY(rd_take(&in, in.n, &f.body));
    *out = f;
    return ERR_OK;
}

void ntp_field_write(struct writer *w, uint16_t type, struct view body)
{
    size_t len = (FIELD_HEADER_LEN + body.n + 3) / 4 * 4;

    if (len < NTP_FIELD_MIN) {
        len = NTP_FIELD_MIN;
    }
    if (len > UINT16_MAX) {
        w->full = true;
        return;
    }
    wr_u16be(w, type);
    wr_u16be(w, (uint16_t)len);
    wr_view(w, body);
    for (size_t n = FIELD_HEADER_LEN + body.n; n < len; n++) {
        wr_u8(w, 0);
    }
}

enum err ntp_time_ns(uint64_t stamp, int64_t near_ns, int64_t *out)
{
    const int64_t near_s = near_ns / NS_PER_S;
    /* Seconds from near to stamp, modulo 2^32, taken as the one between -2^31 and 2^31. */
    const uint32_t ahead = (uint32_t)(stamp >> 32) - (uint32_t)(uint64_t)(near_s + EPOCH_S);
    const int64_t s =
        near_s +
        (ahead < UINT32_C(0x80000000) ? (int64_t)ahead : (int64_t)ahead - INT64_C(0x100000000));
    const uint64_t fraction = stamp & UINT32_MAX;

    *out = 0;
    if (s < 0 || s > LAST_UNIX_S) {
        return ERR_RANGE;
    }
    *out = s * NS_PER_S + (int64_t)((fraction * (uint64_t)NS_PER_S) >> 32);
    return ERR_OK;
}

int64_t ntp_short_ns(uint32_t span)
{
    return (int64_t)(((uint64_t)span * (uint64_t)NS_PER_S + UINT16_MAX) >> 16);
}

int64_t ntp_log2_ns(int8_t log2)
{
    const int64_t exponent = log2 > LOG2_LARGEST ? LOG2_LARGEST : log2;

    if (exponent >= 0) {
        return NS_PER_S << exponent;
    }
    if (exponent <= -30) { /* 2^-30 s is 0.93 ns */
        return 1;
    }
    return (NS_PER_S >> -exponent) + 1;
}
