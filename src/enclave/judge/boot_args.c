#include "enclave/judge/boot_args.h"

#include <string.h>

/* The command line is the operator's, not a peer's: zero-terminated strings are safe here. */

#define OID_ARC_MAX UINT32_C(0x7fffffff) /* Go's encoding/asn1 refuses larger arcs */

/* Reads decimal digits up to `end`, no sign, no leading zero but "0" itself. */
static enum err read_number(const char **text, char end, uint32_t max, uint32_t *out)
{
    const char *p = *text;
    uint64_t v = 0;

    *out = 0;
    if (*p < '0' || *p > '9' || (*p == '0' && p[1] >= '0' && p[1] <= '9')) {
        return ERR_ENCODING;
    }
    for (; *p >= '0' && *p <= '9'; p++) {
        v = v * 10 + (uint64_t)(*p - '0');
        if (v > max) {
            return ERR_RANGE;
        }
    }
    if (*p != end) {
        return ERR_ENCODING;
    }
    *text = end == '\0' ? p : p + 1;
    *out = (uint32_t)v;
    return ERR_OK;
}

/* Base 128, most significant group first, X.690 8.19. */
static void write_arc(struct writer *w, uint64_t arc)
{
    int groups = 1;

    for (uint64_t rest = arc >> 7; rest != 0; rest >>= 7) {
        groups++;
    }
    while (groups-- > 0) {
        const uint8_t more = groups > 0 ? 0x80 : 0;

        wr_u8(w, (uint8_t)(((arc >> (7 * groups)) & 0x7f) | more));
    }
}

/* Reads a dotted OID that ends with a comma. */
static enum err read_oid(const char **text, struct boot_policy *p)
{
    const size_t len = strcspn(*text, ",");
    const char *const end = *text + len;
    struct writer w = wr_init(p->oid, sizeof p->oid);
    struct view oid;
    uint32_t first = 0;
    uint32_t arc = 0;

    TRY(read_number(text, '.', 2, &first));
    for (size_t i = 1; *text <= end; i++) {
        const size_t digits = strspn(*text, "0123456789");
        const char stop = (*text)[digits];

        if (stop != '.' && stop != ',') {
            return ERR_ENCODING;
        }
        TRY(read_number(text, stop, OID_ARC_MAX, &arc));
        if (i == 1 && first < 2 && arc > 39) {
            return ERR_RANGE;
        }
        write_arc(&w, i == 1 ? (uint64_t)first * 40 + arc : arc);
        if (stop == ',') {
            break;
        }
    }
    if (wr_finish(&w, &oid) != ERR_OK) {
        return ERR_RANGE;
    }
    p->oid_len = (uint8_t)oid.n;
    return ERR_OK;
}

static enum err read_key(const char **text, uint8_t *key)
{
    static const struct {
        const char *name;
        uint8_t key;
    } known[] = {{"classic,", KEY_CLASSIC}, {"pq,", KEY_PQ}, {"dual,", KEY_DUAL}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const size_t n = strlen(known[i].name);

        if (strncmp(*text, known[i].name, n) == 0) {
            *text += n;
            *key = known[i].key;
            return ERR_OK;
        }
    }
    return ERR_BAD_ALG;
}

static enum err read_policy(const char *text, struct boot_policy *p)
{
    uint32_t v = 0;

    TRY(read_number(&text, ',', UINT8_MAX, &v));
    if (v == 0) {
        return ERR_RANGE;
    }
    p->number = (uint8_t)v;
    TRY(read_key(&text, &p->key));
    TRY(read_oid(&text, p));
    TRY(read_number(&text, ',', 3, &v));
    p->rule.digits = (uint8_t)v;
    TRY(read_number(&text, ',', BOOT_ACCURACY_MS_MAX, &p->rule.min_accuracy_ms));
    p->rule.ordering = strchr(text, ',') != NULL;
    TRY(read_number(&text, p->rule.ordering ? ',' : '\0', BOOT_ACCURACY_MS_MAX,
                    &p->rule.max_accuracy_ms));
    if (p->rule.ordering && strcmp(text, "ordering") != 0) {
        return ERR_ENCODING;
    }
    if (p->rule.min_accuracy_ms == 0 || p->rule.min_accuracy_ms > p->rule.max_accuracy_ms ||
        p->rule.max_accuracy_ms < BOOT_ACCURACY_MS_MIN + stamp_unit_ms(p->rule.digits) / 2) {
        return ERR_RANGE;
    }
    return ERR_OK;
}

