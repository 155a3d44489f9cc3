/* quorate - the relying party: stamp, query, verify, inspect, bench. */
#include "client/command/command.h"
#include "client/verify/exit_code.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    const int code = command_dispatch(argc, argv);

    /* A result that did not reach its reader (a full disk behind a redirection) is none. */
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        perror("quorate: standard output");
        return EXIT_CODE_COULD_NOT_TELL;
    }
    return code;
}
