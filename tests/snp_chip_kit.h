/* snp_chip_kit.h - a chip that signs reports, and the certificates that lead to it. */
#ifndef TESTS_SNP_CHIP_KIT_H
#define TESTS_SNP_CHIP_KIT_H

#include "snp_chain_kit.h"

#include "attest/snp_judge.h"

struct snp_kit_chip {
    struct snp_kit_key key;
    struct snp_root root;
    struct snp_evidence ev; /* without a report */
    enum snp_line line;     /* of ev */
    enum snp_signer signer;
    uint8_t ark[SNP_KIT_DER_MAX], ask[SNP_KIT_DER_MAX], vek[SNP_KIT_DER_MAX],
        crl[SNP_KIT_DER_MAX];
};

static inline void snp_kit_chip_init(struct snp_kit_chip *c)
{
    memset(c, 0, sizeof *c);
    snp_kit_key_init(&c->key, 7);
}

/* Certificates as of a chip of that line; they stay until others are asked for, as RSA takes
 * its time. */
static inline struct snp_evidence snp_kit_chip_certs(struct snp_kit_chip *c, enum snp_line line,
                                                     enum snp_signer signer)
{
    static const char *const asks[SNP_LINE_COUNT][2] = {{"", ""},
                                                        {"SEV-Milan", "SEV-VLEK-Milan"},
                                                        {"SEV-Genoa", "SEV-VLEK-Genoa"},
                                                        {"SEV-Turin", "SEV-VLEK-Turin"}};

    c->root = snp_kit_root(line);
    if (c->line != line || c->signer != signer) {
        const char *const name = asks[line][signer];
        const struct snp_kit_cert ark = snp_kit_ark();
        const struct snp_kit_cert ask = snp_kit_ask(name);
        const struct snp_kit_cert vek = snp_kit_vek(line, signer, name, c->key.key.public_key);
        const struct snp_kit_crl crl = snp_kit_list();

        c->ev.ark = snp_kit_cert(&ark, c->ark);
        c->ev.ask = snp_kit_cert(&ask, c->ask);
        c->ev.vek = snp_kit_cert(&vek, c->vek);
        c->ev.crl = snp_kit_crl(&crl, c->crl);
        c->line = line;
        c->signer = signer;
    }
    return c->ev;
}

static inline void snp_kit_chip_free(struct snp_kit_chip *c)
{
    snp_kit_key_free(&c->key);
}

#endif
