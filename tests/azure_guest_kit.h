/* azure_guest_kit.h - a whole guest of Azure made by ourselves: its paravisor's report under a
 * simulated root, and its quote. The chain is made once: RSA takes its time. */
#ifndef TESTS_AZURE_GUEST_KIT_H
#define TESTS_AZURE_GUEST_KIT_H

#include "azure_kit.h"
#include "snp_chain_kit.h"

#include "attest/azure_judge.h"

struct azure_kit_guest {
    struct snp_kit_key key; /* the chip's */
    struct snp_root root;
    uint8_t ark[SNP_KIT_DER_MAX], ask[SNP_KIT_DER_MAX], vek[SNP_KIT_DER_MAX],
        crl[SNP_KIT_DER_MAX];
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
    snp_kit_sign(&g->key, report);
    g->ev.hcl = azure_kit_hcl((struct view){report, sizeof report}, json, 100, g->hcl);
}

static inline void azure_kit_guest_init(struct azure_kit_guest *g)
{
    const struct snp_kit_cert ark = snp_kit_ark();
    const struct snp_kit_cert ask = snp_kit_ask("SEV-Milan");
    const struct snp_kit_crl crl = snp_kit_list();
    const struct azure_kit_quote quote = azure_kit_quote_good();
    char json[AZURE_KIT_TEXT_MAX];

    memset(g, 0, sizeof *g);
    g->root = snp_kit_root(SNP_LINE_MILAN);
    snp_kit_key_init(&g->key, 7);
    const struct snp_kit_cert vek =
        snp_kit_vek(SNP_LINE_MILAN, SNP_SIGNER_VCEK, "SEV-Milan", g->key.key.public_key);

    g->ev.ark = snp_kit_cert(&ark, g->ark);
    g->ev.ask = snp_kit_cert(&ask, g->ask);
    g->ev.vek = snp_kit_cert(&vek, g->vek);
    g->ev.crl = snp_kit_crl(&crl, g->crl);
    azure_kit_guest_json(g, azure_kit_json(azure_kit_ak_pem, json));
    g->ev.quote = azure_kit_quote(&quote, g->quote);
}

static inline void azure_kit_guest_free(struct azure_kit_guest *g)
{
    snp_kit_key_free(&g->key);
}

#endif
