/* dev_set_io.h - the files of a set of cores in the folder of `quorate dev` (core_sets_io.h):
 * set 1 has them in the folder itself, set N in cores-N. Only in builds that admit simulated
 * parts. What fails is said on stderr, unless it says otherwise. */
#ifndef HOST_AUTHORITY_DEV_SET_IO_H
#define HOST_AUTHORITY_DEV_SET_IO_H

#include "host/authority/dev_folder_io.h"

#if defined(QUORATE_SIMULATED)

#include "host/config/config.h"
#include "wire/plan.h"

/* The id of the epoch whose record that is. Not said: as small_file_read() and roster_new(). */
MUST_CHECK enum err dev_set_epoch(const char *record, uint8_t out[EPOCH_ID_LEN]);

/* Makes a set that is to follow another, whose configuration c is: its folder, its
 * configuration with the program beside this one, and the bundle that it follows. ERR_IO,
 * ERR_NOSPACE, ERR_RANGE. */
MUST_CHECK enum err dev_set_make(const struct dev_folder *f, const struct config *c,
                                 unsigned follows, unsigned set);

/* Puts the configuration of a set in place of the front's. ERR_IO, ERR_NOSPACE. */
MUST_CHECK enum err dev_set_use(const struct dev_folder *f, unsigned set);

/* Puts the bundle of a set that has retired, with what its nodes say of that, into the bundle
 * of the one that follows. Sets without a bundle have nothing to join. ERR_IO, ERR_NOSPACE;
 * what bundle_decode() gives. */
MUST_CHECK enum err dev_set_join(const struct dev_folder *f, unsigned set, unsigned before);

#endif
#endif
