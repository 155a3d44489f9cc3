#include "enclave/tsm/tsm_open_io.h"

#include "attest/snp_manifest.h"
#include "crypto/hash.h"
#include "os/entropy.h"
#include "os/small_file.h"
#include "os/tsm_azure.h"
#include "os/tsm_configfs.h"
#include "os/tsm_sev_guest.h"
#include "os/tsm_tdx_guest.h"
#if defined(QUORATE_SIMULATED)
#include "silicon/silicon_measure_io.h"
#include "silicon/tsm_sim.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME_DIGEST_LEN 8

/* One of them is in use. */
static union {
    struct tsm_configfs configfs;
    struct tsm_sev_guest sev_guest;
    struct tsm_tdx_guest tdx_guest;
    struct tsm_azure azure;
#if defined(QUORATE_SIMULATED)
    struct tsm_sim sim;
#endif
} provider;

static uint8_t spare_table[SNP_TABLE_MAX];
static _Alignas(TSM_SEV_PAGE) uint8_t sev_certs[TSM_CERTS_MAX];

/* ---- simulated silicon ---- */

#if defined(QUORATE_SIMULATED)

static enum err open_sim(const struct tsm_args *a)
{
    uint8_t measurement[SNP_MEASUREMENT_LEN];
    uint8_t report_id[SNP_REPORT_ID_LEN];
    struct silicon *chip = NULL;

    TRY(silicon_measure(a->programs, measurement));
    if (a->has_guest) {
        memcpy(report_id, a->guest, sizeof report_id);
    } else {
        TRY(entropy_os.fill(entropy_os.self, report_id, sizeof report_id));
    }
    TRY(silicon_new(a->chip, measurement, report_id, &chip));
    tsm_sim_open(chip, &provider.sim);
    return ERR_OK;
}

#else

static enum err open_sim(const struct tsm_args *a)
{
    (void)a;
    return ERR_POLICY;
}

#endif

/* ---- the machine's own ---- */

/* A folder that is this process's alone, and the same when it starts again: by its core. */
static void folder_name(const struct tsm_args *a, char name[32])
{
    uint8_t digest[HASH_MAX];
    size_t at = 0;

    hash_once(HASH_SHA256, (struct view){(const uint8_t *)a->uri, strlen(a->uri)}, digest);
    at = (size_t)snprintf(name, 32, "quorate-");
    for (size_t i = 0; i < NAME_DIGEST_LEN; i++) {
        at += (size_t)snprintf(name + at, 32 - at, "%02x", digest[i]);
    }
}

static void sha256(const uint8_t report_data[TSM_ASKED_LEN], uint8_t out[TSM_AZURE_EXTRA_LEN])
{
    hash_once(HASH_SHA256, (struct view){report_data, TSM_ASKED_LEN}, out);
}

static enum tsm_fault open_machine(const struct tsm_args *a)
{
    const char *const root = a->root ? a->root : TSM_CONFIGFS_ROOT;
    char name[32];

    folder_name(a, name);
    switch (a->way) {
    case TSM_WAY_CONFIGFS:
        return tsm_configfs_open(&tsm_sys_os, root, name, TSM_FORMAT_NONE, &provider.configfs);
    case TSM_WAY_SEV_GUEST:
        return tsm_sev_guest_open(&tsm_sys_os, a->device ? a->device : TSM_SEV_GUEST_DEVICE,
                                  a->vmpl, sev_certs, &provider.sev_guest);
    case TSM_WAY_TDX_GUEST:
        return tsm_tdx_guest_open(&tsm_sys_os, a->device ? a->device : TSM_TDX_GUEST_DEVICE,
                                  root, name, &provider.tdx_guest);
    case TSM_WAY_AZURE:
        return tsm_azure_open(&tsm_sys_os, a->device ? a->device : TSM_AZURE_DEVICE, sha256,
                              &provider.azure);
    case TSM_WAY_NONE:
    case TSM_WAY_SIM:
        break;
    }
    return TSM_KERNEL;
}

static enum err read_spare(const char *path, struct snp_table *out)
{
    struct view bytes;

    if (!path) {
        return ERR_OK;
    }
    TRY(small_file_read(path, spare_table, sizeof spare_table, &bytes));
    return snp_table_parse(bytes, out) == ATTEST_OK ? ERR_OK : ERR_EVIDENCE;
}

enum err tsm_source_open(const struct tsm_args *a, struct tsm_source *out, const char **why)
{
    enum tsm_fault f;

    *out = (struct tsm_source){.provider = NULL};
    *why = NULL;
    TRY(read_spare(a->certificates, &out->spare));
    if (a->way == TSM_WAY_SIM) {
        TRY(open_sim(a));
    } else {
        f = open_machine(a);
        if (f != TSM_OK) {
            *why = tsm_fault_name(f);
            return tsm_fault_err(f);
        }
    }
    out->provider = (struct tsm_provider *)&provider;
    return ERR_OK;
}

void tsm_source_close(struct tsm_source *s)
{
    if (s->provider) {
        s->provider->close(s->provider);
        s->provider = NULL;
    }
}
