/* bundle_again_io.h - the bundle of an epoch (docs/bundle.md) after operators gave a place of
 * it to another process: it has the orders, and what that process shows beside what the one
 * before did. */
#ifndef HOST_CEREMONY_BUNDLE_AGAIN_IO_H
#define HOST_CEREMONY_BUNDLE_AGAIN_IO_H

#include "bundle/bundle.h"

#include "wire/frame.h"

#define BUNDLE_SHOW_MS \
    20000 /* a process that has shown nothing after so long: only its order */

/* Adds to the bundle at path, if there is one and it has that record: n orders, those that it
 * has already among them, and the evidence of the process at uri. ERR_DEADLINE, what core_ask()
 * gives and the core answers: it has shown nothing, and its order is in the bundle all the
 * same. ERR_NOSPACE: the bundle is full; ERR_IO; what bundle_decode() gives: it is as it was.
 */
MUST_CHECK enum err bundle_note_again(const char *path, struct view record,
                                      const struct view *orders, size_t n, const char *uri);

#endif