enum err boot_policy_parse(const char *text, struct boot_policy *out)
{
    struct boot_policy p = {0};

    *out = p;
    TRY(read_policy(text, &p));
    *out = p;
    return ERR_OK;
}

bool boot_args_use(const struct boot_args *a, uint8_t key)
{
    for (size_t i = 0; i < a->n_policies; i++) {
        if (core_key_takes(a->policies[i].key, (enum core_key)key)) {
            return true;
        }
    }
    return false;
}

enum err boot_args_check_ordering(const struct boot_args *a, uint8_t threshold, uint8_t total)
{
    for (size_t i = 0; i < a->n_policies; i++) {
        const struct boot_policy *const p = &a->policies[i];
        const unsigned n = a->member ? total : 1;
        const unsigned t = a->member && core_key_takes(p->key, KEY_PQ) ? threshold : 1;

        if (p->rule.ordering && 2 * t <= n + (n - 1) / 2) {
            return ERR_QUORUM;
        }
    }
    return ERR_OK;
}

static enum err add_policy(const char *text, struct boot_args *a)
{
    struct boot_policy p;

    TRY(boot_policy_parse(text, &p));
    if (a->n_policies == WIRE_POLICIES_MAX) {
        return ERR_NOSPACE;
    }
    for (size_t i = 0; i < a->n_policies; i++) {
        if (a->policies[i].number == p.number) {
            return ERR_TRAILING;
        }
    }
    a->policies[a->n_policies++] = p;
    return ERR_OK;
}

static enum err add_listen(const char *uri, struct boot_args *a)
{
    if (a->n_listen == LIMIT_LISTENERS) {
        return ERR_NOSPACE;
    }
    if (uri[0] == '\0') {
        return ERR_ENCODING;
    }
    a->listen[a->n_listen++] = uri;
    return ERR_OK;
}

static enum err set_clock(const char *name, struct boot_args *a)
{
    if (a->clock != 0) {
        return ERR_TRAILING;
    }
    if (strcmp(name, "kernel") == 0) {
        a->clock = CLOCK_KERNEL;
    } else if (strcmp(name, "trust-system") == 0) {
        a->clock = CLOCK_TRUST_SYSTEM;
    } else if (strcmp(name, "nts") == 0) {
        a->clock = CLOCK_NTS;
    } else {
        return ERR_ENCODING;
    }
    return ERR_OK;
}

static enum err set_time_listen(const char *uri, struct boot_args *a)
{
    if (a->time_listener != 0) {
        return ERR_TRAILING;
    }
    TRY(add_listen(uri, a));
    a->time_listener = a->n_listen;
    return ERR_OK;
}

static enum err set_tsm_listen(const char *uri, struct boot_args *a)
{
    if (a->tsm_listener != 0) {
        return ERR_TRAILING;
    }
    TRY(add_listen(uri, a));
    a->tsm_listener = a->n_listen;
    return ERR_OK;
}

static enum err set_leap_table(const char *text, struct boot_args *a)
{
    return a->leaps.n != 0 ? ERR_TRAILING : leap_table_parse(text, &a->leaps);
}

static enum err set_idle(const char *text, struct boot_args *a)
{
    if (a->idle_ms != 0) {
        return ERR_TRAILING;
    }
    TRY(read_number(&text, '\0', BOOT_IDLE_MS_MAX, &a->idle_ms));
    return a->idle_ms < BOOT_IDLE_MS_MIN ? ERR_RANGE : ERR_OK;
}

static enum err set_flag(bool *flag)
{
    if (*flag) {
        return ERR_TRAILING;
    }
    *flag = true;
    return ERR_OK;
}

