/* files_io.h - files and folders of an authority. */
#ifndef HOST_AUTHORITY_FILES_IO_H
#define HOST_AUTHORITY_FILES_IO_H

#include "base/bytes.h"

#include <sys/types.h>

/* Makes a folder unless it is there. ERR_IO. */
MUST_CHECK enum err folder_make(const char *path, mode_t mode);

/* Writes the path of a program beside our own program file. ERR_NOSPACE. ERR_IO. */
MUST_CHECK enum err program_beside(const char *name, char *out, size_t cap);

/* The same, unless the configuration names another: configured is not "". Holds PATH_MAX. */
MUST_CHECK enum err program_find(const char *configured, const char *name, char *out);

#endif
