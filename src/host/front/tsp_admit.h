/* tsp_admit.h - whether a parsed TimeStampReq is served, and as what. Pure. */
#ifndef HOST_FRONT_TSP_ADMIT_H
#define HOST_FRONT_TSP_ADMIT_H

#include "format/tsp_req.h"
#include "host/config/config.h"
#include "host/coord/coord.h"

/* Picks the policy that the request names, or the default one, and fills what a stamp needs of
 * job: key, policy, rule, imprint, nonce. *policy: the one picked. On failure neither is
 * touched.
 *
 * ERR_POLICY: reqPolicy is none of ours, or an evidence policy. */
MUST_CHECK enum err tsp_admit(const struct tsp_req *req, const struct config *c,
                              struct coord_job *job, const struct config_policy **policy);

/* What a stamp under p needs of job: key, policy, rule. */
void tsp_admit_policy(const struct config_policy *p, struct coord_job *job);

#endif
