/* timed_args.h - the boot record of quorate-timed: its command line, and the certificates of
 * the file that --ca names. */
#ifndef ENCLAVE_TIMED_TIMED_ARGS_H
#define ENCLAVE_TIMED_TIMED_ARGS_H

#include "enclave/clock/leap_table.h"
#include "enclave/roughtime/rt_fence.h"
#include "os/endpoint.h"
#include "wire/time_call.h"

#define TIMED_SOURCES_LEAST 4
#define TIMED_JURISDICTIONS_LEAST 2
#define TIMED_TAG_MAX 31
#define TIMED_POLL_PRESET 4 /* log2 of seconds */

struct timed_source {
    char name[TIME_NAME_MAX + 1];     /* host name, or address, that its certificate is for */
    struct endpoint ke;               /* where its key establishment listens */
    char host[ENDPOINT_HOST_MAX + 1]; /* to be looked up for that; empty: it is known */
    char operator[TIMED_TAG_MAX + 1];
    char jurisdiction[TIMED_TAG_MAX + 1];
};

/* A Roughtime server, which is a fence and no source. */
struct timed_fence {
    char name[80]; /* as the option gives it, without the key */
    struct endpoint at;
    uint8_t public_key[ED25519_PUBLIC_LEN];
};

struct timed_args {
    struct endpoint core;
    bool has_core;
    const char *ca; /* path, into argv */
    struct leap_table leap;
    struct timed_source sources[TIME_SOURCES_MAX];
    size_t n_sources;
    struct timed_fence fences[RT_SERVERS_MAX];
    size_t n_fences;
    uint8_t poll;
    bool few; /* any number of sources, of anybody */
    bool help, version;
};

/* Reads
 *   --core URI --ca FILE --leap-table TEXT [--poll LOG2] [--allow-few]
 *   --source NAME,HOST:PORT,OPERATOR,JURISDICTION[,smeared] [--source ...]
 *   [--roughtime ADDR:PORT,KEY ...], KEY in hex
 *   | --help | --version
 * On failure *out is all zero and *where is the number of the argument at fault (argc:
 * something is missing at the end).
 *
 * ERR_TAG: an option that is none. ERR_TRUNCATED: an option without its value, or a needed
 * option is missing. ERR_ENCODING: a value that cannot be read. ERR_RANGE: a number out of
 * range. ERR_TRAILING: an option, a name or a
 * Roughtime server twice. ERR_NOSPACE: more than TIME_SOURCES_MAX
 * sources, or RT_SERVERS_MAX of --roughtime. ERR_TIME: a smeared source: its time is wrong for
 * a day around a leap second. ERR_QUORUM: fewer than TIMED_SOURCES_LEAST sources. ERR_POLICY:
 * one operator has more of them than may lie, or fewer than TIMED_JURISDICTIONS_LEAST
 * jurisdictions; --allow-few in a production build. The leap table's are leap_table_parse()'s.
 */
MUST_CHECK enum err timed_args_parse(int argc, char *const *argv, struct timed_args *out,
                                     int *where);

/* One source as the option gives it. Errors as above. */
MUST_CHECK enum err timed_source_parse(const char *text, struct timed_source *out);

/* One Roughtime server. ERR_ENCODING, ERR_RANGE; ERR_LENGTH, ERR_NOSPACE: a key of another
 * length. */
MUST_CHECK enum err timed_fence_parse(const char *text, struct timed_fence *out);

#endif
