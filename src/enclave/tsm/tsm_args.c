#include "enclave/tsm/tsm_args.h"

#include "base/hex.h"

#include <string.h>

#define CHIP_MAX 65535
#define VMPL_MAX 3

static const char *const ways[] = {
    [TSM_WAY_NONE] = "",
    [TSM_WAY_CONFIGFS] = "configfs",
    [TSM_WAY_SEV_GUEST] = "sev-guest",
    [TSM_WAY_TDX_GUEST] = "tdx-guest",
    [TSM_WAY_AZURE] = "azure",
    [TSM_WAY_SIM] = "sim",
};

const char *tsm_way_name(enum tsm_way way)
{
    return (size_t)way < sizeof ways / sizeof *ways ? ways[way] : "";
}

/* The command line is the operator's, not a peer's: zero-terminated strings are safe here. */

static enum err read_number(const char *text, uint32_t max, uint32_t *out)
{
    uint32_t v = 0;
    size_t n = 0;

    for (; n < 6 && text[n] >= '0' && text[n] <= '9'; n++) {
        v = v * 10 + (uint32_t)(text[n] - '0');
    }
    if (n == 0 || text[n] != '\0' || (n > 1 && text[0] == '0')) {
        return ERR_ENCODING;
    }
    if (v > max) {
        return ERR_RANGE;
    }
    *out = v;
    return ERR_OK;
}

static enum err set_text(const char **to, const char *text)
{
    if (*to) {
        return ERR_TRAILING;
    }
    if (text[0] == '\0') {
        return ERR_ENCODING;
    }
    *to = text;
    return ERR_OK;
}

static enum err set_number(bool *has, uint32_t *to, uint32_t max, const char *text)
{
    if (*has) {
        return ERR_TRAILING;
    }
    TRY(read_number(text, max, to));
    *has = true;
    return ERR_OK;
}

static enum err set_core(struct tsm_args *a, const char *text)
{
    TRY(set_text(&a->uri, text));
    TRY(endpoint_parse(text, &a->core));
    return a->core.addr.ss_family == AF_UNIX ? ERR_OK : ERR_TYPE;
}

static enum err set_way(struct tsm_args *a, const char *text)
{
    if (a->way != TSM_WAY_NONE) {
        return ERR_TRAILING;
    }
    for (int way = TSM_WAY_CONFIGFS; way <= TSM_WAY_SIM; way++) {
        if (strcmp(text, ways[way]) == 0) {
            a->way = (enum tsm_way)way;
        }
    }
#if !defined(QUORATE_SIMULATED)
    if (a->way == TSM_WAY_SIM) {
        return ERR_POLICY;
    }
#endif
    return a->way == TSM_WAY_NONE ? ERR_ENCODING : ERR_OK;
}

static enum err set_guest(struct tsm_args *a, const char *text)
{
    size_t n = 0;

    if (a->has_guest) {
        return ERR_TRAILING;
    }
    TRY(hex_parse(text, a->guest, sizeof a->guest, &n));
    a->has_guest = true;
    return n == sizeof a->guest ? ERR_OK : ERR_LENGTH;
}

static enum err take_value(struct tsm_args *a, const char *option, const char *value)
{
    if (strcmp(option, "--core") == 0) {
        return set_core(a, value);
    }
    if (strcmp(option, "--provider") == 0) {
        return set_way(a, value);
    }
    if (strcmp(option, "--root") == 0) {
        return set_text(&a->root, value);
    }
    if (strcmp(option, "--device") == 0) {
        return set_text(&a->device, value);
    }
    if (strcmp(option, "--certificates") == 0) {
        return set_text(&a->certificates, value);
    }
    if (strcmp(option, "--collateral") == 0) {
        return set_text(&a->collateral, value);
    }
    if (strcmp(option, "--vmpl") == 0) {
        return set_number(&a->has_vmpl, &a->vmpl, VMPL_MAX, value);
    }
    if (strcmp(option, "--programs") == 0) {
        return set_text(&a->programs, value);
    }
    if (strcmp(option, "--guest") == 0) {
        return set_guest(a, value);
    }
    return strcmp(option, "--chip") == 0 ? set_number(&a->has_chip, &a->chip, CHIP_MAX, value)
                                         : ERR_TAG;
}

/* Whether all is there that the provider needs, and nothing that it has no use for. */
static enum err check_whole(const struct tsm_args *a)
{
    const bool sim = a->way == TSM_WAY_SIM;
    const bool folder = a->way == TSM_WAY_CONFIGFS || a->way == TSM_WAY_TDX_GUEST;

    if (!a->uri || a->way == TSM_WAY_NONE || (sim && (!a->programs || !a->has_chip))) {
        return ERR_TRUNCATED;
    }
    if ((!sim && (a->programs || a->has_chip || a->has_guest)) ||
        (a->has_vmpl && a->way != TSM_WAY_SEV_GUEST) ||
        ((a->root || a->collateral) && !folder) ||
        (a->device && (sim || a->way == TSM_WAY_CONFIGFS)) || (a->certificates && sim)) {
        return ERR_STATE;
    }
    return ERR_OK;
}

static enum err read_all(int argc, char **argv, struct tsm_args *a, int *where)
{
    for (int i = 1; i < argc; i += 2) {
        *where = i;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "--version") == 0) {
            a->help = strcmp(argv[i], "--help") == 0;
            a->version = !a->help;
            return ERR_OK;
        }
        if (i + 1 == argc) {
            return strncmp(argv[i], "--", 2) == 0 ? ERR_TRUNCATED : ERR_TAG;
        }
        TRY(take_value(a, argv[i], argv[i + 1]));
    }
    *where = 0;
    return check_whole(a);
}

enum err tsm_args_parse(int argc, char **argv, struct tsm_args *out, int *where)
{
    memset(out, 0, sizeof *out);
    const enum err e = read_all(argc, argv, out, where);

    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}
