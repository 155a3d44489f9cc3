/* azure_guest_kit.h - a whole guest of Azure made by ourselves: its paravisor's report under a
 * simulated root, and its quote. The chain is made once: RSA takes its time. */
#ifndef TESTS_AZURE_GUEST_KIT_H
#define TESTS_AZURE_GUEST_KIT_H

#include "azure_kit.h"
#include "snp_chip_kit.h"

#include "attest/azure_judge.h"

struct azure_kit_guest {
    struct snp_kit_chip chip;
    uint8_t hcl[HCL_REPORT_MAX + 1], quote[TPM_QUOTE_MAX];
    struct azure_evidence ev;
};

/* The blob anew around that JSON, with a report (a Milan of version 5) that vouches for it. */
static inline void azure_kit_guest_json(struct azure_kit_guest *g, const char *json)
{
    uint8_t report[SNP_REPORT_LEN];

    snp_kit_report(5, SNP_LINE_MILAN, report);
    memset(report + AT_REPORT_DATA, 0, SNP_REPORT_DATA_LEN);
    hash_once(HASH_SHA256, (struct view){(const uint8_t *)json, strlen(json)},
              report + AT_REPORT_DATA);
    snp_kit_sign(&g->chip.key, report);
    g->ev.hcl = azure_kit_hcl((struct view){report, sizeof report}, json, 100, g->hcl);
}

static inline void azure_kit_guest_init(struct azure_kit_guest *g)
{
    const struct azure_kit_quote quote = azure_kit_quote_good();
    char json[AZURE_KIT_TEXT_MAX];

    memset(g, 0, sizeof *g);
    snp_kit_chip_init(&g->chip);
    const struct snp_evidence certs =
        snp_kit_chip_certs(&g->chip, SNP_LINE_MILAN, SNP_SIGNER_VCEK);

    g->ev.ark = certs.ark;
    g->ev.ask = certs.ask;
    g->ev.vek = certs.vek;
    g->ev.crl = certs.crl;
    azure_kit_guest_json(g, azure_kit_json(azure_kit_ak_pem, json));
    g->ev.quote = azure_kit_quote(&quote, g->quote);
}

static inline void azure_kit_guest_free(struct azure_kit_guest *g)
{
    snp_kit_chip_free(&g->chip);
}

#endif
