#include "format/hash_oid.h"

static const struct {
    enum hash_alg alg;
    uint8_t body[HASH_OID_LEN]; /* 2.16.840.1.101.3.4.2.x */
} rows[] = {
    {HASH_SHA256, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01}},
    {HASH_SHA384, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02}},
    {HASH_SHA512, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03}},
    {HASH_SHA3_256, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x08}},
    {HASH_SHA3_384, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x09}},
    {HASH_SHA3_512, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x0a}},
};

struct view hash_oid_body(enum hash_alg alg)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].alg == alg) {
            return (struct view){rows[i].body, HASH_OID_LEN};
        }
    }
    return (struct view){NULL, 0};
}

enum hash_alg hash_oid_find(struct view body)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (view_equal(body, (struct view){rows[i].body, HASH_OID_LEN})) {
            return rows[i].alg;
        }
    }
    return HASH_NONE;
}
