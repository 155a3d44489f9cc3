/* The command line of a time client, split at newlines, and one source. */
#include "promise.h"

#include "enclave/timed/timed_args.h"

#include <string.h>

#define ARGS_MAX 64
#define TEXT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_source(const struct timed_source *s)
{
    promise(s->name[0] != '\0' && s->operator[0] != '\0' && s->jurisdiction[0] != '\0');
    promise(s->ke.addr.ss_family == AF_INET || s->ke.addr.ss_family == AF_INET6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TEXT_MAX + 1];
    static const struct timed_args zero;
    char program[] = "quorate-timed";
    char *argv[ARGS_MAX + 1] = {program, text};
    struct timed_source source;
    struct timed_fence fence;
    struct timed_args args;
    int argc = 2;
    int where = 0;

    size = size < TEXT_MAX ? size : TEXT_MAX;
    memcpy(text, data, size);
    text[size] = '\0';
    if (timed_source_parse(text, &source) == ERR_OK) {
        check_source(&source);
    }
    if (timed_fence_parse(text, &fence) == ERR_OK) {
        promise(fence.name[0] != '\0');
    }
    for (char *p = text; *p != '\0' && argc < ARGS_MAX; p++) {
        if (*p == '\n') {
            *p = '\0';
            argv[argc++] = p + 1;
        }
    }
    if (timed_args_parse(argc, argv, &args, &where) != ERR_OK) {
        promise(where >= 1 && where <= argc && memcmp(&args, &zero, sizeof zero) == 0);
        return 0;
    }
    promise(args.help || args.version ||
            (args.has_core && args.ca && args.leap.n > 0 && args.n_fences <= RT_SERVERS_MAX &&
             args.n_sources >= (args.few ? 1 : TIMED_SOURCES_LEAST)));
    for (size_t i = 0; i < args.n_sources; i++) {
        check_source(&args.sources[i]);
    }
    return 0;
}
