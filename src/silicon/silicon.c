#include "silicon/silicon.h"

#include "silicon/silicon_vcek.h"

#include "crypto/hash.h"
#include "format/pem.h"

#include <stdlib.h>
#include <string.h>

#define SIGNER_ALIGN 4096
#define ALGO_ECDSA_P384_SHA384 1
#define SIG_PART_LEN 72
#define GUID_LEN 16
#define ENTRY_LEN 24
#define BLOBS 4
#define POLICY_ABI 0x0133U /* 1.51 */

/* A TCB_VERSION of each layout: boot loader 4, TEE 1, SNP 27, microcode 222; FMC 1. */
static const uint8_t tcb_milan[SNP_TCB_LEN] = {4, 1, 0, 0, 0, 0, 27, 222};
static const uint8_t tcb_turin[SNP_TCB_LEN] = {1, 4, 1, 27, 0, 0, 0, 222};

static bool is_turin(const struct silicon *s)
{
    return snp_line_layout(s->line->line) == SNP_LINE_TURIN;
}

/* CHIP_ID: SHA-512 of "quorate-sim-chip" and the number; a Turin has 8 bytes. */
static void make_chip_id(struct silicon *s, uint32_t chip)
{
    uint8_t input[20];
    struct writer w = wr_init(input, sizeof input);

    wr_bytes(&w, "quorate-sim-chip", 16);
    wr_u32le(&w, chip);
    hash_once(HASH_SHA512, (struct view){input, sizeof input}, s->chip_id);
    if (is_turin(s)) {
        memset(s->chip_id + SNP_CHIP_ID_TURIN_LEN, 0,
               sizeof s->chip_id - SNP_CHIP_ID_TURIN_LEN);
    }
    memcpy(s->hwid, s->chip_id, sizeof s->hwid);
}

static enum err load(const char *base64, uint8_t out[SNP_CERT_MAX], size_t *n)
{
    struct view v;

    TRY(pem_parse_base64((struct view){(const uint8_t *)base64, strlen(base64)}, out,
                         SNP_CERT_MAX, &v));
    *n = v.n;
    return ERR_OK;
}

static enum err load_chain(struct silicon *s)
{
    TRY(load(s->line->ask, s->ask, &s->ask_len));
    TRY(load(s->line->ark, s->ark, &s->ark_len));
    return load(s->line->crl, s->crl, &s->crl_len);
}

static void set_up(struct silicon *s, uint32_t chip)
{
    s->line = &silicon_lines[chip % SILICON_LINES];
    s->version = SILICON_VERSION;
    s->policy = SNP_POLICY_MUST_BE_ONE | POLICY_ABI;
    s->platform_info = SNP_PLATFORM_ECC_EN | SNP_PLATFORM_ALIAS_CHECK_COMPLETE;
    s->mit_vector = 1;
    s->cpu[0] = SNP_SIM_FAMILY;
    s->cpu[1] = (uint8_t)(chip % SILICON_LINES);
    s->firmware = (struct snp_firmware){.build = 1, .minor = 58, .major = 1};
    memcpy(s->tcb, is_turin(s) ? tcb_turin : tcb_milan, SNP_TCB_LEN);
    memcpy(s->reported_tcb, s->tcb, SNP_TCB_LEN);
    make_chip_id(s, chip);
}

enum err silicon_new(uint32_t chip, const uint8_t measurement[SNP_MEASUREMENT_LEN],
                     const uint8_t report_id[SNP_REPORT_ID_LEN], struct silicon **out)
{
    struct silicon *s;
    enum err e;

    *out = NULL;
    if (chip >= SILICON_CHIPS_MAX) {
        return ERR_RANGE;
    }
    s = calloc(1, sizeof *s);
    if (!s) {
        return ERR_NOSPACE;
    }
    set_up(s, chip);
    memcpy(s->measurement, measurement, SNP_MEASUREMENT_LEN);
    memcpy(s->report_id, report_id, SNP_REPORT_ID_LEN);
    s->signer = aligned_alloc(SIGNER_ALIGN, p384_signer_size());
    e = s->signer ? load_chain(s) : ERR_NOSPACE;
    if (e == ERR_OK) {
        e = silicon_derive(s);
    }
    if (e != ERR_OK) {
        silicon_free(s);
        return e;
    }
    *out = s;
    return ERR_OK;
}

void silicon_free(struct silicon *s)
{
    if (s) {
        free(s->signer);
        free(s);
    }
}

/* The key of a chip at a TCB, the same whenever it is asked: no secret, as its seed is none. */
enum err silicon_derive(struct silicon *s)
{
    struct hash_state h;
    uint8_t seed[DRBG_SEED_LEN];
    struct p384_signer *made = NULL;

    hash_init(&h, HASH_SHA384);
    hash_update_field(&h, "quorate-sim-vcek", 16);
    hash_update_field(&h, s->hwid, sizeof s->hwid);
    hash_update_field(&h, s->reported_tcb, sizeof s->reported_tcb);
    hash_final(&h, seed);
    TRY(p384_signer_init(s->signer, seed, &made));
    TRY(p384_key_generate(made, &s->key));
    return silicon_vcek_write(s);
}

/* ---- reports, AMD 56860 table 23 ---- */

static void write_zeros(struct writer *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        wr_u8(w, 0);
    }
}

