#include "os/tsm_azure.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* TPM 2.0 Library, part 2 */
#define ST_NO_SESSIONS 0x8001
#define ST_SESSIONS 0x8002
#define CC_NV_READ 0x14e
#define CC_QUOTE 0x158
#define CC_NV_READ_PUBLIC 0x169
#define CC_READ_PUBLIC 0x173
#define CC_PCR_READ 0x17e
#define RH_OWNER 0x40000001U
#define RS_PW 0x40000009U
#define ALG_SHA256 0x000b
#define ALG_NULL 0x0010
#define RC_YIELDED 0x908
#define RC_TESTING 0x90a
#define RC_RETRY 0x922
#define RC_HANDLE 0x8b /* of format one, without the number of the handle */
#define HEADER_LEN 10
#define PCRS 24
#define PCR_LEN 32
#define ALL_PCRS 0xffffffU

/* ---- answers ---- */

/* RC_HANDLE with the number of a handle, part 2, 6.6.2: bits 0 to 5 and 7, and not 6. */
static bool is_handle(uint32_t code)
{
    return code <= 0xfff && (code & 0xffU) == RC_HANDLE;
}

/* One that starts with 16 bits of length. */
static enum tsm_fault take_2b(struct reader *r, struct view *out)
{
    uint16_t n = 0;

    return rd_u16be(r, &n) == ERR_OK && rd_take(r, n, out) == ERR_OK ? TSM_OK : TSM_ANSWER;
}

enum tsm_fault tsm_tpm_response_decode(struct view in, bool with_session,
                                       struct view *parameters)
{
    struct reader r = rd_init(in);
    uint16_t tag = 0;
    uint32_t size = 0;
    uint32_t code = 0;

    *parameters = (struct view){NULL, 0};
    if (rd_u16be(&r, &tag) != ERR_OK || rd_u32be(&r, &size) != ERR_OK ||
        rd_u32be(&r, &code) != ERR_OK || size != in.n) {
        return TSM_ANSWER;
    }
    if (code != 0) {
        return code == RC_RETRY || code == RC_YIELDED || code == RC_TESTING ? TSM_BUSY
               : is_handle(code)                                            ? TSM_ABSENT
                                                                            : TSM_FIRMWARE;
    }
    if (tag != (with_session ? ST_SESSIONS : ST_NO_SESSIONS)) {
        return TSM_ANSWER;
    }
    size = (uint32_t)r.n;
    if ((with_session && rd_u32be(&r, &size) != ERR_OK) ||
        rd_take(&r, size, parameters) != ERR_OK) {
        *parameters = (struct view){NULL, 0};
        return TSM_ANSWER;
    }
    return TSM_OK;
}

/* One selection, of SHA-256. */
static enum tsm_fault take_selection(struct reader *r, uint32_t *mask)
{
    uint32_t count = 0;
    uint16_t alg = 0;
    uint8_t n = 0;
    uint8_t bits[3];

    *mask = 0;
    if (rd_u32be(r, &count) != ERR_OK || count != 1 || rd_u16be(r, &alg) != ERR_OK ||
        alg != ALG_SHA256 || rd_u8(r, &n) != ERR_OK || n != sizeof bits ||
        rd_copy(r, bits, sizeof bits) != ERR_OK) {
        return TSM_ANSWER;
    }
    *mask = bits[0] | (uint32_t)bits[1] << 8 | (uint32_t)bits[2] << 16;
    return TSM_OK;
}

static uint32_t count_bits(uint32_t mask)
{
    uint32_t n = 0;

    for (; mask != 0; mask &= mask - 1) {
        n++;
    }
    return n;
}

enum tsm_fault tsm_tpm_pcrs_decode(struct view parameters, uint32_t *mask, uint8_t *values,
                                   size_t cap, size_t *n)
{
    struct reader r = rd_init(parameters);
    uint32_t counter = 0;
    uint32_t count = 0;
    struct view digest;

    *n = 0;
    *mask = 0;
    if (rd_u32be(&r, &counter) != ERR_OK || take_selection(&r, mask) != TSM_OK ||
        rd_u32be(&r, &count) != ERR_OK || count != count_bits(*mask) || count > cap / PCR_LEN) {
        *mask = 0;
        return TSM_ANSWER;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (take_2b(&r, &digest) != TSM_OK || digest.n != PCR_LEN) {
            *mask = 0;
            *n = 0;
            return TSM_ANSWER;
        }
        memcpy(values + *n, digest.p, PCR_LEN);
        *n += PCR_LEN;
    }
    return r.n == 0 ? TSM_OK : TSM_ANSWER;
}

/* ---- commands ---- */

/* The header, its length still open, and the first handle. */
static struct writer begin(uint8_t command[TSM_TPM_COMMAND_MAX], uint16_t tag, uint32_t code)
{
    struct writer w = wr_init(command, TSM_TPM_COMMAND_MAX);

    wr_u16be(&w, tag);
    wr_u32be(&w, 0);
    wr_u32be(&w, code);
    return w;
}

