#include "attest/snp_report.h"

#include "base/secret.h"
#include "crypto/hash.h"

#include <string.h>

#define VERSION_MIN 2
#define VERSION_CPUID 3 /* tells the processor */
#define VERSION_MIT 5   /* tells mitigations */
#define VERSION_NEWEST 5
#define ALGO_ECDSA_P384_SHA384 1
#define SIG_PART_LEN 72 /* of R and of S, little-endian */
#define VMPL_COUNT 4

/* KEY_INFO */
#define KEY_INFO_AUTHOR_KEY_EN 0x01U
#define KEY_INFO_MASK_CHIP_KEY 0x02U
#define KEY_INFO_SIGNING_KEY(v) ((v) >> 2 & 7U)
#define KEY_INFO_MBZ 0xffffffe0U

/* Whether every byte is this one. Public bytes. */
static bool all_are(const uint8_t *p, size_t n, uint8_t byte)
{
    uint8_t differs = 0;

    for (size_t i = 0; i < n; i++) {
        differs |= (uint8_t)(p[i] ^ byte);
    }
    return differs == 0;
}

/* Takes n bytes that must be zero. The reader is long enough: its length was checked. */
static enum attest_fault take_zeros(struct reader *r, size_t n)
{
    struct view v;

    if (rd_take(r, n, &v) != ERR_OK || !all_are(v.p, v.n, 0)) {
        return ATTEST_REPORT_MBZ;
    }
    return ATTEST_OK;
}

/* The reads below cannot fail on SNP_REPORT_LEN bytes; if they did, the length is what is
 * wrong. */
static enum attest_fault fixed(enum err e)
{
    return e == ERR_OK ? ATTEST_OK : ATTEST_REPORT_SIZE;
}

/* 0x000 to 0x033 */
static enum attest_fault parse_guest(struct reader *r, struct snp_report *s)
{
    ATTEST_TRY(fixed(rd_u32le(r, &s->version)));
    if (s->version < VERSION_MIN) {
        return ATTEST_REPORT_VERSION;
    }
    if (s->version > VERSION_NEWEST) {
        return ATTEST_REPORT_VERSION_NEW;
    }
    ATTEST_TRY(fixed(rd_u32le(r, &s->guest_svn)));
    ATTEST_TRY(fixed(rd_u64le(r, &s->policy)));
    if ((s->policy & SNP_POLICY_MBZ) != 0) {
        return ATTEST_REPORT_MBZ;
    }
    if ((s->policy & SNP_POLICY_MUST_BE_ONE) == 0) {
        return ATTEST_REPORT_POLICY;
    }
    ATTEST_TRY(fixed(rd_copy(r, s->family_id, sizeof s->family_id)));
    ATTEST_TRY(fixed(rd_copy(r, s->image_id, sizeof s->image_id)));
    ATTEST_TRY(fixed(rd_u32le(r, &s->vmpl)));
    if (s->vmpl >= VMPL_COUNT && s->vmpl != SNP_VMPL_HOST) {
        return ATTEST_REPORT_VMPL;
    }
    return ATTEST_OK;
}

/* 0x034 to 0x04f */
static enum attest_fault parse_signer(struct reader *r, struct snp_report *s)
{
    uint32_t algo = 0;
    uint32_t key_info = 0;

    ATTEST_TRY(fixed(rd_u32le(r, &algo)));
    if (algo != ALGO_ECDSA_P384_SHA384) {
        return ATTEST_REPORT_ALGORITHM;
    }
    ATTEST_TRY(fixed(rd_copy(r, s->current_tcb, sizeof s->current_tcb)));
    ATTEST_TRY(fixed(rd_u64le(r, &s->platform_info)));
    ATTEST_TRY(fixed(rd_u32le(r, &key_info)));
    if ((key_info & KEY_INFO_MBZ) != 0) {
        return ATTEST_REPORT_MBZ;
    }
    s->author_key_en = (key_info & KEY_INFO_AUTHOR_KEY_EN) != 0;
    s->mask_chip_key = (key_info & KEY_INFO_MASK_CHIP_KEY) != 0;
    if (KEY_INFO_SIGNING_KEY(key_info) != SNP_SIGNER_VCEK &&
        KEY_INFO_SIGNING_KEY(key_info) != SNP_SIGNER_VLEK) {
        return ATTEST_REPORT_SIGNER;
    }
    s->signer =
        KEY_INFO_SIGNING_KEY(key_info) == SNP_SIGNER_VLEK ? SNP_SIGNER_VLEK : SNP_SIGNER_VCEK;
    return take_zeros(r, 4);
}

