/* recipe.h - of what a launch digest is: files, each by its SHA-384, and how the guest is
 * started with them. A part of a bundle (docs/bundle.md): who has the files computes the digest
 * again, and needs no word of anybody for what runs on the machines. Pure.
 *
 * Lines of printable ASCII, each "key = value", in this order:
 *
 *   QUORATE-RECIPE-1
 *   machine = qemu                     or simulated, which has programs alone
 *   vcpus = 4
 *   cpu = 0xa00f11                     CPUID 1.EAX
 *   features = 0x1                     SEV_FEATURES
 *   firmware = HEX NAME                SHA-384 of the file, and its name
 *   kernel = HEX NAME                  where it is started with one: so the next two
 *   initrd = HEX NAME
 *   append = TEXT
 *   program = HEX NAME                 of simulated: those of snp_manifest_files, in order */
#ifndef BUNDLE_RECIPE_H
#define BUNDLE_RECIPE_H

#include "attest/snp_manifest.h"
#include "base/bytes.h"

#define RECIPE_HASH_LEN 48
#define RECIPE_NAME_MAX 64 /* of letters, digits and ._-, not beginning with a dot */
#define RECIPE_APPEND_MAX 4096

struct recipe_file {
    struct view name; /* n == 0: there is none */
    uint8_t hash[RECIPE_HASH_LEN];
};

/* Views point into the text. */
struct recipe {
    bool simulated;
    uint32_t vcpus, cpu_signature;
    uint64_t features;
    struct recipe_file firmware, kernel, initrd;
    struct view append; /* n == 0: none */
    struct recipe_file programs[SNP_MANIFEST_FILES];
};

/* Writes a recipe; what would not be read back is the caller's fault. */
void recipe_encode(struct writer *w, const struct recipe *r);

/* Reads one and nothing after it. On failure *out is zero. ERR_TAG:
 * another text. ERR_ENCODING: a line that is not the next one. ERR_RANGE: a number, or a name
 * that is none. */
MUST_CHECK enum err recipe_decode(struct view text, struct recipe *out);

#endif
