/* pq_fixture.h - an ML-DSA-65 CA and a time-stamping certificate under it. */
#ifndef TESTS_UNIT_FRONT_PQ_FIXTURE_H
#define TESTS_UNIT_FRONT_PQ_FIXTURE_H

#include "base/bytes.h"

/* Leaf and root. */
struct view pq_fixture_pem(void);

/* Signs message with the leaf's key: 3309 bytes. */
void pq_fixture_sign(struct view message, uint8_t *out);

/* Whether sig is the leaf's signature of message. */
bool pq_fixture_verifies(struct view message, struct view sig);
/* The same from ML-DSA's mu. */
bool pq_fixture_verifies_mu(const uint8_t *mu, struct view sig);

#endif
