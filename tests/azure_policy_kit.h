/* azure_policy_kit.h - a policy that the guests of azure_kit.h satisfy. */
#ifndef TESTS_AZURE_POLICY_KIT_H
#define TESTS_AZURE_POLICY_KIT_H

#include "snp_policy_kit.h"

#include "attest/azure_policy.h"

/* The guest's part. Of PCR 4 the second value is that of the kit. */
static const char azure_kit_section[] =
    "[azure]\n"
    "pcr = 4 0000000000000000000000000000000000000000000000000000000000000000\n"
    "pcr = 4 1415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233\n"
    "pcr = 11 1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a\n"
    "secure_boot = required\n"
    "maa_issuer = https://maa.example\n";

/* snp_kit_policy with a paravisor where the guest is, and that part. */
static inline const char *azure_kit_policy(char out[SNP_KIT_TEXT_MAX])
{
    (void)snp_kit_replace(snp_kit_policy, "[guest]", "[paravisor]", out);
    (void)snprintf(out + strlen(out), SNP_KIT_TEXT_MAX - strlen(out), "%s", azure_kit_section);
    return out;
}

static inline void azure_kit_policy_of(const char *text, struct azure_policy *out)
{
    unsigned at = 0;

    assert_int_equal(
        azure_policy_parse((struct view){(const uint8_t *)text, strlen(text)}, out, &at),
        ATTEST_OK);
}

#endif
