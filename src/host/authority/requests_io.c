#include "host/authority/requests_io.h"

#include "format/csr.h"
#include "format/pem.h"
#include "host/config/config.h"
#include "os/file_replace.h"
#include "os/small_file.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUESTS_MODE 0644 /* they are public */
#define EXIT_NOT_GENUINE 1
#define EXIT_NONE 2

static const char usage[] =
    "usage: quorate csr --config FILE [--out FILE]\n"
    "\n"
    "Writes the certificate requests of an authority whose keys wait for their certificates,\n"
    "for a CA outside: PKCS#10 in PEM, and before them what else that CA has to know.\n"
    "\n"
    "      --config FILE  quorate.conf of the authority, with requests in [authority]\n"
    "      --out FILE     where they go; else to standard output\n"
    "\n"
    "exit code: 0 they are written, 1 one is not signed by the key that it names, 2 there are "
    "none\n";

/* ---- the supervisor ---- */

enum err requests_keep(const char *path, const struct core_keys *keys, struct view requests)
{
    static uint8_t bytes[REQUESTS_FILE_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct core_keys_env env;
    struct view file;

    if (path[0] == '\0') {
        return ERR_OK;
    }
    core_keys_env(keys, &env);
    for (size_t i = 0; env.list[i] != NULL; i++) {
        wr_bytes(&w, env.list[i], strlen(env.list[i]));
        wr_u8(&w, '\n');
    }
    wr_view(&w, requests);
    TRY(wr_finish(&w, &file));
    return file_replace(path, file, REQUESTS_MODE);
}

void requests_drop(const char *path)
{
    if (path[0] != '\0') {
        (void)unlink(path);
    }
}

/* ---- quorate csr ---- */

static int refuse(int status, const char *where, const char *what)
{
    (void)fprintf(stderr, "quorate csr: %s: %s\n", where, what);
    return status;
}

/* Whether there are requests, each with its proof of possession. */
static int check(struct view file, const char *path)
{
    static struct csr_scratch scratch;
    static uint8_t room[CSR_MAX];
    struct reader r = rd_init(file);

    for (size_t n = 0;; n++) {
        struct view der;
        struct csr c;
        const enum err e = pem_parse(&r, CSR_PEM_LABEL, room, sizeof room, &der);

        if (e == ERR_TRAILING && n > 0) {
            return EXIT_SUCCESS;
        }
        if (e != ERR_OK || csr_parse(der, &c) != ERR_OK) {
            return refuse(EXIT_NONE, path, "no certificate requests that can be read");
        }
        if (csr_verify(&c, &scratch) != ERR_OK) {
            return refuse(EXIT_NOT_GENUINE, path,
                          "a request that is not signed by the key that it names");
        }
    }
}

static int put(struct view file, const char *out)
{
    if (out != NULL) {
        return file_replace(out, file, REQUESTS_MODE) == ERR_OK
                   ? EXIT_SUCCESS
                   : refuse(EXIT_NONE, out, strerrordesc_np(errno));
    }
    return fwrite(file.p, 1, file.n, stdout) == file.n && fflush(stdout) == 0
               ? EXIT_SUCCESS
               : refuse(EXIT_NONE, "standard output", strerrordesc_np(errno));
}

static int run(const char *config_file, const char *out)
{
    static uint8_t bytes[REQUESTS_FILE_MAX];
    static struct config config;
    char error[CONFIG_ERROR_MAX];
    struct view file;

    if (config_load(config_file, &config, error) != ERR_OK) {
        (void)fprintf(stderr, "quorate csr: %s\n", error);
        return EXIT_NONE;
    }
    const char *const path = config.authority.requests;

    if (path[0] == '\0') {
        return refuse(EXIT_NONE, config_file, "[authority] requests names no file");
    }
    const enum err e = small_file_read(path, bytes, sizeof bytes, &file);

    if (e != ERR_OK) {
        return refuse(EXIT_NONE, path,
                      e == ERR_NOSPACE  ? "too long"
                      : errno == ENOENT ? "no key waits for its certificate"
                                        : strerrordesc_np(errno));
    }
    const int status = check(file, path);

    return status == EXIT_SUCCESS ? put(file, out) : status;
}

int requests_command(int argc, char **argv)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},
        {"out", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *config_file = NULL;
    const char *out = NULL;
    int c = 0;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (c == 'h') {
            (void)fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        if (c == 'c') {
            config_file = optarg;
        } else if (c == 'o') {
            out = optarg;
        } else {
            return EXIT_NONE;
        }
    }
    if (config_file == NULL || optind < argc) {
        (void)fputs(usage, stderr);
        return EXIT_NONE;
    }
    return run(config_file, out);
}
