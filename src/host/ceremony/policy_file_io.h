/* policy_file_io.h - the policy that a plan's file names. */
#ifndef HOST_CEREMONY_POLICY_FILE_IO_H
#define HOST_CEREMONY_POLICY_FILE_IO_H

#include "base/bytes.h"

/* As plan_ini_policy has it; user: the path of the plan's file, in whose folder a relative path
 * lies. *text stays until the next call. ERR_NOSPACE: too long a path. As small_file_read(). */
MUST_CHECK enum err policy_file_read(void *user, const char *path, struct view *text);

#endif