/* An empty password. */
static void write_auth(struct writer *w)
{
    wr_u32be(w, 9);
    wr_u32be(w, RS_PW);
    wr_u16be(w, 0);
    wr_u8(w, 0);
    wr_u16be(w, 0);
}

static void write_selection(struct writer *w, uint32_t mask)
{
    wr_u32be(w, 1);
    wr_u16be(w, ALG_SHA256);
    wr_u8(w, 3);
    wr_u8(w, (uint8_t)mask);
    wr_u8(w, (uint8_t)(mask >> 8));
    wr_u8(w, (uint8_t)(mask >> 16));
}

static enum tsm_fault once(struct tsm_azure *a, struct view command, bool with_session,
                           struct view *parameters)
{
    const ssize_t sent = a->sys->write(a->sys->self, a->fd, command.p, command.n);

    if (sent < 0) {
        return tsm_fault_of_errno(errno);
    }
    if ((size_t)sent != command.n) {
        return TSM_SHORT;
    }
    const ssize_t got = a->sys->read(a->sys->self, a->fd, a->response, sizeof a->response);

    if (got < 0) {
        return tsm_fault_of_errno(errno);
    }
    return tsm_tpm_response_decode((struct view){a->response, (size_t)got}, with_session,
                                   parameters);
}

/* Sends it, again while the TPM puts it off. *parameters points into a. */
static enum tsm_fault call(struct tsm_azure *a, struct writer *w, bool with_session,
                           struct view *parameters)
{
    struct view command;
    int64_t pause = TSM_TPM_PAUSE_NS;
    enum tsm_fault f = TSM_KERNEL;
    struct writer size = wr_init(w->p + 2, 4);

    wr_u32be(&size, (uint32_t)w->len);
    *parameters = (struct view){NULL, 0};
    if (wr_finish(w, &command) != ERR_OK) {
        return TSM_KERNEL;
    }
    for (int i = 0; i < TSM_TPM_TRIES_MAX; i++) {
        f = once(a, command, with_session, parameters);
        if (f != TSM_BUSY) {
            return f;
        }
        if (i + 1 < TSM_TPM_TRIES_MAX) {
            a->sys->pause(a->sys->self, pause);
            pause *= 2;
        }
    }
    return f;
}

/* TPM2_NV_ReadPublic: TPM2B_NV_PUBLIC, whose last field is the size of the data. */
static enum tsm_fault nv_size(struct tsm_azure *a, uint32_t index, uint16_t *size)
{
    uint8_t command[TSM_TPM_COMMAND_MAX];
    struct writer w = begin(command, ST_NO_SESSIONS, CC_NV_READ_PUBLIC);
    struct view parameters;
    struct view area;
    struct reader r;

    *size = 0;
    wr_u32be(&w, index);
    TSM_TRY(call(a, &w, false, &parameters));
    r = rd_init(parameters);
    TSM_TRY(take_2b(&r, &area));
    if (area.n < 2) {
        return TSM_ANSWER;
    }
    r = rd_init((struct view){area.p + area.n - 2, 2});
    return rd_u16be(&r, size) == ERR_OK ? TSM_OK : TSM_ANSWER;
}

static enum tsm_fault nv_read(struct tsm_azure *a, uint32_t index, uint16_t at, uint16_t n,
                              uint8_t *out)
{
    uint8_t command[TSM_TPM_COMMAND_MAX];
    struct writer w = begin(command, ST_SESSIONS, CC_NV_READ);
    struct view parameters;
    struct view bytes;
    struct reader r;

    wr_u32be(&w, RH_OWNER);
    wr_u32be(&w, index);
    write_auth(&w);
    wr_u16be(&w, n);
    wr_u16be(&w, at);
    TSM_TRY(call(a, &w, true, &parameters));
    r = rd_init(parameters);
    TSM_TRY(take_2b(&r, &bytes));
    if (bytes.n != n || r.n != 0) {
        return TSM_ANSWER;
    }
    memcpy(out, bytes.p, n);
    return TSM_OK;
}

static enum tsm_fault read_hcl(struct tsm_azure *a, struct tsm_answer *out)
{
    uint16_t size = 0;

    TSM_TRY(nv_size(a, TSM_AZURE_HCL_INDEX, &size));
    if (size > TSM_AZURE_HCL_MAX) {
        return TSM_TOO_LONG;
    }
    for (uint16_t at = 0; at < size;) {
        const uint16_t left = (uint16_t)(size - at);
        const uint16_t n = left < TSM_AZURE_CHUNK_MAX ? left : TSM_AZURE_CHUNK_MAX;

        TSM_TRY(nv_read(a, TSM_AZURE_HCL_INDEX, at, n, out->report + at));
        at = (uint16_t)(at + n);
    }
    out->report_len = size;
    return size > 0 ? TSM_OK : TSM_SHORT;
}

