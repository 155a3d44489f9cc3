/* silicon_measure_io.h - the measurement of a simulated guest, out of its programs. */
#ifndef SILICON_SILICON_MEASURE_IO_H
#define SILICON_SILICON_MEASURE_IO_H

#include "attest/snp_manifest.h"

#define SILICON_HASH_LEN 48          /* SHA-384 */
#define SILICON_PROGRAM_MAX 67108864 /* bytes of a program that is measured */

/* The launch digest of the programs in that folder, snp_manifest.h. ERR_IO; ERR_RANGE: too long
 * a path; ERR_NOSPACE: over SILICON_PROGRAM_MAX. */
MUST_CHECK enum err silicon_measure(const char *folder, uint8_t out[SNP_MEASUREMENT_LEN]);

/* SHA-384 of each of them, in the order of snp_manifest_files. Errors as above. */
MUST_CHECK enum err silicon_hash_programs(const char *folder,
                                          uint8_t out[SNP_MANIFEST_FILES][SILICON_HASH_LEN]);

#endif
