/* fake_sign.h - what a core would do with a job. */
#ifndef TESTS_UNIT_FRONT_FAKE_SIGN_H
#define TESTS_UNIT_FRONT_FAKE_SIGN_H

#include "host/front/front.h"

struct fixture;

/* Writes a core's own bytes from the job's fields, and signs them with its key: the job is done
 * but for its done(). The serial number is its number among those signed, from 1. */
void fake_sign(struct coord_job *job, const struct front *front, const struct fixture *chain);

#endif
