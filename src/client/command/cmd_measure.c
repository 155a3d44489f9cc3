#include "bundle/bundle.h"

#include "base/hex.h"
#include "client/command/command.h"
#include "client/command/options.h"
#include "client/evidence/recipe_measure.h"
#include "client/kit/diag.h"
#include "client/verify/exit_code.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: quorate measure --firmware FILE --vcpus N --cpu TYPE [OPTION...]\n"
    "       quorate measure --simulated DIR\n"
    "\n"
    "Prints the launch digest of an AMD SEV-SNP guest, as its reports hold it in MEASUREMENT,\n"
    "computed of what QEMU starts it with, or of the programs of a simulated guest.\n"
    "\n"
    "      --firmware FILE   OVMF\n"
    "      --kernel FILE     of -kernel, and so with the next two\n"
    "      --initrd FILE\n"
    "      --append TEXT     the kernel's command line\n"
    "      --vcpus N         1 to 512\n"
    "      --cpu TYPE        EPYC, EPYC-Rome, EPYC-Milan, EPYC-Genoa, or "
    "FAMILY.MODEL.STEPPING\n"
    "      --features MASK   SEV_FEATURES; else 0x1. 0x201 is with SecureTSC\n"
    "      --simulated DIR   quorate-core, quorate-timed and quorate-tsm of that folder: what\n"
    "                        reports of simulated silicon show where those run\n"
    "      --recipe          in place of the digest, of what it is: for a bundle\n"
    "\n"
    "exit code: 0 it is printed, 2 it could not be computed\n";

enum {
    OPT_FIRMWARE = 256,
    OPT_KERNEL,
    OPT_INITRD,
    OPT_APPEND,
    OPT_VCPUS,
    OPT_CPU,
    OPT_FEATURES,
    OPT_SIMULATED,
    OPT_RECIPE
};

static const struct option long_options[] = {
    {"firmware", required_argument, NULL, OPT_FIRMWARE},
    {"kernel", required_argument, NULL, OPT_KERNEL},
    {"initrd", required_argument, NULL, OPT_INITRD},
    {"append", required_argument, NULL, OPT_APPEND},
    {"vcpus", required_argument, NULL, OPT_VCPUS},
    {"cpu", required_argument, NULL, OPT_CPU},
    {"features", required_argument, NULL, OPT_FEATURES},
    {"simulated", required_argument, NULL, OPT_SIMULATED},
    {"recipe", no_argument, NULL, OPT_RECIPE},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct measure_args {
    const char *firmware, *kernel, *initrd, *append, *simulated;
    long vcpus;
    bool has_cpu, recipe, help;
    struct snp_launch launch;
};

static enum err read_cpu(const char *text, struct measure_args *a)
{
    static const struct {
        const char *name;
        uint8_t family, model, stepping;
    } types[] = {{"EPYC", 23, 1, 2},
                 {"EPYC-Rome", 23, 49, 0},
                 {"EPYC-Milan", 25, 1, 1},
                 {"EPYC-Genoa", 25, 17, 0}};
    unsigned v[3];
    int n = 0;

    a->has_cpu = true;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(text, types[i].name) == 0) {
            a->launch.cpu_signature =
                snp_launch_cpu(types[i].family, types[i].model, types[i].stepping);
            return ERR_OK;
        }
    }
    // NOLINTNEXTLINE(cert-err34-c): three digits each cannot overflow
    if (sscanf(text, "%3u.%3u.%3u%n", &v[0], &v[1], &v[2], &n) != 3 || text[n] != '\0' ||
        v[0] > 270 || v[1] > 255 || v[2] > 15) {
        diag("--cpu %s: not understood", text);
        return ERR_ENCODING;
    }
    a->launch.cpu_signature = snp_launch_cpu(v[0], v[1], v[2]);
    return ERR_OK;
}

static enum err read_features(const char *text, struct measure_args *a)
{
    char *end = NULL;

    errno = 0;
    a->launch.features = strtoull(text, &end, 16);
    if (errno != 0 || strncmp(text, "0x", 2) != 0 || *end != '\0') {
        diag("--features %s: not a mask", text);
        return ERR_ENCODING;
    }
    return ERR_OK;
}

static enum err take_option(int c, const char *value, struct measure_args *a)
{
    switch (c) {
    case OPT_FIRMWARE:
        a->firmware = value;
        return ERR_OK;
    case OPT_KERNEL:
        a->kernel = value;
        return ERR_OK;
    case OPT_INITRD:
        a->initrd = value;
        return ERR_OK;
    case OPT_APPEND:
        a->append = value;
        return ERR_OK;
    case OPT_SIMULATED:
        a->simulated = value;
        return ERR_OK;
    case OPT_VCPUS:
        return options_number(value, 1, SNP_LAUNCH_VCPUS_MAX, &a->vcpus);
    case OPT_CPU:
        return read_cpu(value, a);
    case OPT_FEATURES:
        return read_features(value, a);
    default:
        return options_flag(c, (const struct options_flag[]){{OPT_RECIPE, &a->recipe, true},
                                                             {'h', &a->help, true},
                                                             {0, NULL, false}});
    }
}

static enum err read_args(int argc, char **argv, struct measure_args *a)
{
    int c = 0;

