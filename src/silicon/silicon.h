/* silicon.h - a simulated SEV-SNP processor with one guest on it: reports, keys and
 * certificates of the form of AMD's, under roots that say SIMULATED - NOT AMD. Whatever it
 * signs is worth nothing: anybody can build the same chip. docs/adr/0042.
 *
 * Its fields are what firmware and fuses hold. Programs leave them as silicon_new() made them;
 * tests play broken or lying chips by changing them. */
#ifndef SILICON_SILICON_H
#define SILICON_SILICON_H

#include "silicon/silicon_keys.h"

#include "attest/snp_table.h"

#define SILICON_FAMILY_ID "SIMULATED-TEE" /* FAMILY_ID, filled up with zeros */
#define SILICON_VERSION 5                 /* of its reports */
#define SILICON_CHIPS_MAX 65536           /* numbers of chips */
#define SILICON_TABLE_MAX 8192            /* bytes of its table of certificates */

struct silicon {
    const struct silicon_line *line;
    uint32_t version, guest_svn, vmpl, key_info;
    uint64_t policy, platform_info, mit_vector;
    uint8_t cpu[3];                    /* CPUID family, model, stepping, combined */
    uint8_t chip_id[SNP_CHIP_ID_LEN];  /* in reports */
    uint8_t hwid[SNP_CHIP_ID_LEN];     /* in the VCEK: the same, unless a test says otherwise */
    uint8_t tcb[SNP_TCB_LEN];          /* CURRENT, COMMITTED and LAUNCH_TCB */
    uint8_t reported_tcb[SNP_TCB_LEN]; /* of which the VCEK is derived */
    struct snp_firmware firmware;
    uint8_t measurement[SNP_MEASUREMENT_LEN];
    uint8_t host_data[SNP_HOST_DATA_LEN];
    uint8_t report_id[SNP_REPORT_ID_LEN];
    struct p384_signer *signer;
    struct p384_key key;
    uint8_t vcek[SNP_CERT_MAX], ask[SNP_CERT_MAX], ark[SNP_CERT_MAX], crl[SNP_CERT_MAX];
    size_t vcek_len, ask_len, ark_len, crl_len; /* DER */
};

/* A chip and a guest, on the heap. chip: its number, from which line, chip id and key follow:
 * 0, 3, 6.. are SIM-Milan, then SIM-Genoa, then SIM-Turin. measurement: of the guest.
 * report_id: random, of this start. ERR_RANGE: chip is SILICON_CHIPS_MAX or more.
 * ERR_NOSPACE: no memory. ERR_BUG. */
MUST_CHECK enum err silicon_new(uint32_t chip, const uint8_t measurement[SNP_MEASUREMENT_LEN],
                                const uint8_t report_id[SNP_REPORT_ID_LEN],
                                struct silicon **out);
void silicon_free(struct silicon *s); /* NULL is fine */

/* Derives the key of hwid and reported_tcb, and has it certified: after either was changed.
 * ERR_BUG. */
MUST_CHECK enum err silicon_derive(struct silicon *s);

/* A report with that REPORT_DATA. ERR_BUG: it could not be signed; out is zero then. */
MUST_CHECK enum err silicon_report(struct silicon *s,
                                   const uint8_t report_data[SNP_REPORT_DATA_LEN],
                                   uint8_t out[SNP_REPORT_LEN]);

/* VCEK, ASK, ARK and CRL as a host gives them. ERR_NOSPACE: over cap; *table is empty then. */
MUST_CHECK enum err silicon_table(const struct silicon *s, uint8_t *out, size_t cap,
                                  struct view *table);

#endif
