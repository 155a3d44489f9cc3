/* tsm_args.h - the command line of quorate-tsm: all that it is told. It reads no other
 * configuration. */
#ifndef ENCLAVE_TSM_TSM_ARGS_H
#define ENCLAVE_TSM_TSM_ARGS_H

#include "os/endpoint.h"

#define TSM_GUEST_LEN 32

enum tsm_way {
    TSM_WAY_NONE = 0,
    TSM_WAY_CONFIGFS,
    TSM_WAY_SEV_GUEST,
    TSM_WAY_TDX_GUEST,
    TSM_WAY_AZURE,
    TSM_WAY_SIM, /* in builds that admit simulated parts */
};

struct tsm_args {
    bool help, version;
    const char *uri;      /* of core */
    struct endpoint core; /* where it listens for us: a unix socket */
    enum tsm_way way;
    const char *root;         /* of configfs; NULL: the kernel's */
    const char *device;       /* NULL: the provider's own */
    const char *certificates; /* a table of what the host does not give; NULL: none */
    const char *collateral;   /* folder of what Intel says of a TDX platform; NULL: none */
    uint32_t vmpl;            /* of sev-guest, 0 to 3 */
    bool has_vmpl, has_chip;
    const char *programs; /* of sim: the folder that is measured */
    uint32_t chip;        /* of sim: its number */
    bool has_guest;
    uint8_t guest[TSM_GUEST_LEN]; /* of sim: REPORT_ID, if it is given */
};

/* Reads argv[1..argc). On failure *where is the argument that is refused, or 0 where something
 * is missing.
 *
 * ERR_TAG: an unknown option. ERR_ENCODING, ERR_RANGE, ERR_LENGTH: its value. ERR_TYPE: core is
 * no unix socket. ERR_TRAILING: an option twice. ERR_TRUNCATED: it lacks core, provider, or
 * what its provider needs. ERR_STATE: an option of another provider. ERR_POLICY: sim, in a
 * build without simulated parts. */
MUST_CHECK enum err tsm_args_parse(int argc, char **argv, struct tsm_args *out, int *where);

/* "configfs", as the command line spells it. */
const char *tsm_way_name(enum tsm_way way);

#endif
