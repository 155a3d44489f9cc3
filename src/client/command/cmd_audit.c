#include "base/hex.h"
#include "client/audit/core_binding.h"
#include "client/command/attest_command.h"
#include "client/command/command.h"
#include "client/command/options.h"
#include "client/kit/diag.h"
#include "client/kit/time_text.h"
#include "client/verify/exit_code.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char usage[] =
    "usage: quorate audit verify-core [OPTION...] FILE...\n"
    "\n"
    "Says whether FILE is the log of one start of a core as that core signed it: every entry\n"
    "from its first one on, in order, none altered and none missing. A log that its authority\n"
    "kept in several files is all of them, in their order.\n"
    "\n"
    "      --key HEX         the audit key that it must be of, 97 bytes\n"
    "      --boot-nonce HEX  the start that it must be of, 32 bytes\n"
    "whose key that is, by the machine that the core ran on:\n"
    "      --evidence FILE   what GET /evidence?nonce= of its authority gave\n"
    "      --policy FILE     what that must satisfy (quorate-attest(1))\n"
    "      --nonce HEX       the nonce that was asked with, 32 bytes\n"
    "      --at TIME         judged at this time; else now\n"
    "      --json            as JSON\n"
    "\n"
    "exit code: 0 it is, 1 it is not, 2 could not tell\n";

enum { OPT_KEY = 256, OPT_BOOT_NONCE, OPT_EVIDENCE, OPT_POLICY, OPT_NONCE, OPT_AT, OPT_JSON };

