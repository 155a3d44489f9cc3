/* quorate-front: RFC 3161 over HTTP. */
#include "base/version.h"
#include "host/front/front_io.h"
#include "host/front/install_io.h"
#include "os/event_log.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2

static const char usage_text[] =
    "Usage: quorate-front --config FILE [--check-config | --print-config]\n"
    "       quorate-front --explain-config\n"
    "\n"
    "Serves RFC 3161 over HTTP until SIGTERM; SIGHUP reads FILE and certificates again.\n"
    "  --config FILE     quorate.conf(5)\n"
    "  --check-config    only say whether FILE is good\n"
    "  --print-config    print FILE as it is understood, presets and all\n"
    "  --explain-config  print what every key means\n"
    "Exit: 0 told to stop, 1 failed, 2 usage.\n";

enum action {
    ACTION_RUN,
    ACTION_CHECK,
    ACTION_PRINT,
    ACTION_EXPLAIN,
    ACTION_HELP,
    ACTION_VERSION
};

/* False: not our usage. */
static bool read_options(int argc, char **argv, const char **config, enum action *action)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},
        {"check-config", no_argument, NULL, 'k'},
        {"print-config", no_argument, NULL, 'p'},
        {"explain-config", no_argument, NULL, 'e'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
    };
    int c;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (c) {
        case 'c':
            *config = optarg;
            break;
        case 'k':
            *action = ACTION_CHECK;
            break;
        case 'p':
            *action = ACTION_PRINT;
            break;
        case 'e':
            *action = ACTION_EXPLAIN;
            break;
        case 'h':
            *action = ACTION_HELP;
            break;
        case 'v':
            *action = ACTION_VERSION;
            break;
        default:
            return false;
        }
    }
    return optind == argc && (*config != NULL || *action >= ACTION_EXPLAIN);
}

static int print(struct writer *w)
{
    struct view text;

    if (wr_finish(w, &text) != ERR_OK) {
        return EXIT_FAILURE;
    }
    return fwrite(text.p, 1, text.n, stdout) == text.n && fflush(stdout) == 0 ? EXIT_SUCCESS
                                                                              : EXIT_FAILURE;
}

static int run(const char *path, enum action action)
{
    static struct config config;
    static uint8_t text[2 * CONFIG_FILE_MAX];
    struct writer w = wr_init(text, sizeof text);
    char error[CONFIG_ERROR_MAX];
    enum err e = config_load(path, &config, error);

    if (e == ERR_OK) {
        e = install_check(&config, error);
    }
    if (e != ERR_OK) {
        (void)fprintf(stderr, "quorate-front: %s\n", error);
        return EXIT_FAILURE;
    }
    if (action == ACTION_PRINT) {
        config_print(&config, &w);
        return print(&w);
    }
    if (action == ACTION_CHECK) {
        return EXIT_SUCCESS;
    }
    event_log_open("quorate-front",
                   config.front.log_format == CONFIG_LOG_JSON ? EVENT_AS_JSON : EVENT_AS_TEXT,
                   (enum event_level)config.front.log_level);
    return front_run(&config, path) == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    static uint8_t text[2 * CONFIG_FILE_MAX];
    struct writer w = wr_init(text, sizeof text);
    const char *path = NULL;
    enum action action = ACTION_RUN;

    if (!read_options(argc, argv, &path, &action)) {
        (void)fputs(usage_text, stderr);
        return EXIT_USAGE;
    }
    if (action == ACTION_HELP) {
        return fputs(usage_text, stdout) >= 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (action == ACTION_VERSION) {
        return printf("quorate-front %s\n", quorate_version) >= 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (action == ACTION_EXPLAIN) {
        config_help(&w);
        return print(&w);
    }
    return run(path, action);
}
