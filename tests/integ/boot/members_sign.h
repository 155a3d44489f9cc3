/* members_sign.h - stamps that the first MEMBERS_T of members sign together. */
#ifndef TESTS_INTEG_CORE_MEMBERS_SIGN_H
#define TESTS_INTEG_CORE_MEMBERS_SIGN_H

#include "members.h"

/* After the ceremony, and core_hello() of each: their keys take certificates. */
void members_activate(void);

/* An R1 of KEY_PQ from member i; while its pool fills it may have to be asked for often. */
void members_offer(size_t i, struct view r1);

/* Rounds 1 and 2 of one stamp, and its end. members_r2() gives what the core says to it. */
void members_r1_all(uint8_t number);
enum err members_r2(size_t i);
bool members_finish(void);

/* All of it. Whether a signature came of it; combining has verified it then. On a busy machine
 * an R1 may be over before its R2 comes. */
bool members_sign(uint8_t number);

#endif