static const struct option long_options[] = {
    {"key", required_argument, NULL, OPT_KEY},
    {"boot-nonce", required_argument, NULL, OPT_BOOT_NONCE},
    {"evidence", required_argument, NULL, OPT_EVIDENCE},
    {"policy", required_argument, NULL, OPT_POLICY},
    {"nonce", required_argument, NULL, OPT_NONCE},
    {"at", required_argument, NULL, OPT_AT},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct audit_args {
    char *const *files; /* of one log, in order */
    int n_files;
    const char *evidence, *policy;
    uint8_t key[AUDIT_KEY_LEN], boot_nonce[BOOT_NONCE_LEN], nonce[REPORT_DATA_NONCE_LEN];
    int64_t at_s; /* now, where none was said */
    bool has_key, has_boot_nonce, has_nonce, has_at, json, help;
};

/* What was found. */
struct audit_found {
    enum core_log_fault fault;
    struct core_log_facts log;
    enum core_binding_fault binding; /* where there is evidence */
    struct core_binding_facts machine;
};

static enum err read_hex(const char *name, const char *text, uint8_t *out, size_t n, bool *has)
{
    size_t got = 0;

    *has = true;
    if (hex_parse(text, out, n, &got) != ERR_OK || got != n) {
        diag("%s: %zu bytes in hexadecimal, please", name, n);
        return ERR_ENCODING;
    }
    return ERR_OK;
}

static enum err take_option(int c, const char *value, struct audit_args *a)
{
    switch (c) {
    case OPT_KEY:
        return read_hex("--key", value, a->key, sizeof a->key, &a->has_key);
    case OPT_BOOT_NONCE:
        return read_hex("--boot-nonce", value, a->boot_nonce, sizeof a->boot_nonce,
                        &a->has_boot_nonce);
    case OPT_NONCE:
        return read_hex("--nonce", value, a->nonce, sizeof a->nonce, &a->has_nonce);
    case OPT_EVIDENCE:
        a->evidence = value;
        return ERR_OK;
    case OPT_POLICY:
        a->policy = value;
        return ERR_OK;
    case OPT_AT:
        a->has_at = true;
        return options_time(value, &a->at_s);
    default:
        return options_flag(c, (const struct options_flag[]){{OPT_JSON, &a->json, true},
                                                             {'h', &a->help, true},
                                                             {0, NULL, false}});
    }
}

static enum err read_args(int argc, char **argv, struct audit_args *a)
{
    int c = 0;

    *a = (struct audit_args){.files = NULL};
    while ((c = options_next(argc, argv, "h", long_options)) != -1) {
        TRY(take_option(c, optarg, a));
    }
    if (a->help) {
        return ERR_OK;
    }
    if (optind + 2 > argc || strcmp(argv[optind], "verify-core") != 0) {
        diag("verify-core FILE..., please");
        return ERR_TYPE;
    }
    if ((a->evidence != NULL) != (a->policy != NULL) ||
        (a->evidence == NULL && (a->has_nonce || a->has_at))) {
        diag("--evidence and --policy go together, --nonce and --at with them");
        return ERR_TYPE;
    }
    a->files = argv + optind + 1;
    a->n_files = argc - optind - 1;
    a->at_s = a->has_at ? a->at_s : (int64_t)time(NULL);
    return ERR_OK;
}

/* What the caller knows of it, once it is whole. */
static enum core_log_fault compare(const struct audit_args *a, const struct core_log_facts *f)
{
    if (a->has_key && memcmp(a->key, f->audit_key, sizeof a->key) != 0) {
        return CORE_LOG_KEY;
    }
    return a->has_boot_nonce && memcmp(a->boot_nonce, f->boot_nonce, sizeof a->boot_nonce) != 0
               ? CORE_LOG_BOOT
               : CORE_LOG_OK;
}

static void print_time(const char *name, int64_t ns)
{
    char text[TIME_TEXT_LEN];

    if (ns > 0) {
        time_text_write(ns / 1000000000, (uint32_t)(ns % 1000000000), text);
        (void)printf("%-12s %s\n", name, text);
    }
}

/* ---- output ---- */

struct reenrol_text {
    char order[2 * AUDIT_HASH_LEN + 1], machine[2 * PLAN_PLATFORM_LEN + 1];
};

static void reenrol_text(const struct core_log_reenrol *r, struct reenrol_text *out)
{
    static const uint8_t none[PLAN_PLATFORM_LEN];

    hex_write((struct view){r->order, sizeof r->order}, out->order);
    hex_write((struct view){r->machine,
                            memcmp(r->machine, none, sizeof none) != 0 ? sizeof r->machine : 0},
              out->machine);
}

/* "1 2 3"; "nobody known" of an order that the core had missed. */
static void print_helpers(uint64_t helpers)
{
    for (unsigned i = 0; i < 64; i++) {
        if ((helpers >> i & 1) != 0) {
            (void)printf(" %u", i + 1);
        }
    }
    (void)printf("%s\n", helpers == 0 ? " nobody known: the order was missed" : "");
}

static void print_reenrols(const struct core_log_facts *f)
{
    for (size_t i = 0; i < f->n_reenrols; i++) {
        const struct core_log_reenrol *const r = &f->reenrols[i];
        struct reenrol_text t;

        reenrol_text(r, &t);
        (void)printf("%-12s place %llu, incarnation %llu\n", "re-enrolled",
                     (unsigned long long)r->index, (unsigned long long)r->incarnation);
        (void)printf("%-12s %s\n%-12s", "  order", t.order, "  helpers");
        print_helpers(r->helpers);
        (void)printf("%-12s %s\n", "  machine",
                     t.machine[0] != '\0' ? t.machine : "none named");
    }
}

static void print_log(const struct audit_found *found)
{
    const struct core_log_facts *const f = &found->log;
    char key[2 * AUDIT_KEY_LEN + 1];
    char nonce[2 * BOOT_NONCE_LEN + 1];

    hex_write((struct view){f->audit_key, sizeof f->audit_key}, key);
    hex_write((struct view){f->boot_nonce, sizeof f->boot_nonce}, nonce);
    if (found->fault == CORE_LOG_OK) {
        (void)printf("genuine: entries 1 to %llu, none missing, in order\n",
                     (unsigned long long)f->proven);
    } else {
        (void)printf(
            "not genuine: %s (after entry %llu; proven up to %llu, signed up to %llu)\n",
            core_log_fault_text(found->fault), (unsigned long long)f->at,
            (unsigned long long)f->proven, (unsigned long long)f->signed_until);
    }
    (void)printf("%-12s %s\n%-12s %s\n", "audit key", key, "boot nonce", nonce);
    print_time("from", f->from_ns);
    print_time("until", f->until_ns);
    (void)printf("%-12s %s\n", "end", f->retired ? "the core retired" : "it may have gone on");
    print_reenrols(f);
}

static const char *refusal(const struct audit_found *found)
{
    return found->binding == CORE_BINDING_REFUSED ? attest_fault_name(found->machine.fault)
                                                  : "";
}

static const char *assurance(const struct evidence_claims *c)
{
    return c->assurance == ATTEST_ASSURANCE_HARDWARE ? "hardware" : "simulated";
}

struct machine_text {
    char measurement[2 * EVIDENCE_MEASUREMENT_LEN + 1], platform[2 * EVIDENCE_PLATFORM_LEN + 1];
    char policy[2 * POLICY_HASH_LEN + 1], nonce[2 * REPORT_DATA_NONCE_LEN + 1];
};

static void machine_text(const struct core_binding_facts *m, struct machine_text *out)
{
    const struct evidence_claims *const c = &m->claims;

    hex_write((struct view){c->measurement, sizeof c->measurement}, out->measurement);
    hex_write((struct view){c->platform, sizeof c->platform}, out->platform);
    hex_write((struct view){c->policy_hash, sizeof c->policy_hash}, out->policy);
    hex_write((struct view){m->nonce, sizeof m->nonce}, out->nonce);
}

static void print_machine(const struct audit_found *found)
{
    const bool simulated =
        found->machine.claims.assurance == ATTEST_ASSURANCE_SIMULATED; /* not of hardware */
    struct machine_text t;

    if (found->binding != CORE_BINDING_OK) {
        (void)printf("%-12s REFUSED: %s %s\n", "machine",
                     core_binding_fault_text(found->binding), refusal(found));
        return;
    }
    machine_text(&found->machine, &t);
    (void)printf("%-12s ACCEPTED: it vouches for this audit key and this start\n", "machine");
    (void)printf("%-12s %s%s\n", "assurance", assurance(&found->machine.claims),
                 simulated ? ": software played the processor, nobody vouches for it" : "");
    (void)printf("%-12s %s\n%-12s %s\n%-12s %s\n%-12s %s\n", "measurement", t.measurement,
                 "platform", t.platform, "policy", t.policy, "nonce", t.nonce);
}

static json_t *machine_json(const struct audit_found *found)
{
    struct machine_text t;

    if (found->binding != CORE_BINDING_OK) {
        return json_pack("{s:b, s:s, s:s}", "accepted", 0, "fault",
                         core_binding_fault_text(found->binding), "refusal", refusal(found));
    }
    machine_text(&found->machine, &t);
    return json_pack("{s:b, s:s, s:s, s:s, s:s, s:s}", "accepted", 1, "assurance",
                     assurance(&found->machine.claims), "measurement", t.measurement,
                     "platform", t.platform, "policy_hash", t.policy, "nonce", t.nonce);
}

static json_t *reenrols_json(const struct core_log_facts *f)
{
    json_t *const all = json_array();

    for (size_t i = 0; i < f->n_reenrols; i++) {
        const struct core_log_reenrol *const r = &f->reenrols[i];
        struct reenrol_text t;

        reenrol_text(r, &t);
        (void)json_array_append_new(
            all, json_pack("{s:I, s:I, s:s, s:I, s:s}", "index", (json_int_t)r->index,
                           "incarnation", (json_int_t)r->incarnation, "order", t.order,
                           "helpers", (json_int_t)r->helpers, "machine", t.machine));
    }
    return all;
}

static enum err print_json(const struct audit_args *a, const struct audit_found *found)
{
    const struct core_log_facts *const f = &found->log;
    char key[2 * AUDIT_KEY_LEN + 1];
    char nonce[2 * BOOT_NONCE_LEN + 1];

    hex_write((struct view){f->audit_key, sizeof f->audit_key}, key);
    hex_write((struct view){f->boot_nonce, sizeof f->boot_nonce}, nonce);
    json_t *const j =
        json_pack("{s:b, s:s, s:I, s:I, s:s, s:s, s:I, s:I, s:b}", "genuine",
                  found->fault == CORE_LOG_OK, "fault", core_log_fault_text(found->fault),
                  "proven", (json_int_t)f->proven, "signed_until", (json_int_t)f->signed_until,
                  "audit_key", key, "boot_nonce", nonce, "from_ns", (json_int_t)f->from_ns,
                  "until_ns", (json_int_t)f->until_ns, "retired", f->retired);

    if (json_object_set_new(j, "reenrolled", reenrols_json(f)) != 0) {
        json_decref(j);
        return ERR_NOSPACE;
    }
    if (a->evidence != NULL && json_object_set_new(j, "machine", machine_json(found)) != 0) {
        json_decref(j);
        return ERR_NOSPACE;
    }
    return options_print_json(j);
}

static enum err print(const struct audit_args *a, const struct audit_found *found)
{
    if (a->json) {
        return print_json(a, found);
    }
    print_log(found);
    if (a->evidence != NULL) {
        print_machine(found);
    }
    return ERR_OK;
}

/* ---- verdicts ---- */

static enum err read_policy(const char *path, struct evidence_policy *out)
{
    struct file_bytes f;
    unsigned at = 0;

    TRY(options_file(path, &f));
    const enum attest_fault fault = evidence_policy_parse((struct view){f.p, f.n}, out, &at);

    file_free(&f);
    return attest_command_policy(path, at, fault);
}

static enum err judge_machine(const struct audit_args *a, struct audit_found *found)
{
    static struct evidence_policy policy;
    const struct core_binding by = {
        .policy = &policy,
        .roots = &snp_roots_compiled,
        .nonce = a->has_nonce ? a->nonce : NULL,
        .at_s = a->at_s,
    };
    struct file_bytes f;

    TRY(read_policy(a->policy, &policy));
    TRY(options_file(a->evidence, &f));
    found->binding =
        core_binding_judge((struct view){f.p, f.n}, &found->log, &by, &found->machine);
    file_free(&f);
    if (found->binding == CORE_BINDING_FORM) {
        diag("%s: %s", a->evidence, core_binding_fault_text(found->binding));
        return ERR_ENCODING;
    }
    return ERR_OK;
}

/* All files of the log, up to the first that has a fault. */
static enum err read_log(const struct audit_args *a, struct audit_found *found)
{
    static struct core_log log;
    int i = 0;

    core_log_begin(&log, &found->log);
    for (; i < a->n_files && found->fault == CORE_LOG_OK; i++) {
        struct file_bytes file;

        TRY(options_file(a->files[i], &file));
        found->fault = core_log_take(&log, (struct view){file.p, file.n});
        file_free(&file);
    }
    found->fault = core_log_end(&log, found->fault);
    if (found->fault == CORE_LOG_FORM) {
        diag("%s: %s (after entry %llu)", a->files[i - 1], core_log_fault_text(found->fault),
             (unsigned long long)found->log.at);
        return ERR_ENCODING;
    }
    return ERR_OK;
}

static enum err judge(const struct audit_args *a, struct audit_found *found)
{
    TRY(read_log(a, found));
    if (found->fault == CORE_LOG_OK) {
        found->fault = compare(a, &found->log);
    }
    return a->evidence != NULL ? judge_machine(a, found) : ERR_OK;
}

static int verify(const struct audit_args *a)
{
    static struct audit_found found;

    if (judge(a, &found) != ERR_OK || print(a, &found) != ERR_OK) {
        return EXIT_CODE_COULD_NOT_TELL;
    }
    return found.fault == CORE_LOG_OK && found.binding == CORE_BINDING_OK
               ? EXIT_CODE_GENUINE
               : EXIT_CODE_NOT_GENUINE;
}

static int run(int argc, char **argv)
{
    struct audit_args a;

    diag_open("quorate audit");
    const enum err e = read_args(argc, argv, &a);

    return e != ERR_OK || a.help ? command_not_run(&command_audit, e) : verify(&a);
}

const struct command command_audit = {
    .name = "audit",
    .summary = "verify the signed log of a core",
    .usage = usage,
    .run = run,
};
