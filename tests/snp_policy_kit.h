/* snp_policy_kit.h - a policy that the reports of snp_kit.h satisfy, and changes of its text.
 */
#ifndef TESTS_SNP_POLICY_KIT_H
#define TESTS_SNP_POLICY_KIT_H

#include "testing.h"

#include "attest/snp_policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SNP_KIT_TEXT_MAX (POLICY_TEXT_MAX + 64)

static const char snp_kit_policy[] =
    "# of the tests\n"
    "version = 1\n"
    "[guest]\n"
    "measurement = "
    "000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000000000000\n"
    "measurement = "
    "808182838485868788898a8b8c8d8e8f9091929394959697"
    "98999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf\n"
    "host_data = a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf\n"
    "vmpl = 0\n"
    "guest_svn = 3\n"
    "abi = 1.51\n"
    "smt = refused\n"
    "id_key = "
    "3132333435363738393a3b3c3d3e3f404142434445464748"
    "494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60\n"
    "author_key = "
    "5152535455565758595a5b5c5d5e5f606162636465666768"
    "696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f80\n"
    "family_id = 101112131415161718191a1b1c1d1e1f\n"
    "image_id = 202122232425262728292a2b2c2d2e2f\n"
    "[platform]\n"
    "signer = any\n"
    "provider = another\n"
    "provider = example\n"
    "crl = optional\n"
    "masked_chip = refused\n"
    "provisional = refused\n"
    "[line Milan]\n"
    "tcb = 0.4.0.27.222\n"
    "mitigations = 0x0\n"
    "policy_set = 0x20000\n"
    "platform_set = 0x24\n"
    "platform_clear = 0x10\n"
    "[line Turin]\n"
    "tcb = 1.2.1.4.82\n"
    "mitigations = 0xf\n"
    "policy_set = 0x20000\n"
    "platform_set = 0x24\n"
    "platform_clear = 0x10\n";

/* The text with so many measurements more, which no report has. */
static inline const char *snp_kit_more(const char *text, size_t more)
{
    static char out[3 * SNP_KIT_TEXT_MAX];
    const char *const at = strstr(text, "measurement = ");
    size_t n = (size_t)(at - text);

    memcpy(out, text, n);
    for (size_t i = 0; i < more; i++) {
        n += (size_t)snprintf(out + n, sizeof out - n, "measurement = %096zx\n", i + 1);
    }
    (void)snprintf(out + n, sizeof out - n, "%s", at);
    return out;
}

/* The text with the first `from` as `to`; from must be there. */
static inline const char *snp_kit_replace(const char *text, const char *from, const char *to,
                                          char out[SNP_KIT_TEXT_MAX])
{
    const char *at = strstr(text, from);

    if (!at) {
        print_message("not in the text: %s\n", from);
        abort();
    }
    const int n = snprintf(out, SNP_KIT_TEXT_MAX, "%.*s%s%s", (int)(at - text), text, to,
                           at + strlen(from));

    assert_true(n > 0 && n < SNP_KIT_TEXT_MAX);
    return out;
}

static inline void snp_kit_policy_of(const char *text, struct snp_policy *out)
{
    unsigned at = 0;

    assert_int_equal(
        snp_policy_parse((struct view){(const uint8_t *)text, strlen(text)}, out, &at),
        ATTEST_OK);
}

#endif