/* Options that have a value. */
static const struct {
    const char *name;
    enum err (*take)(const char *value, struct boot_args *a);
} VALUED[] = {
    {"--listen", add_listen},
    {"--policy", add_policy},
    {"--clock", set_clock},
    {"--idle-ms", set_idle},
    {"--time-listen", set_time_listen},
    {"--leap-table", set_leap_table},
    {"--tsm-listen", set_tsm_listen},
};

/* Takes argument *at, and its value if it has one. */
static enum err take_option(int argc, char *const *argv, int *at, struct boot_args *a,
                            bool *untrusted)
{
    const char *const name = argv[*at];

    for (size_t i = 0; i < sizeof VALUED / sizeof VALUED[0]; i++) {
        if (strcmp(name, VALUED[i].name) == 0) {
            if (*at + 1 >= argc) {
                return ERR_TRUNCATED;
            }
            *at += 1;
            return VALUED[i].take(argv[*at], a);
        }
    }
    if (strcmp(name, "--member") == 0) {
        return set_flag(&a->member);
    }
    if (strcmp(name, "--allow-unlocked") == 0) {
        return set_flag(&a->allow_unlocked);
    }
    if (strcmp(name, "--allow-untrusted-time") == 0) {
        return set_flag(untrusted);
    }
    if (strcmp(name, "--help") == 0) {
        return set_flag(&a->help);
    }
    if (strcmp(name, "--version") == 0) {
        return set_flag(&a->version);
    }
    return ERR_TAG;
}

/* Cores that sign with others share the pq key, and each has a classic one of its own: no two
 * of them make both signatures of one token. */
static enum err check_member(const struct boot_args *a)
{
    for (size_t i = 0; i < a->n_policies; i++) {
        if (a->policies[i].key == KEY_DUAL) {
            return ERR_POLICY;
        }
    }
    return boot_args_use(a, KEY_PQ) ? ERR_OK : ERR_POLICY;
}

/* Somebody to listen to besides the helpers. */
static enum err check_listeners(const struct boot_args *a)
{
    const size_t helpers = (a->time_listener != 0 ? 1U : 0U) + (a->tsm_listener != 0 ? 1U : 0U);

    return a->n_listen > helpers ? ERR_OK : ERR_TRUNCATED;
}

/* The options of CLOCK_NTS, all of them or none. */
static enum err check_time(const struct boot_args *a)
{
    if (a->clock == CLOCK_NTS) {
        return a->time_listener != 0 && a->leaps.n != 0 ? ERR_OK : ERR_TRUNCATED;
    }
    return a->time_listener == 0 && a->leaps.n == 0 ? ERR_OK : ERR_TAG;
}

static enum err check_whole(struct boot_args *a, bool untrusted)
{
    if (a->help || a->version) {
        return ERR_OK;
    }
    if (a->n_policies == 0 || a->clock == 0) {
        return ERR_TRUNCATED;
    }
    TRY(check_time(a));
    TRY(check_listeners(a));
    if (a->member) {
        TRY(check_member(a));
    }
    if (a->clock == CLOCK_TRUST_SYSTEM) {
#if defined(QUORATE_SIMULATED)
        if (!untrusted) {
            return ERR_TIME;
        }
#else
        (void)untrusted;
        return ERR_TIME;
#endif
    }
    if (a->idle_ms == 0) {
        a->idle_ms = BOOT_IDLE_MS_PRESET;
    }
    return ERR_OK;
}

enum err boot_args_parse(int argc, char *const *argv, struct boot_args *out, int *where)
{
    struct boot_args a = {0};
    bool untrusted = false;
    enum err e = ERR_OK;
    int at = 1;

    *out = a;
    for (; at < argc && e == ERR_OK; at += e == ERR_OK) {
        e = take_option(argc, argv, &at, &a, &untrusted);
    }
    if (e == ERR_OK) {
        e = check_whole(&a, untrusted);
    }
    *where = at;
    if (e == ERR_OK) {
        *out = a;
    }
    return e;
}
