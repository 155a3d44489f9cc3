/* traffic_recorder.h - stands between a core and whoever talks to it, writes down every byte,
 * and takes the secrets of a ceremony while the core waits.
 *
 * The test's own program is quorate-core to the supervisor: it starts the real one, which
 * listens beside the socket that it was told, and serves that socket itself. The core's process
 * is the supervisor's child, as always. */
#ifndef TESTS_INTEG_CORE_TRAFFIC_RECORDER_H
#define TESTS_INTEG_CORE_TRAFFIC_RECORDER_H

#include "secret_set.h"

#define RECORDER_TRAFFIC "QUORATE_TEST_TRAFFIC" /* folders, in the environment */
#define RECORDER_SECRETS "QUORATE_TEST_SECRETS"

/* Whether this program was started as quorate-core. */
bool recorder_is_core(const char *program);
/* Becomes the core, with a recorder beside it. */
int recorder_run(int argc, char **argv);

/* Adds what was taken, of all cores. */
void recorder_secrets(const char *folder, struct secret_set *s);

#endif
