/* quorate-mesh: carries sealed packets between the cores of a cluster, and says which
 * presignatures they are to make. */
#include "base/version.h"
#include "host/mesh/mesh_run_io.h"
#include "os/event_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_USAGE 2

static const char usage_text[] =
    "Usage: quorate-mesh --config FILE\n"
    "\n"
    "Carries what the cores of a cluster say to one another, until SIGTERM.\n"
    "  --config FILE  quorate.conf(5)\n"
    "Exit: 0 told to stop, 1 failed, 2 usage.\n";

static int run(const char *path)
{
    static struct config config;
    char error[CONFIG_ERROR_MAX];

    if (config_load(path, &config, error) != ERR_OK) {
        (void)fprintf(stderr, "quorate-mesh: %s\n", error);
        return EXIT_FAILURE;
    }
    event_log_open("quorate-mesh",
                   config.front.log_format == CONFIG_LOG_JSON ? EVENT_AS_JSON : EVENT_AS_TEXT,
                   (enum event_level)config.front.log_level);
    const enum err e = mesh_run(&config);
    const struct event_field fields[] = {{.key = "err", .kind = EVENT_ERR, .number = e}};

    if (e != ERR_OK) {
        event_log(EVENT_ERROR, EVENT_INTERNAL, fields, 1);
    }
    return e == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        return fputs(usage_text, stdout) >= 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        return printf("quorate-mesh %s\n", quorate_version) >= 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (argc == 3 && strcmp(argv[1], "--config") == 0) {
        return run(argv[2]);
    }
    (void)fputs(usage_text, stderr);
    return EXIT_USAGE;
}
