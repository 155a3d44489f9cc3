/* silicon_policy.h - the policy that guests on simulated chips satisfy, as a text of the form
 * of snp_policy.h: it admits the simulated lines and no others. */
#ifndef SILICON_SILICON_POLICY_H
#define SILICON_SILICON_POLICY_H

#include "silicon/silicon.h"

#define SILICON_POLICY_MAX 2048 /* bytes of it */

/* Appends it. measurement: of the guest, snp_manifest.h. */
void silicon_policy_write(struct writer *w, const uint8_t measurement[SNP_MEASUREMENT_LEN]);

#endif
