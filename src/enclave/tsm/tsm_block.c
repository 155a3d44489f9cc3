#include "enclave/tsm/tsm_block.h"

#include "attest/snp_report.h"
#include "attest/tdx_collateral.h"

#include <limits.h>
#include <stdio.h>

#define KEY_INFO_AT 0x48
#define SIGNING_KEY(key_info) ((key_info) >> 2 & 7U)

static struct view first(struct view a, struct view b)
{
    return a.n > 0 ? a : b;
}

/* Whose key signed, by the report's own word: a host may have both certificates. */
static bool is_vlek(const struct tsm_answer *a)
{
    return a->format == TSM_FORMAT_SNP && a->report_len > KEY_INFO_AT &&
           SIGNING_KEY(a->report[KEY_INFO_AT]) == SNP_SIGNER_VLEK;
}

/* One file after the other into out, then a copy of each behind its length. */
enum err tsm_collateral_read(const struct tsm_sys *sys, const char *folder, uint8_t *out,
                             size_t cap, struct view *part)
{
    static uint8_t files[EVIDENCE_MAX];
    struct view parts[TDX_COLLATERAL_PARTS];
    char path[PATH_MAX];
    size_t at = 0;

    *part = (struct view){NULL, 0};
    for (size_t i = 0; i < TDX_COLLATERAL_PARTS; i++) {
        const int n = snprintf(path, sizeof path, "%s/%s", folder, tdx_collateral_files[i]);
        size_t len = 0;

        if (n < 0 || (size_t)n >= sizeof path) {
            return ERR_NOSPACE;
        }
        TRY(tsm_fault_err(tsm_read_file(sys, path, files + at, sizeof files - at, &len)));
        if (len == 0) {
            return ERR_TRUNCATED;
        }
        parts[i] = (struct view){files + at, len};
        at += len;
    }
    const struct tdx_collateral c = tdx_collateral_of(parts);

    return tdx_collateral_encode(&c, out, cap, part);
}

enum err tsm_block_write(const struct tsm_answer *a, const struct snp_table *spare,
                         struct view collateral, uint8_t *out, size_t cap, struct view *block)
{
    struct evidence e = {.format = (uint8_t)a->format};
    struct snp_table t = {.vcek = {NULL, 0}};
    struct writer w = wr_init(out, cap < EVIDENCE_MAX ? cap : EVIDENCE_MAX);

    *block = (struct view){NULL, 0};
    if (a->certs_len > 0 &&
        snp_table_parse((struct view){a->certs, a->certs_len}, &t) != ATTEST_OK) {
        return ERR_EVIDENCE;
    }
    e.part[EVIDENCE_REPORT - 1] = (struct view){a->report, a->report_len};
    e.part[EVIDENCE_VEK - 1] =
        is_vlek(a) ? first(t.vlek, spare->vlek) : first(t.vcek, spare->vcek);
    e.part[EVIDENCE_ASK - 1] = first(t.ask, spare->ask);
    e.part[EVIDENCE_ARK - 1] = first(t.ark, spare->ark);
    e.part[EVIDENCE_CRL - 1] = first(t.crl, spare->crl);
    e.part[EVIDENCE_TPM_QUOTE - 1] = (struct view){a->quote, a->quote_len};
    e.part[EVIDENCE_TPM_AK - 1] = (struct view){a->ak, a->ak_len};
    if (a->format == TSM_FORMAT_TDX) {
        e.part[EVIDENCE_COLLATERAL - 1] = collateral;
    }
    evidence_encode(&w, &e);
    return wr_finish(&w, block);
}