/* 0x050 to 0x187 */
static enum attest_fault parse_contents(struct reader *r, struct snp_report *s)
{
    ATTEST_TRY(fixed(rd_copy(r, s->report_data, sizeof s->report_data)));
    ATTEST_TRY(fixed(rd_copy(r, s->measurement, sizeof s->measurement)));
    ATTEST_TRY(fixed(rd_copy(r, s->host_data, sizeof s->host_data)));
    ATTEST_TRY(fixed(rd_copy(r, s->id_key_digest, sizeof s->id_key_digest)));
    ATTEST_TRY(fixed(rd_copy(r, s->author_key_digest, sizeof s->author_key_digest)));
    if (!s->author_key_en && !all_are(s->author_key_digest, sizeof s->author_key_digest, 0)) {
        return ATTEST_REPORT_AUTHOR;
    }
    ATTEST_TRY(fixed(rd_copy(r, s->report_id, sizeof s->report_id)));
    ATTEST_TRY(fixed(rd_copy(r, s->report_id_ma, sizeof s->report_id_ma)));
    return fixed(rd_copy(r, s->reported_tcb, sizeof s->reported_tcb));
}

/* 0x188 to 0x19f: CPUID family, model and stepping, since version 3 */
static enum attest_fault parse_cpu(struct reader *r, struct snp_report *s)
{
    uint8_t cpu[3];

    if (s->version < VERSION_CPUID) {
        return take_zeros(r, 24);
    }
    ATTEST_TRY(fixed(rd_copy(r, cpu, sizeof cpu)));
    s->line = snp_line_of_cpu(cpu[0], cpu[1]);
    if (s->line == SNP_LINE_NONE) {
        return ATTEST_REPORT_LINE;
    }
    return take_zeros(r, 21);
}

static enum attest_fault parse_firmware(struct reader *r, struct snp_firmware *f)
{
    uint8_t v[3];

    ATTEST_TRY(fixed(rd_copy(r, v, sizeof v)));
    *f = (struct snp_firmware){.build = v[0], .minor = v[1], .major = v[2]};
    return take_zeros(r, 1);
}

/* 0x1a0 to 0x29f */
static enum attest_fault parse_platform(struct reader *r, struct snp_report *s)
{
    ATTEST_TRY(fixed(rd_copy(r, s->chip_id, sizeof s->chip_id)));
    ATTEST_TRY(fixed(rd_copy(r, s->committed_tcb, sizeof s->committed_tcb)));
    ATTEST_TRY(parse_firmware(r, &s->current));
    ATTEST_TRY(parse_firmware(r, &s->committed));
    ATTEST_TRY(fixed(rd_copy(r, s->launch_tcb, sizeof s->launch_tcb)));
    if (s->version < VERSION_MIT) {
        return take_zeros(r, 168);
    }
    ATTEST_TRY(fixed(rd_u64le(r, &s->launch_mit_vector)));
    ATTEST_TRY(fixed(rd_u64le(r, &s->current_mit_vector)));
    return take_zeros(r, 152);
}

/* 0x2a0 to 0x49f: R and S, of which nothing is beyond 48 bytes */
static enum attest_fault parse_signature(struct reader *r)
{
    struct view part;

    for (int i = 0; i < 2; i++) {
        ATTEST_TRY(fixed(rd_take(r, P384_SCALAR_LEN, &part)));
        ATTEST_TRY(take_zeros(r, SIG_PART_LEN - P384_SCALAR_LEN));
    }
    return take_zeros(r, 368);
}

static enum attest_fault parse_all(struct view in, struct snp_report *s)
{
    struct reader r = rd_init(in);

    if (in.n != SNP_REPORT_LEN) {
        return ATTEST_REPORT_SIZE;
    }
    memcpy(s->raw, in.p, sizeof s->raw);
    ATTEST_TRY(parse_guest(&r, s));
    ATTEST_TRY(parse_signer(&r, s));
    ATTEST_TRY(parse_contents(&r, s));
    ATTEST_TRY(parse_cpu(&r, s));
    ATTEST_TRY(parse_platform(&r, s));
    ATTEST_TRY(parse_signature(&r));
    return fixed(rd_finish(&r));
}

enum attest_fault snp_report_parse(struct view in, struct snp_report *out)
{
    memset(out, 0, sizeof *out);
    const enum attest_fault f = parse_all(in, out);

    if (f != ATTEST_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}

static enum attest_fault check_chip_id(const struct snp_report *r, enum snp_line line)
{
    const size_t used =
        snp_line_layout(line) == SNP_LINE_TURIN ? SNP_CHIP_ID_TURIN_LEN : SNP_CHIP_ID_LEN;
    const bool absent = all_are(r->chip_id, sizeof r->chip_id, 0);

