/* plan_ini.h - the plan of a ceremony as people write and compare it: INI <-> the bytes that
 * are hashed (wire/plan.h). docs/ceremony.md describes the file. */
#ifndef HOST_CEREMONY_PLAN_INI_H
#define HOST_CEREMONY_PLAN_INI_H

#include "host/config/ini_file.h"
#include "wire/plan.h"

#define PLAN_INI_MAX 65536                       /* bytes of a file */
#define PLAN_INI_WARN (PLAN_REPETITIONS_MAX / 2) /* preset of repetitions_warn */

/* Where the text of a policy comes from, whose file the plan names. */
struct plan_ini_policy {
    /* ERR_OK: *text is the file, and stays where it is until the plan was read. */
    enum err (*read)(void *user, const char *path, struct view *text);
    void *user;
};

/* Reads a whole file and appends the plan's bytes, which plan_decode() takes. name stands in
 * errors; policy may be NULL: then no file is named. On failure nothing is appended and error
 * says where and why. ERR_NOSPACE: file, line or value too long, too many of something.
 * ERR_ENCODING: no line of an INI file, or a value of another type. ERR_RANGE: a value outside
 * its range, or no point of the curve. ERR_TYPE: unknown section or key. ERR_STATE: a key set
 * twice or missing, or values that do not go together. ERR_IO: the policy cannot be read. As
 * plan_policy_check(): cores would not take it. */
MUST_CHECK enum err plan_ini_parse(struct view in, const char *name,
                                   const struct plan_ini_policy *policy, struct writer *plan,
                                   char error[INI_ERROR_MAX]);

/* Appends the file that plan_ini_parse() reads to the same bytes, with comments that say what
 * people have to compare. policy names the file with the policy's text, where there is one. */
void plan_ini_print(const struct plan *p, const char *policy, struct writer *w);

#endif
