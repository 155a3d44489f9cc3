/* recipe_measure.h - computes a launch digest of files: of a recipe (bundle/recipe.h) and those
 * that it names, or of the programs of a simulated guest. */
#ifndef CLIENT_EVIDENCE_RECIPE_MEASURE_H
#define CLIENT_EVIDENCE_RECIPE_MEASURE_H

#include "bundle/recipe.h"

#define RECIPE_WHY_MAX 256

/* Of the programs in that folder. ERR_IO, ERR_RANGE: why says which. */
MUST_CHECK enum err recipe_measure_programs(const char *folder,
                                            uint8_t out[SNP_MEASUREMENT_LEN],
                                            char why[RECIPE_WHY_MAX]);

/* Of a recipe, with files of that folder. why says what is wrong. ERR_IO, ERR_NOSPACE: a file
 * cannot be read. ERR_MISMATCH: one is not that of the recipe. Else as snp_launch_digest(). */
MUST_CHECK enum err recipe_measure(const struct recipe *r, const char *folder,
                                   uint8_t out[SNP_MEASUREMENT_LEN], char why[RECIPE_WHY_MAX]);

/* As file_hash(), of a file that a guest is started with. ERR_IO, too: it is a character
 * device; errno is ENOTSUP then. */
MUST_CHECK enum err recipe_measure_hash(const char *path, enum hash_alg alg, uint8_t *out);

/* The name and hash of such a file; the name points into path. As recipe_measure_hash(). */
MUST_CHECK enum err recipe_measure_file(const char *path, struct recipe_file *out);

#endif
