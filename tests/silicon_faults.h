/* silicon_faults.h - simulated chips that are broken, old or lie. Only tests have it: no
 * program has an option for any of these. */
#ifndef TESTS_SILICON_FAULTS_H
#define TESTS_SILICON_FAULTS_H

#include "silicon/silicon.h"
#include "testing.h"

#include "format/pem.h"

#include <string.h>

enum silicon_fault {
    SILICON_WRONG_CHIP,  /* CHIP_ID is another's than the VCEK's */
    SILICON_ROLLBACK,    /* older firmware, with a VCEK of it */
    SILICON_LYING_TCB,   /* newer firmware than that of the VCEK */
    SILICON_DEBUG,       /* POLICY allows debugging */
    SILICON_MIGRATION,   /* or a migration agent */
    SILICON_MASKED_CHIP, /* CHIP_ID is hidden */
    SILICON_LYING_CPU,   /* CPUID says that it is a real Milan */
    SILICON_OTHER_CPU,   /* or another simulated line */
    SILICON_VMPL,        /* asked from a lower privilege level */
    SILICON_OTHER_CODE,  /* another MEASUREMENT */
    SILICON_STALE_CRL,   /* the root's list is over */
    SILICON_REVOKED,     /* it names the issuer */
    SILICON_NO_CRL,
    SILICON_WRONG_LINE, /* another line's issuer */
    SILICON_FAULT_COUNT,
};

/* Of ARK-SIM-Milan: ended in 2021; and one that revokes SEV-SIM-Milan. */
static const char silicon_stale_crl[] =
    "MIIDOzCB8AIBATBBBgkqhkiG9w0BAQowNKAPMA0GCWCGSAFlAwQCAgUAoRwwGgYJKoZIhvcNAQEIMA0GCWCG"
    "SAFlAwQCAgUAogMCATAwWTEcMBoGA1UECgwTU0lNVUxBVEVEIC0gTk9UIEFNRDEhMB8GA1UECwwYcXVvcmF0"
    "ZSwga2V5cyBhcmUgcHVibGljMRYwFAYDVQQDDA1BUkstU0lNLU1pbGFuFw0yMDAxMDEwMDAwMDBaFw0yMTAx"
    "MDEwMDAwMDBaoC8wLTAfBgNVHSMEGDAWgBTCIxDfkj8cm/+BOyR5DRLhIWmEZzAKBgNVHRQEAwIBAjBBBgkq"
    "hkiG9w0BAQowNKAPMA0GCWCGSAFlAwQCAgUAoRwwGgYJKoZIhvcNAQEIMA0GCWCGSAFlAwQCAgUAogMCATAD"
    "ggIBABZxofd3UW91Tl/AilaNLP6WR1jE6ZCrugYwOVA3VoGDQDc0EkYRtN2lZfafb7Cy0XOvu2lkVEJnkPMD"
    "cvOIQKdLPuKEUejKgrq6ZvobJOTplDRGViE+TItP2SSHQSgQMS4VNwe26U+INWm6UaUEmVr45GIugHPqcW2G"
    "OyN0uu4BJC0PsZhXxLbwdJy5adz/ZZ80nUtYAUg2Vvf96SP3WZT87ba7kIwFX+JBYWNsEyBKdEEykCj7k83p"
    "qFoBm9FddnEmicD6BeMXDlg71RRmgtRmxQOb0sQwTQ1OESSGSQF+SlKV13ac2COcGx7cyH4o0STjKqbgcd15"
    "SkqY8GMDCA/GaiGafMgxrXmFPcufZMQqGXlzkkG9P3uS/n3SZGqiNgyUC7QNxvt9jacNtUWKhxQn0O4978il"
    "LybAvmrKxhH5ATg95Gz5/M5c/PMa7pVKE8uuJbXkEeXWWU6gle62kaAjZFq88pTrRADtW9ZS0I7dZR2xfFeX"
    "gkfcRAraxqhIhYp/hzlZW3lwwv63d7+vg9yPu2Ps798/KS32otXplVxyBKZfUdw/i3ZWxfQ+vm0rMd9nl/4K"
    "MU7f4T8B2Gqp6MWi2zQhkbLWwEdaxm8nm0DEK+t5R1LKoTvlyvGnHlkSMTBfs7N/nv4syRF/HFPPvYuH/Y9j"
    "IeBw0+AFonxalbBa";
