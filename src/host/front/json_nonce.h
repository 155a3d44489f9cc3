/* json_nonce.h - a nonce beyond 64 bits in a JSON object, which jansson cannot hold and
 * sigstore's clients send. */
#ifndef HOST_FRONT_JSON_NONCE_H
#define HOST_FRONT_JSON_NONCE_H

#include "base/bytes.h"

#define JSON_NONCE_DIGITS_MAX 154 /* below 2^511: 64 bytes of INTEGER body */

/* Finds the value of the member "nonce" of the outermost object in the in.n bytes of text, if
 * it is an integer of at least 19 digits without a sign, and overwrites it with 0 and blanks,
 * so that a JSON parser can take the rest. *nonce: its INTEGER body, shortest, in out. No such
 * member: text is untouched, *nonce empty.
 *
 * Text that is no JSON is left for the parser to refuse. ERR_RANGE: more than
 * JSON_NONCE_DIGITS_MAX digits. */
MUST_CHECK enum err json_nonce_lift(char *text, size_t n, uint8_t out[64], struct view *nonce);

#endif