    if (r->mask_chip_key && !absent) {
        return ATTEST_REPORT_CHIP_ID;
    }
    /* A VLEK is of no chip, and its reports need not tell one. */
    if (!r->mask_chip_key && absent && r->signer == SNP_SIGNER_VCEK) {
        return ATTEST_REPORT_CHIP_ID;
    }
    if (!all_are(r->chip_id + used, sizeof r->chip_id - used, 0)) {
        return ATTEST_REPORT_CHIP_ID;
    }
    return ATTEST_OK;
}

enum attest_fault snp_report_check_line(const struct snp_report *r, enum snp_line line)
{
    struct snp_tcb tcb;

    if (r->line != SNP_LINE_NONE && r->line != line) {
        return ATTEST_REPORT_LINE;
    }
    ATTEST_TRY(snp_tcb_decode(r->current_tcb, line, &tcb));
    ATTEST_TRY(snp_tcb_decode(r->reported_tcb, line, &tcb));
    ATTEST_TRY(snp_tcb_decode(r->committed_tcb, line, &tcb));
    ATTEST_TRY(snp_tcb_decode(r->launch_tcb, line, &tcb));
    return check_chip_id(r, line);
}

enum attest_fault snp_report_verify(const struct snp_report *r,
                                    const uint8_t public_key[P384_PUBLIC_LEN])
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];

    hash_once(HASH_SHA384, (struct view){r->raw, SNP_REPORT_SIGNED_LEN}, digest);
    for (size_t i = 0; i < P384_SCALAR_LEN; i++) {
        const size_t from = SNP_REPORT_SIGNED_LEN + P384_SCALAR_LEN - 1 - i;

        sig[i] = r->raw[from];
        sig[P384_SCALAR_LEN + i] = r->raw[from + SIG_PART_LEN];
    }
    const enum err e = p384_verify(public_key, digest, sig);

    if (e == ERR_ENCODING || e == ERR_RANGE) {
        return ATTEST_REPORT_KEY;
    }
    return e == ERR_OK ? ATTEST_OK : ATTEST_REPORT_SIGNATURE;
}

enum attest_fault snp_tcb_decode(const uint8_t raw[SNP_TCB_LEN], enum snp_line line,
                                 struct snp_tcb *out)
{
    const enum snp_line layout = snp_line_layout(line);

    *out = (struct snp_tcb){0};
    if (layout == SNP_LINE_MILAN || layout == SNP_LINE_GENOA) {
        if (!all_are(raw + 2, 4, 0)) {
            return ATTEST_REPORT_TCB;
        }
        *out = (struct snp_tcb){
            .bootloader = raw[0], .tee = raw[1], .snp = raw[6], .microcode = raw[7]};
        return ATTEST_OK;
    }
    if (layout == SNP_LINE_TURIN) {
        if (!all_are(raw + 4, 3, 0)) {
            return ATTEST_REPORT_TCB;
        }
        *out = (struct snp_tcb){.fmc = raw[0],
                                .bootloader = raw[1],
                                .tee = raw[2],
                                .snp = raw[3],
                                .microcode = raw[7]};
        return ATTEST_OK;
    }
    return ATTEST_REPORT_LINE;
}

bool snp_tcb_at_least(const struct snp_tcb *a, const struct snp_tcb *b)
{
    return a->fmc >= b->fmc && a->bootloader >= b->bootloader && a->tee >= b->tee &&
           a->snp >= b->snp && a->microcode >= b->microcode;
}

bool snp_tcb_equal(const struct snp_tcb *a, const struct snp_tcb *b)
{
    return snp_tcb_at_least(a, b) && snp_tcb_at_least(b, a);
}

enum snp_line snp_line_of_cpu(uint8_t family, uint8_t model)
{
    if (family == 0x19 && model <= 0x0f) {
        return SNP_LINE_MILAN;
    }
    if (family == 0x19 &&
        ((model >= 0x10 && model <= 0x1f) || (model >= 0xa0 && model <= 0xaf))) {
        return SNP_LINE_GENOA;
    }
    if (family == 0x1a && model <= 0x11) {
        return SNP_LINE_TURIN;
    }
#if defined(QUORATE_SIMULATED)
    if (family == SNP_SIM_FAMILY && model < 3) {
        return (enum snp_line)(SNP_LINE_SIM_MILAN + model);
    }
#endif
    return SNP_LINE_NONE;
}

enum snp_line snp_line_layout(enum snp_line line)
{
#if defined(QUORATE_SIMULATED)
    if (line >= SNP_LINE_SIM_MILAN && line <= SNP_LINE_SIM_TURIN) {
        return (enum snp_line)(SNP_LINE_MILAN + (line - SNP_LINE_SIM_MILAN));
    }
#endif
    return line;
}

const char *snp_line_name(enum snp_line line)
{
    static const char *const names[SNP_LINE_COUNT] = {
        "",
        "Milan",
        "Genoa",
        "Turin",
#if defined(QUORATE_SIMULATED)
        "SIM-Milan",
        "SIM-Genoa",
        "SIM-Turin"
#endif
    };

    return line < SNP_LINE_COUNT ? names[line] : "";
}
