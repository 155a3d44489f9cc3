/* tdx_policy_kit.h - policies for quotes: one that a quote satisfies as it is, and changes of
 * its text. */
#ifndef TESTS_TDX_POLICY_KIT_H
#define TESTS_TDX_POLICY_KIT_H

#include "testing.h"

#include "attest/tdx_judge.h"
#include "base/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TDX_KIT_TEXT_MAX 4096

static inline int tdx_kit_digest(char *out, size_t cap, const char *name,
                                 const uint8_t digest[TDX_MR_LEN])
{
    char hex[2 * TDX_MR_LEN + 1];

    hex_write((struct view){digest, TDX_MR_LEN}, hex);
    return snprintf(out, cap, "%s = %s\n", name, hex);
}

/* The text of a policy that demands what the quote says, and refuses all that it does not need;
 * trailing bytes are allowed. */
static inline const char *tdx_kit_text(const struct tdx_td *td, char out[TDX_KIT_TEXT_MAX])
{
    static const char *const names[] = {"rtmr0", "rtmr1", "rtmr2", "rtmr3"};
    size_t n = (size_t)snprintf(out, TDX_KIT_TEXT_MAX, "version = 1\n[tdx]\n");

    n += (size_t)tdx_kit_digest(out + n, TDX_KIT_TEXT_MAX - n, "mrtd", td->mrtd);
    for (size_t i = 0; i < TDX_RTMRS; i++) {
        n += (size_t)tdx_kit_digest(out + n, TDX_KIT_TEXT_MAX - n, names[i], td->rtmr[i]);
    }
    n +=
        (size_t)tdx_kit_digest(out + n, TDX_KIT_TEXT_MAX - n, "mr_config_id", td->mr_config_id);
    n += (size_t)tdx_kit_digest(out + n, TDX_KIT_TEXT_MAX - n, "mr_owner", td->mr_owner);
    n += (size_t)tdx_kit_digest(out + n, TDX_KIT_TEXT_MAX - n, "mr_owner_config",
                                td->mr_owner_config);
    n += (size_t)snprintf(
        out + n, TDX_KIT_TEXT_MAX - n,
        "sept_ve_disable = %s\npks = %s\nkey_locker = refused\nperfmon = refused\n"
        "trailing = allowed\nstatus = UpToDate\nevaluation = 1\nfmspc_denied = none\n",
        (td->td_attributes & TDX_TD_SEPT_VE_DISABLE) != 0 ? "required" : "any",
        (td->td_attributes & TDX_TD_PKS) != 0 ? "allowed" : "refused");
    assert_true(n < TDX_KIT_TEXT_MAX);
    return out;
}

/* The text with the first `from` as `to`; from must be there. */
static inline const char *tdx_kit_replace(const char *text, const char *from, const char *to,
                                          char out[TDX_KIT_TEXT_MAX])
{
    const char *const at = strstr(text, from);

    if (!at) {
        print_message("not in the text: %s\n", from);
        abort();
    }
    const int n = snprintf(out, TDX_KIT_TEXT_MAX, "%.*s%s%s", (int)(at - text), text, to,
                           at + strlen(from));

    assert_true(n > 0 && n < TDX_KIT_TEXT_MAX);
    return out;
}

static inline void tdx_kit_policy(const char *text, struct tdx_policy *out)
{
    unsigned at = 0;

    assert_int_equal(
        tdx_policy_parse((struct view){(const uint8_t *)text, strlen(text)}, out, &at),
        ATTEST_OK);
}

#endif
