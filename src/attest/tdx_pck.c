#include "attest/tdx_pck.h"

#include "crypto/hash.h"

#include <string.h>

/* 1.2.840.113741.1.13.1 */
static const uint8_t arc[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

enum field {
    FIELD_PPID = 1,
    FIELD_TCB,
    FIELD_PCE_ID,
    FIELD_FMSPC,
};

#define TCB_PCE_SVN 17
#define TCB_CPU_SVN 18

/* What stands behind a prefix; n == 0: it is another's, or the prefix itself. */
static struct view behind(struct view oid, const uint8_t *prefix, size_t n)
{
    struct reader r = rd_init(oid);
    struct view head;

    if (rd_take(&r, n, &head) != ERR_OK || !view_equal(head, (struct view){prefix, n})) {
        return (struct view){NULL, 0};
    }
    return (struct view){r.p, r.n};
}

/* SEQUENCE { OBJECT IDENTIFIER, value }: its last arc under the prefix, 0 where it has another;
 * r is left at the value. */
static enum err next_pair(struct reader *list, const uint8_t *prefix, size_t n, uint8_t *tail,
                          struct reader *value)
{
    struct view oid;

    TRY(der_enter(list, DER_SEQUENCE, value));
    TRY(der_read_oid(value, &oid));
    const struct view rest = behind(oid, prefix, n);

    *tail = rest.n == 1 ? rest.p[0] : 0;
    return ERR_OK;
}

static enum err read_octets(struct reader *value, uint8_t *out, size_t n)
{
    struct view body;

    TRY(der_read(value, DER_OCTETS, &body));
    TRY(rd_finish(value));
    if (body.n != n) {
        return ERR_LENGTH;
    }
    memcpy(out, body.p, n);
    return ERR_OK;
}

static enum err read_svn(struct reader *value, uint16_t *out)
{
    struct view body;
    uint32_t v = 0;

    TRY(der_read_integer(value, &body));
    TRY(rd_finish(value));
    TRY(der_small(body, UINT16_MAX, &v));
    *out = (uint16_t)v;
    return ERR_OK;
}

/* Marks what stands once. */
static enum err see(uint32_t *seen, uint8_t tail)
{
    if ((*seen >> tail & 1U) != 0) {
        return ERR_RANGE;
    }
    *seen |= 1U << tail;
    return ERR_OK;
}

/* One of .2.1 to .2.16 components, .2.17 PCESVN, .2.18 CPUSVN; of another nothing is read. */
static enum err read_tcb_entry(struct reader *list, uint32_t *seen, struct tdx_pck *out)
{
    uint8_t prefix[sizeof arc + 1];
    struct reader value;
    uint8_t tail = 0;

    memcpy(prefix, arc, sizeof arc);
    prefix[sizeof arc] = FIELD_TCB;
    TRY(next_pair(list, prefix, sizeof prefix, &tail, &value));
    if (tail == 0 || tail > TCB_CPU_SVN) {
        return ERR_OK;
    }
    TRY(see(seen, tail));
    if (tail == TCB_CPU_SVN) {
        return read_octets(&value, out->cpu_svn, sizeof out->cpu_svn);
    }
    return read_svn(&value, tail == TCB_PCE_SVN ? &out->pce_svn : &out->components[tail - 1]);
}

static enum err read_tcb(struct reader *value, struct tdx_pck *out)
{
    struct reader list;
    uint32_t seen = 0;

    TRY(der_enter(value, DER_SEQUENCE, &list));
    TRY(rd_finish(value));
    while (list.n > 0) {
        TRY(read_tcb_entry(&list, &seen, out));
    }
    return seen == (1U << (TCB_CPU_SVN + 1)) - 2 ? ERR_OK : ERR_EXTENSION;
}

static enum err read_field(uint8_t tail, struct reader *value, struct tdx_pck *out)
{
    switch (tail) {
    case FIELD_PPID:
        return read_octets(value, out->ppid, sizeof out->ppid);
    case FIELD_TCB:
        return read_tcb(value, out);
    case FIELD_PCE_ID:
        return read_octets(value, out->pce_id, sizeof out->pce_id);
    case FIELD_FMSPC:
        return read_octets(value, out->fmspc, sizeof out->fmspc);
    default:
        return ERR_OK;
    }
}

static enum err read_fields(struct view value, struct tdx_pck *out)
{
    struct reader r = rd_init(value);
    struct reader list;
    uint32_t seen = 0;

    TRY(der_enter(&r, DER_SEQUENCE, &list));
    TRY(rd_finish(&r));
    while (list.n > 0) {
        struct reader field;
        uint8_t tail = 0;

        TRY(next_pair(&list, arc, sizeof arc, &tail, &field));
        if (tail == 0 || tail > FIELD_FMSPC) {
            continue;
        }
        TRY(see(&seen, tail));
        TRY(read_field(tail, &field, out));
    }
    return seen == (1U << (FIELD_FMSPC + 1)) - 2 ? ERR_OK : ERR_EXTENSION;
}

enum attest_fault tdx_pck_parse(const struct cert *c, struct tdx_pck *out)
{
    struct reader list = rd_init(c->ids.extensions);
    struct extension x;

    *out = (struct tdx_pck){0};
    while (list.n > 0 && extension_next(&list, &x) == ERR_OK) {
        if (view_equal(x.type, (struct view){arc, sizeof arc})) {
            if (read_fields(x.value, out) == ERR_OK) {
                return ATTEST_OK;
            }
            break;
        }
    }
    *out = (struct tdx_pck){0};
    return ATTEST_TDX_PCK_EXTENSION;
}

void tdx_pck_platform(const struct tdx_pck *pck, uint8_t out[TDX_PLATFORM_LEN])
{
    uint8_t both[TDX_PPID_LEN + TDX_FMSPC_LEN];

    memcpy(both, pck->ppid, TDX_PPID_LEN);
    memcpy(both + TDX_PPID_LEN, pck->fmspc, TDX_FMSPC_LEN);
    hash_once(HASH_SHA512, (struct view){both, sizeof both}, out);
}
