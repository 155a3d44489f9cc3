/* quorate-core: parses its command line, makes its key in locked memory, proves itself, shuts
 * itself in, and serves. */
#include "enclave/boot/boot_io.h"

int main(int argc, char **argv)
{
    return boot_run(argc, argv);
}
