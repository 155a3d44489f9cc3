/* Collateral of TDX: six parts, or one of the two JSON texts. What is taken can be matched with
 * any quote: each level of it is well-formed. */
#include "promise.h"

#include "attest/tdx_tcb.h"

#include <string.h>

static bool inside(struct view v, const uint8_t *data, size_t size)
{
    return v.n == 0 || (v.p >= data && v.n <= size && v.p <= data + (size - v.n));
}

static void promise_parts(const uint8_t *data, size_t size)
{
    static uint8_t again[TDX_COLLATERAL_MAX];
    struct tdx_collateral c;
    struct view v;

    if (tdx_collateral_parse((struct view){data, size}, &c) != ATTEST_OK) {
        promise_zero(&c, sizeof c);
        return;
    }
    promise(tdx_collateral_encode(&c, again, sizeof again, &v) == ERR_OK);
    promise(view_equal(v, (struct view){data, size}));
}

static size_t count(const struct json_value *list, bool platform)
{
    struct json_items it = json_items(list);
    struct json_items levels = it;
    struct json_value key;
    struct json_value v;
    struct tdx_level level;
    size_t n = 0;

    while (json_next(&it, &key, &v)) {
        promise(tdx_level_next(&levels, platform, &level));
        promise(level.status > TDX_STATUS_NONE && level.status < TDX_STATUS_COUNT);
        n++;
    }
    promise(!tdx_level_next(&levels, platform, &level));
    return n;
}

static void promise_tcb_info(const uint8_t *data, size_t size, struct tdx_tcb_info *t)
{
    if (tdx_tcb_info_parse((struct view){data, size}, t) != ATTEST_OK) {
        promise_zero(t, sizeof *t);
        return;
    }
    promise(inside(t->s.signed_part, data, size) && t->s.signed_part.p[0] == '{');
    (void)count(&t->levels, true);
    for (unsigned number = 0; number <= UINT8_MAX; number++) {
        struct tdx_module m;

        if (tdx_module_find(t, (uint8_t)number, &m)) {
            (void)count(&m.levels, false);
        }
    }
}

static void promise_qe_identity(const uint8_t *data, size_t size, struct tdx_qe_identity *q)
{
    if (tdx_qe_identity_parse((struct view){data, size}, q) != ATTEST_OK) {
        promise_zero(q, sizeof *q);
        return;
    }
    promise(inside(q->s.signed_part, data, size) && q->s.signed_part.p[0] == '{');
    (void)count(&q->levels, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tdx_quote q;
    static struct tdx_pck pck;
    struct tdx_tcb_info info;
    struct tdx_qe_identity qe;
    struct tdx_tcb tcb;

    promise_parts(data, size);
    promise_tcb_info(data, size, &info);
    promise_qe_identity(data, size, &qe);
    memset(&q.td.tee_tcb_svn, size > 0 ? data[0] & 3 : 0, sizeof q.td.tee_tcb_svn);
    memcpy(pck.fmspc, info.fmspc, sizeof pck.fmspc);
    memcpy(pck.pce_id, info.pce_id, sizeof pck.pce_id);
    if (tdx_tcb_match(&q, &pck, &info, &qe, &tcb) == ATTEST_OK) {
        promise(tcb.platform.status != TDX_STATUS_NONE && tcb.qe.status != TDX_STATUS_NONE);
        promise(tcb.module.status != TDX_STATUS_NONE);
    }
    return 0;
}