static const char silicon_revoking_crl[] =
    "MIIDVDCCAQgCAQEwQQYJKoZIhvcNAQEKMDSgDzANBglghkgBZQMEAgIFAKEcMBoGCSqGSIb3DQEBCDANBglg"
    "hkgBZQMEAgIFAKIDAgEwMFkxHDAaBgNVBAoME1NJTVVMQVRFRCAtIE5PVCBBTUQxITAfBgNVBAsMGHF1b3Jh"
    "dGUsIGtleXMgYXJlIHB1YmxpYzEWMBQGA1UEAwwNQVJLLVNJTS1NaWxhbhcNMjAwMTAxMDAwMDAwWhgPMjA5"
    "OTAxMDEwMDAwMDBaMBQwEgIBAhcNMjYxMTIxMjI0NDAxWqAvMC0wHwYDVR0jBBgwFoAUwiMQ35I/HJv/gTsk"
    "eQ0S4SFphGcwCgYDVR0UBAMCAQMwQQYJKoZIhvcNAQEKMDSgDzANBglghkgBZQMEAgIFAKEcMBoGCSqGSIb3"
    "DQEBCDANBglghkgBZQMEAgIFAKIDAgEwA4ICAQAF0n3YYC6ixSmmR+trIbyXfOadycue2NTwfOzANxVug2Lo"
    "DpaU4fAioTXMZRtLnMwA+jgakBBGjsln6j1VNNypifFoEcoKCX0797e0/FNGfbbHa/blQmHf9sEsn5OOvqhf"
    "vg/wevIg/Ltv7EB2frK0kOb+e9Yv1RObyYIS3cA34y0JSRCWTohCrj4jcIo9El+B/D0dxGWmPnw9Cc3zCGIh"
    "TNS0OXw3nwJJRgxx2KLwdWjKyXnjGoJlx+wJbPeoGsc/4NUt9NPHGY2Ml1Zli29pou7Vcc9W5ZcgBZ7tugdh"
    "U0S/vcwd5CyzNZ9L1t2h0Nn6J2qjgl0OyfvjgCL5wHTHcJq0RdTG7NMM0fB+ny0zX1IknlmE8ZMFwCa8AeuW"
    "1tt/7x1zhsAAdYJue9aIoNdhG9yCGoE5RHJJZjefLFY78tjtKXdmUn/zKkU4WrULGUnMKFSBB/HdjMWnoEV5"
    "0WKJlq1xnKdvGS2bPzl5MLvuuMZEiTjZbv2EjfTE5gksW8NyxJqtl8DdrfTQBkob/GnbAOooW8OtskAUAFXY"
    "b+7qkIBszoOn8yIxcWk2psFIu9EocthxJgkl40WFW1cv/Ar1yxSYkUlQtKxfJSXAQvjQ5krAvsuZUZB1imqF"
    "ZxvArUoTumY+fsLyjocr/e615ywWHN7dPf0kjv5arV923TY74g==";

static inline void silicon_set_crl(struct silicon *s, const char *base64)
{
    struct view v;

    assert_int_equal(pem_parse_base64((struct view){(const uint8_t *)base64, strlen(base64)},
                                      s->crl, sizeof s->crl, &v),
                     ERR_OK);
    s->crl_len = v.n;
}

/* s is of SIM-Milan where the fault is of the list. */
static inline void silicon_spoil(struct silicon *s, enum silicon_fault f)
{
    switch (f) {
    case SILICON_WRONG_CHIP:
        s->chip_id[0] ^= 1;
        return;
    case SILICON_ROLLBACK:
        s->reported_tcb[7]--;
        s->tcb[7]--;
        assert_int_equal(silicon_derive(s), ERR_OK);
        return;
    case SILICON_LYING_TCB:
        s->reported_tcb[7]++;
        s->tcb[7]++;
        return;
    case SILICON_DEBUG:
        s->policy |= SNP_POLICY_DEBUG;
        return;
    case SILICON_MIGRATION:
        s->policy |= SNP_POLICY_MIGRATE_MA;
        return;
    case SILICON_MASKED_CHIP:
        s->key_info |= 2;
        memset(s->chip_id, 0, sizeof s->chip_id);
        return;
    case SILICON_LYING_CPU:
        s->cpu[0] = 0x19;
        s->cpu[1] = 1;
        return;
    case SILICON_OTHER_CPU:
        s->cpu[1] = (uint8_t)((s->cpu[1] + 1) % SILICON_LINES);
        return;
    case SILICON_VMPL:
        s->vmpl = 2;
        return;
    case SILICON_OTHER_CODE:
        s->measurement[47] ^= 1;
        return;
    case SILICON_STALE_CRL:
        silicon_set_crl(s, silicon_stale_crl);
        return;
    case SILICON_REVOKED:
        silicon_set_crl(s, silicon_revoking_crl);
        return;
    case SILICON_NO_CRL:
        s->crl_len = 0;
        return;
    case SILICON_WRONG_LINE:
        s->line = &silicon_lines[(s->line - silicon_lines + 1) % SILICON_LINES];
        assert_int_equal(silicon_derive(s), ERR_OK);
        return;
    case SILICON_FAULT_COUNT:
        break;
    }
    fail();
}

#endif
