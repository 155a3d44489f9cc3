/* What one exchange with a time server costs us: request sealed, reply opened, its span; how
 * often that asks for memory; how much of it AES-SIV is; and the majority of four. bench_nts
 * [EXCHANGES] */
#include "bench_kit.h"

#include "enclave/nts/nts_source.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define SERVERS 4
#define COOKIE_LEN 100

static const uint8_t key[NTSKE_KEY_LEN] = {1};

#if defined(__SANITIZE_ADDRESS__)
#define COUNTED "allocations not counted"
static long allocations;
#else
#define COUNTED "allocations"
static long allocations;
/* Symbols of the program come before those of libc, for every library in the process. */
// NOLINTBEGIN(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name)
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *malloc(size_t n)
{
    allocations++;
    return __libc_malloc(n);
}
void *calloc(size_t n, size_t size)
{
    allocations++;
    return __libc_calloc(n, size);
}
void *realloc(void *p, size_t n)
{
    allocations++;
    return __libc_realloc(p, n);
}
// NOLINTEND(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name)
#endif

/* The reply of a server with one new cookie; its key is the client's. */
static struct view reply_to(const struct nts_ask *ask, struct aes_siv_key *s2c,
                            uint8_t out[NTS_REPLY_MAX])
{
    const struct ntp_header h = {.version = 4,
                                 .mode = 4,
                                 .stratum = 1,
                                 .precision = -25,
                                 .origin = ask->transmit,
                                 .receive = (UINT64_C(1767225700) + 2208988800) << 32,
                                 .transmit = (UINT64_C(1767225700) + 2208988800) << 32};
    const uint8_t cookie[COOKIE_LEN] = {2};
    const uint8_t nonce[NTS_NONCE_LEN] = {3};
    uint8_t inner[COOKIE_LEN + 4];
    uint8_t body[4 + NTS_NONCE_LEN + AES_SIV_TAG_LEN + sizeof inner];
    struct writer i = wr_init(inner, sizeof inner);
    struct writer b = wr_init(body, sizeof body);
    struct writer w = wr_init(out, NTS_REPLY_MAX);
    struct view v;

    ntp_field_write(&i, 0x0204, (struct view){cookie, sizeof cookie});
    ntp_header_encode(&w, &h);
    ntp_field_write(&w, 0x0104, (struct view){ask->uniq_id, sizeof ask->uniq_id});
    wr_u16be(&b, NTS_NONCE_LEN);
    wr_u16be(&b, (uint16_t)(AES_SIV_TAG_LEN + sizeof inner));
    wr_bytes(&b, nonce, sizeof nonce);
    aes_siv_seal(s2c, (struct view[]){{out, w.len}, {nonce, sizeof nonce}}, 2,
                 (struct view){inner, sizeof inner}, body + b.len);
    ntp_field_write(&w, 0x0404, (struct view){body, sizeof body});
    must(wr_finish(&w, &v));
    return v;
}

static void establish(struct nts_source *s)
{
    static const uint8_t cookie[COOKIE_LEN] = {2};
    struct ntske_answer a = {.n_cookies = NTS_COOKIES_MAX};

    for (size_t i = 0; i < NTS_COOKIES_MAX; i++) {
        a.cookies[i] = (struct view){cookie, sizeof cookie};
    }
    nts_source_init(s, 0);
    nts_source_ke_begin(s);
    nts_source_ke_done(s, NS_PER_S, key, key, &a);
}

/* Seconds for what AES-SIV has to do in n exchanges: sealing nothing over a request, opening a
 * cookie over a reply. */
static double siv_alone(long n)
{
    static const uint8_t request[188];
    static const uint8_t nonce[NTS_NONCE_LEN];
    const struct view ask[] = {{request, sizeof request}, {nonce, sizeof nonce}};
    const struct view reply[] = {{request, NTP_HEADER_LEN + 4 + NTS_UNIQ_ID_LEN},
                                 {nonce, sizeof nonce}};
    uint8_t cookie[COOKIE_LEN + 4] = {0};
    uint8_t sealed[AES_SIV_TAG_LEN + sizeof cookie];
    uint8_t tag[AES_SIV_TAG_LEN];
    struct aes_siv_key k;
    double begin;

    aes_siv_init(&k, key);
    aes_siv_seal(&k, reply, 2, (struct view){cookie, sizeof cookie}, sealed);
    begin = cpu_s();
    for (long i = 0; i < n; i++) {
        aes_siv_seal(&k, ask, 2, (struct view){NULL, 0}, tag);
        must(aes_siv_open(&k, reply, 2, (struct view){sealed, sizeof sealed}, cookie));
    }
    return cpu_s() - begin;
}

int main(int argc, char **argv)
{
    static struct nts_source sources[SERVERS];
    const long n = argc > 1 ? strtol(argv[1], NULL, 10) : 100000;
    struct aes_siv_key s2c;
    int64_t now_ns = NS_PER_S;
    double ours = 0;
    double majority;
    long before;

    aes_siv_init(&s2c, key);
    for (size_t i = 0; i < SERVERS; i++) {
        establish(&sources[i]);
    }
    before = allocations;
    for (long k = 0; k < n; k++) {
        struct nts_source *const s = &sources[k % SERVERS];
        uint8_t random[NTS_RANDOM_LEN] = {(uint8_t)k, (uint8_t)(k >> 8), (uint8_t)(k >> 16)};
        uint8_t out[NTS_REQUEST_MAX];
        uint8_t in[NTS_REPLY_MAX];
        struct nts_bound bound;
        struct view request;
        struct view reply;
        double begin = cpu_s();

        must(nts_source_ask(s, now_ns, random, out, &request));
        ours += cpu_s() - begin;
        reply = reply_to(&s->ask, &s2c, in);
        begin = cpu_s();
        must(nts_source_take(s, now_ns + 1000000, reply, &bound));
        nts_source_add(s, &(struct nts_span){.counter_ns = bound.counter_ns,
                                             .lo_ns = bound.utc_ns - bound.below_ns,
                                             .hi_ns = bound.utc_ns + bound.above_ns});
        ours += cpu_s() - begin;
        now_ns += NS_PER_S;
    }
    majority = cpu_s();
    for (long k = 0; k < n; k++) {
        struct nts_span spans[SERVERS];
        int64_t lo = 0;
        int64_t hi = 0;
        size_t agreeing = 0;

        for (size_t i = 0; i < SERVERS; i++) {
            spans[i] = sources[i].spans[0];
        }
        must(nts_majority(spans, SERVERS, nts_quota(SERVERS), &lo, &hi, &agreeing));
    }
    majority = cpu_s() - majority;
    (void)printf("%ld exchanges, %.2f us each, %ld " COUNTED
                 ", %.2f times AES-SIV alone; majority of %d in %.3f us\n",
                 n, ours / (double)n * 1e6, allocations - before, ours / siv_alone(n), SERVERS,
                 majority / (double)n * 1e6);
    return 0;
}