static void write_firmware(struct writer *w, const struct snp_firmware *f)
{
    wr_u8(w, f->build);
    wr_u8(w, f->minor);
    wr_u8(w, f->major);
    wr_u8(w, 0);
}

/* 0x000 to 0x187 */
static void write_guest(struct writer *w, const struct silicon *s,
                        const uint8_t report_data[SNP_REPORT_DATA_LEN])
{
    uint8_t family_id[SNP_ID_LEN] = {0};

    memcpy(family_id, SILICON_FAMILY_ID, sizeof SILICON_FAMILY_ID - 1);
    wr_u32le(w, s->version);
    wr_u32le(w, s->guest_svn);
    wr_u64le(w, s->policy);
    wr_bytes(w, family_id, sizeof family_id);
    write_zeros(w, SNP_ID_LEN); /* IMAGE_ID */
    wr_u32le(w, s->vmpl);
    wr_u32le(w, ALGO_ECDSA_P384_SHA384);
    wr_bytes(w, s->tcb, SNP_TCB_LEN);
    wr_u64le(w, s->platform_info);
    wr_u32le(w, s->key_info);
    wr_u32le(w, 0);
    wr_bytes(w, report_data, SNP_REPORT_DATA_LEN);
    wr_bytes(w, s->measurement, SNP_MEASUREMENT_LEN);
    wr_bytes(w, s->host_data, SNP_HOST_DATA_LEN);
    write_zeros(w, (size_t)2 * SNP_KEY_DIGEST_LEN); /* no identity block */
    wr_bytes(w, s->report_id, SNP_REPORT_ID_LEN);
    for (size_t i = 0; i < SNP_REPORT_ID_LEN; i++) {
        wr_u8(w, 0xff); /* no migration agent */
    }
    wr_bytes(w, s->reported_tcb, SNP_TCB_LEN);
}

/* 0x188 to 0x29f */
static void write_platform(struct writer *w, const struct silicon *s)
{
    static const uint8_t none[3];

    wr_bytes(w, s->version >= 3 ? s->cpu : none, 3);
    write_zeros(w, 21);
    wr_bytes(w, s->chip_id, SNP_CHIP_ID_LEN);
    wr_bytes(w, s->tcb, SNP_TCB_LEN);
    write_firmware(w, &s->firmware);
    write_firmware(w, &s->firmware);
    wr_bytes(w, s->tcb, SNP_TCB_LEN);
    wr_u64le(w, s->version >= 5 ? s->mit_vector : 0);
    wr_u64le(w, s->version >= 5 ? s->mit_vector : 0);
    write_zeros(w, 152);
}

static void write_signature_part(struct writer *w, const uint8_t part[P384_SCALAR_LEN])
{
    for (size_t i = P384_SCALAR_LEN; i > 0; i--) {
        wr_u8(w, part[i - 1]);
    }
    write_zeros(w, SIG_PART_LEN - P384_SCALAR_LEN);
}

enum err silicon_report(struct silicon *s, const uint8_t report_data[SNP_REPORT_DATA_LEN],
                        uint8_t out[SNP_REPORT_LEN])
{
    struct writer w = wr_init(out, SNP_REPORT_LEN);
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];
    struct view whole;

    memset(out, 0, SNP_REPORT_LEN);
    write_guest(&w, s, report_data);
    write_platform(&w, s);
    if (w.full || w.len != SNP_REPORT_SIGNED_LEN) {
        return ERR_BUG;
    }
    hash_once(HASH_SHA384, (struct view){out, SNP_REPORT_SIGNED_LEN}, digest);
    if (p384_sign(s->signer, &s->key, digest, sig) != ERR_OK) {
        memset(out, 0, SNP_REPORT_LEN);
        return ERR_BUG;
    }
    write_signature_part(&w, sig);
    write_signature_part(&w, sig + P384_SCALAR_LEN);
    write_zeros(&w, SNP_REPORT_LEN - w.len);
    return wr_finish(&w, &whole);
}

enum err silicon_table(const struct silicon *s, uint8_t *out, size_t cap, struct view *table)
{
    static const uint8_t guids[BLOBS][GUID_LEN] = {
        {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8,
         0xac, 0xcd},
        {0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27,
         0xc7, 0x82},
        {0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c,
         0xd0, 0xae},
        {0x92, 0xf8, 0x1b, 0xc3, 0x58, 0x11, 0x4d, 0x3d, 0x97, 0xff, 0xd1, 0x9f, 0x88, 0xdc,
         0x67, 0xea}};
    const struct view blobs[BLOBS] = {{s->vcek, s->vcek_len},
                                      {s->ask, s->ask_len},
                                      {s->ark, s->ark_len},
                                      {s->crl, s->crl_len}};
    struct writer w = wr_init(out, cap);
    const size_t head = (size_t)(BLOBS + 1) * ENTRY_LEN;
    size_t at = head;

    for (size_t i = 0; i < BLOBS; i++) {
        if (blobs[i].n > 0) {
            wr_bytes(&w, guids[i], GUID_LEN);
            wr_u32le(&w, (uint32_t)at);
            wr_u32le(&w, (uint32_t)blobs[i].n);
            at += blobs[i].n;
        }
    }
    write_zeros(&w, head - w.len);
    for (size_t i = 0; i < BLOBS; i++) {
        wr_view(&w, blobs[i]);
    }
    return wr_finish(&w, table);
}
