/* The command line of a core, split at newlines, and one policy. */
#include "enclave/judge/boot_args.h"

#include <stdlib.h>
#include <string.h>

#define ARGS_MAX 64
#define TEXT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_policy(const struct boot_policy *p)
{
    if (p->number == 0 || p->key < KEY_CLASSIC || p->key > KEY_DUAL || p->oid_len == 0 ||
        p->oid_len > WIRE_POLICY_OID_MAX || p->rule.digits > 3 ||
        p->rule.min_accuracy_ms == 0 || p->rule.min_accuracy_ms > p->rule.max_accuracy_ms ||
        p->rule.max_accuracy_ms <= R1_LIFE_MS + stamp_unit_ms(p->rule.digits) / 2 ||
        p->rule.max_accuracy_ms > BOOT_ACCURACY_MS_MAX) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TEXT_MAX + 1];
    char *argv[ARGS_MAX + 1];
    char program[] = "quorate-core";
    struct boot_policy policy;
    struct boot_args args;
    int argc = 0;
    int where = 0;

    size = size < TEXT_MAX ? size : TEXT_MAX;
    memcpy(text, data, size);
    text[size] = '\0';
    if (boot_policy_parse(text, &policy) == ERR_OK) {
        check_policy(&policy);
    }
    argv[argc++] = program;
    argv[argc++] = text;
    for (char *p = text; *p != '\0' && argc < ARGS_MAX; p++) {
        if (*p == '\n') {
            *p = '\0';
            argv[argc++] = p + 1;
        }
    }
    argv[argc] = NULL;
    if (boot_args_parse(argc, argv, &args, &where) != ERR_OK) {
        if (where < 1 || where > argc || args.n_listen != 0 || args.n_policies != 0) {
            abort();
        }
        return 0;
    }
    if (!args.help && !args.version &&
        (args.n_listen == 0 || args.n_policies == 0 || args.clock == 0 ||
         args.idle_ms < BOOT_IDLE_MS_MIN)) {
        abort();
    }
    for (size_t i = 0; i < args.n_policies; i++) {
        check_policy(&args.policies[i]);
    }
    return 0;
}