/* TPM2B_ATTEST | TPMT_SIGNATURE, as it comes */
static enum tsm_fault read_quote(struct tsm_azure *a, const uint8_t extra[TSM_AZURE_EXTRA_LEN],
                                 struct tsm_answer *out)
{
    uint8_t command[TSM_TPM_COMMAND_MAX];
    struct writer w = begin(command, ST_SESSIONS, CC_QUOTE);
    struct view parameters;

    wr_u32be(&w, TSM_AZURE_AK_HANDLE);
    write_auth(&w);
    wr_u16be(&w, TSM_AZURE_EXTRA_LEN);
    wr_bytes(&w, extra, TSM_AZURE_EXTRA_LEN);
    wr_u16be(&w, ALG_NULL); /* by the key's own scheme */
    write_selection(&w, ALL_PCRS);
    TSM_TRY(call(a, &w, true, &parameters));
    if (parameters.n > sizeof out->quote) {
        return TSM_TOO_LONG;
    }
    if (parameters.n == 0) {
        return TSM_SHORT;
    }
    memcpy(out->quote, parameters.p, parameters.n);
    out->quote_len = parameters.n;
    return TSM_OK;
}

/* Whether the PCRs that were read are the lowest of those asked for: else their order would be
 * lost. */
static bool are_the_lowest(uint32_t mask, uint32_t asked)
{
    const uint32_t rest = asked & ~mask;
    const uint32_t lowest_of_rest = rest & (~rest + 1);

    return mask != 0 && (mask & ~asked) == 0 && (rest == 0 || mask < lowest_of_rest);
}

/* A TPM reads eight or so at a time: what is not read is asked for again, lowest first. */
static enum tsm_fault read_pcrs(struct tsm_azure *a, struct tsm_answer *out)
{
    uint32_t left = ALL_PCRS;

    while (left != 0) {
        uint8_t command[TSM_TPM_COMMAND_MAX];
        struct writer w = begin(command, ST_NO_SESSIONS, CC_PCR_READ);
        struct view parameters;
        uint32_t mask = 0;
        size_t n = 0;

        write_selection(&w, left);
        TSM_TRY(call(a, &w, false, &parameters));
        TSM_TRY(tsm_tpm_pcrs_decode(parameters, &mask, out->quote + out->quote_len,
                                    sizeof out->quote - out->quote_len, &n));
        if (!are_the_lowest(mask, left)) {
            return TSM_ANSWER;
        }
        out->quote_len += n;
        left &= ~mask;
    }
    return TSM_OK;
}

/* TPM2_ReadPublic: TPM2B_PUBLIC comes first. */
static enum tsm_fault read_ak(struct tsm_azure *a, struct tsm_answer *out)
{
    uint8_t command[TSM_TPM_COMMAND_MAX];
    struct writer w = begin(command, ST_NO_SESSIONS, CC_READ_PUBLIC);
    struct view parameters;
    struct view area;
    struct reader r;

    wr_u32be(&w, TSM_AZURE_AK_HANDLE);
    TSM_TRY(call(a, &w, false, &parameters));
    r = rd_init(parameters);
    TSM_TRY(take_2b(&r, &area));
    struct writer ak = wr_init(out->ak, sizeof out->ak);

    wr_u16be(&ak, (uint16_t)area.n);
    wr_view(&ak, area);
    if (ak.full) {
        return TSM_TOO_LONG;
    }
    out->ak_len = ak.len;
    return TSM_OK;
}

static enum tsm_fault collect(struct tsm_azure *a, const uint8_t report_data[TSM_ASKED_LEN],
                              struct tsm_answer *out)
{
    uint8_t extra[TSM_AZURE_EXTRA_LEN];

    a->hash(report_data, extra);
    TSM_TRY(read_hcl(a, out));
    TSM_TRY(read_ak(a, out));
    TSM_TRY(read_quote(a, extra, out));
    return read_pcrs(a, out);
}

static enum tsm_fault report(struct tsm_provider *p, const uint8_t report_data[TSM_ASKED_LEN],
                             struct tsm_answer *out)
{
    memset(out, 0, sizeof *out);
    out->format = TSM_FORMAT_AZURE_SNP;
    const enum tsm_fault f = collect((struct tsm_azure *)p, report_data, out);

    if (f != TSM_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}

static void end(struct tsm_provider *p)
{
    struct tsm_azure *const a = (struct tsm_azure *)p;

    (void)a->sys->close(a->sys->self, a->fd);
    memset(a, 0, sizeof *a);
}

enum tsm_fault tsm_azure_open(const struct tsm_sys *sys, const char *device,
                              void (*hash)(const uint8_t report_data[TSM_ASKED_LEN],
                                           uint8_t out[TSM_AZURE_EXTRA_LEN]),
                              struct tsm_azure *out)
{
    memset(out, 0, sizeof *out);
    const int fd = sys->open(sys->self, device, O_RDWR);

    if (fd < 0) {
        return tsm_fault_of_errno(errno);
    }
    out->sys = sys;
    out->fd = fd;
    out->hash = hash;
    out->base = (struct tsm_provider){report, end, "azure", false};
    return TSM_OK;
}