    *a = (struct measure_args){.launch = {.features = SNP_FEATURE_SNP_ACTIVE}};
    while ((c = options_next(argc, argv, "h", long_options)) != -1) {
        TRY(take_option(c, optarg, a));
    }
    if (a->help) {
        return ERR_OK;
    }
    if (a->simulated) {
        if (optind != argc || a->firmware || a->kernel || a->initrd || a->append ||
            a->vcpus != 0 || a->has_cpu) {
            diag("--simulated goes with no argument besides");
            return ERR_TYPE;
        }
        return ERR_OK;
    }
    if (optind != argc || !a->firmware || a->vcpus == 0 || !a->has_cpu) {
        diag("--firmware, --vcpus and --cpu are needed, and no argument besides");
        return ERR_TYPE;
    }
    if (!a->kernel && (a->initrd || a->append)) {
        diag("--initrd and --append go with --kernel");
        return ERR_TYPE;
    }
    return ERR_OK;
}

/* SHA-256 of a file; of nothing where there is none. */
static enum err hash_file(const char *path, uint8_t out[SNP_LAUNCH_HASH_LEN])
{
    if (!path) {
        hash_once(HASH_SHA256, (struct view){NULL, 0}, out);
        return ERR_OK;
    }
    const enum err e = recipe_measure_hash(path, HASH_SHA256, out);

    if (e != ERR_OK) {
        diag("%s: %s", path, strerrordesc_np(errno));
    }
    return e;
}

static enum err hash_parts(const struct measure_args *a, struct snp_launch *l)
{
    const char *const append = a->append ? a->append : "";

    l->has_kernel = a->kernel != NULL;
    l->vcpus = (uint32_t)a->vcpus;
    TRY(hash_file(a->kernel, l->kernel));
    TRY(hash_file(a->initrd, l->initrd));
    hash_once(HASH_SHA256, (struct view){(const uint8_t *)append, strlen(append) + 1},
              l->command_line);
    return ERR_OK;
}

static void print_digest(const uint8_t digest[SNP_MEASUREMENT_LEN])
{
    char text[2 * SNP_MEASUREMENT_LEN + 1];

    hex_write((struct view){digest, SNP_MEASUREMENT_LEN}, text);
    (void)printf("%s\n", text);
}

/* ---- a recipe in the place of the digest ---- */

static enum err name_file(const char *path, struct recipe_file *out)
{
    if (path == NULL) {
        return ERR_OK;
    }
    const enum err e = recipe_measure_file(path, out);

    if (e != ERR_OK) {
        diag("%s: %s", path, strerrordesc_np(errno));
    }
    return e;
}

static enum err name_programs(const char *folder, struct recipe *r)
{
    static char paths[SNP_MANIFEST_FILES][PATH_MAX];

    r->simulated = true;
    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/%s", folder, snp_manifest_files[i]);
        TRY(name_file(paths[i], &r->programs[i]));
    }
    return ERR_OK;
}

/* What nobody could read back, by its name or its length, is not written. */
static enum err print_recipe(const struct measure_args *a)
{
    static char text[BUNDLE_RECIPE_MAX];
    const char *const append = a->append ? a->append : "";
    struct recipe r = {.vcpus = (uint32_t)a->vcpus,
                       .cpu_signature = a->launch.cpu_signature,
                       .features = a->launch.features,
                       .append = {(const uint8_t *)append, strlen(append)}};
    struct recipe again;
    struct writer w = wr_init((uint8_t *)text, sizeof text);
    struct view out;

    if (a->simulated) {
        TRY(name_programs(a->simulated, &r));
    } else {
        TRY(name_file(a->firmware, &r.firmware));
        TRY(name_file(a->kernel, &r.kernel));
        TRY(name_file(a->initrd, &r.initrd));
    }
    recipe_encode(&w, &r);
    enum err e = wr_finish(&w, &out);

    if (e == ERR_OK) {
        e = recipe_decode(out, &again);
    }
    if (e != ERR_OK) {
        diag("names of files have up to %d letters, digits and ._-; --append up to %d of ASCII",
             RECIPE_NAME_MAX, RECIPE_APPEND_MAX);
        return e;
    }
    (void)fwrite(out.p, 1, out.n, stdout);
    return ERR_OK;
}

static enum err measure_programs(const char *folder)
{
    uint8_t digest[SNP_MEASUREMENT_LEN];
    char why[RECIPE_WHY_MAX];
    const enum err e = recipe_measure_programs(folder, digest, why);

    if (e != ERR_OK) {
        diag("%s", why);
        return e;
    }
    print_digest(digest);
    return ERR_OK;
}

static enum err measure(struct measure_args *a)
{
    uint8_t digest[SNP_MEASUREMENT_LEN];
    struct file_bytes f;

    if (a->recipe) {
        return print_recipe(a);
    }
    if (a->simulated) {
        return measure_programs(a->simulated);
    }
    TRY(hash_parts(a, &a->launch));
    TRY(options_file(a->firmware, &f));
    a->launch.firmware = (struct view){f.p, f.n};
    const enum attest_fault fault = snp_launch_digest(&a->launch, digest);

    file_free(&f);
    if (fault != ATTEST_OK) {
        diag("%s: %s", a->firmware, attest_fault_name(fault));
        return attest_fault_err(fault);
    }
    print_digest(digest);
    return ERR_OK;
}

static int run(int argc, char **argv)
{
    struct measure_args a;

    diag_open("quorate measure");
    const enum err e = read_args(argc, argv, &a);

    if (e != ERR_OK || a.help) {
        return command_not_run(&command_measure, e);
    }
    return measure(&a) == ERR_OK ? EXIT_CODE_GENUINE : EXIT_CODE_COULD_NOT_TELL;
}

const struct command command_measure = {
    .name = "measure",
    .summary = "compute the launch digest of an SEV-SNP guest",
    .usage = usage,
    .run = run,
};
