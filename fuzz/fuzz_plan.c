#include "promise.h"

#include "wire/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t again[PLAN_MAX + 1];

/* A plan has one encoding; what follows from it can be computed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    static const uint8_t nonce[PLAN_NONCE_LEN];
    uint8_t epoch_id[EPOCH_ID_LEN];
    struct writer w = wr_init(again, sizeof again);
    struct reader r = rd_init(in);
    struct hello_policy policy;
    struct plan p;
    struct view out;

    if (hello_policy_decode(&r, &policy) == ERR_OK) {
        promise(policy.oid.n <= WIRE_POLICY_OID_MAX);
        promise_inside(policy.oid, in);
    }
    if (plan_decode(in, &p) != ERR_OK) {
        return 0;
    }
    promise(p.threshold >= 2 && p.threshold <= p.total && p.total <= PLAN_NODES_MAX);
    promise(p.orders_needed <= p.n_operators && p.repetitions_refuse <= PLAN_REPETITIONS_MAX);
    plan_encode(&w, &p);
    promise(wr_finish(&w, &out) == ERR_OK && view_equal(out, in));
    plan_epoch_id(in, &p, nonce, epoch_id);
    return 0;
}
