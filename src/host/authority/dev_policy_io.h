/* dev_policy_io.h - the policy of a cluster on simulated silicon: of the very programs that it
 * is started from, so it admits them and no others. Worth as much as the silicon: nothing. And
 * the recipe of the measurement, for its bundle (bundle/recipe.h). */
#ifndef HOST_AUTHORITY_DEV_POLICY_IO_H
#define HOST_AUTHORITY_DEV_POLICY_IO_H

#include "base/err.h"

/* Measures the programs in folder and writes the policy to path. ERR_POLICY: this build admits
 * no simulated parts. ERR_IO, ERR_RANGE, ERR_NOSPACE: a program, or the file. */
MUST_CHECK enum err dev_policy_write(const char *folder, const char *path);

/* Writes the recipe of the same programs to path. Errors as above. */
MUST_CHECK enum err dev_recipe_write(const char *folder, const char *path);

#endif
