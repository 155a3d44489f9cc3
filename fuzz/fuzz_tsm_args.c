/* The command line of quorate-tsm, split at newlines. */
#include "promise.h"

#include "enclave/tsm/tsm_args.h"

#include <string.h>

#define ARGS_MAX 32
#define TEXT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[TEXT_MAX + 1];
    char program[] = "quorate-tsm";
    char *argv[ARGS_MAX + 1] = {program, text};
    struct tsm_args args;
    int argc = 2;
    int where = 0;

    size = size < TEXT_MAX ? size : TEXT_MAX;
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *p = text; *p != '\0' && argc < ARGS_MAX; p++) {
        if (*p == '\n') {
            *p = '\0';
            argv[argc++] = p + 1;
        }
    }
    argv[argc] = NULL;
    if (tsm_args_parse(argc, argv, &args, &where) == ERR_OK && !args.help && !args.version) {
        promise(args.uri != NULL && args.way != TSM_WAY_NONE && args.vmpl <= 3);
    }
    return 0;
}
