#include "host/ceremony/plan_ini.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ZEROS_16 "00000000000000000000000000000000"

/* One that cores would take: what plan_policy_check() reads has a target of its own. */
static const char text_of_policy[] =
    "version = 1\n[tdx]\nmrtd = " ZEROS_16 ZEROS_16 ZEROS_16 "\nrtmr0 = any\nrtmr1 = any\n"
    "rtmr2 = any\nrtmr3 = any\nmr_config_id = any\nmr_owner = any\nmr_owner_config = any\n"
    "sept_ve_disable = required\npks = refused\nkey_locker = refused\nperfmon = refused\n"
    "trailing = allowed\nstatus = UpToDate\nevaluation = 17\nfmspc_denied = none\n";

static enum err read_policy(void *user, const char *path, struct view *text)
{
    (void)user;
    *text = (struct view){(const uint8_t *)text_of_policy, sizeof text_of_policy - 1};
    return path[0] == 'x' ? ERR_IO : ERR_OK;
}

/* What is accepted is a plan, and prints to a file that reads to the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t text[PLAN_INI_MAX];
    uint8_t first[PLAN_MAX];
    uint8_t again[PLAN_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct writer a = wr_init(first, sizeof first);
    struct writer b = wr_init(again, sizeof again);
    const struct plan_ini_policy policy = {read_policy, NULL};
    char error[INI_ERROR_MAX];
    struct plan plan;
    struct view printed;

    if (plan_ini_parse((struct view){data, size}, "fuzz", &policy, &a, error) != ERR_OK) {
        if (error[0] == '\0' || a.len != 0) {
            abort();
        }
        return 0;
    }
    if (plan_decode((struct view){first, a.len}, &plan) != ERR_OK) {
        abort();
    }
    plan_ini_print(&plan, "p", &w);
    if (wr_finish(&w, &printed) != ERR_OK ||
        plan_ini_parse(printed, "printed", &policy, &b, error) != ERR_OK || a.len != b.len ||
        memcmp(first, again, a.len) != 0) {
        abort();
    }
    return 0;
}
