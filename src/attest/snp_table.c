#include "attest/snp_table.h"

#include <string.h>

#define GUID_LEN 16
#define ENTRY_LEN 24
#define GUIDS 5

struct entry {
    struct view guid;
    uint32_t offset, length;
    struct view blob;
};

struct head {
    struct entry entries[SNP_TABLE_ENTRIES_MAX];
    size_t n;
    size_t len; /* bytes, with the entry of zeros */
};

static bool is_zero(const struct entry *e)
{
    static const uint8_t zeros[GUID_LEN];

    return view_equal(e->guid, (struct view){zeros, sizeof zeros}) && e->offset == 0 &&
           e->length == 0;
}

static enum attest_fault read_head(struct view in, struct head *h)
{
    struct reader r = rd_init(in);

    for (;;) {
        struct entry e = {.offset = 0};

        if (rd_take(&r, GUID_LEN, &e.guid) != ERR_OK || rd_u32le(&r, &e.offset) != ERR_OK ||
            rd_u32le(&r, &e.length) != ERR_OK) {
            return ATTEST_TABLE_END;
        }
        h->len += ENTRY_LEN;
        if (is_zero(&e)) {
            return ATTEST_OK;
        }
        if (h->n == SNP_TABLE_ENTRIES_MAX) {
            return ATTEST_TABLE_ENTRIES;
        }
        h->entries[h->n++] = e;
    }
}

static enum attest_fault find_blob(struct view in, const struct head *h, struct entry *e)
{
    struct reader r = rd_init(in);
    struct view before;

    if (e->length == 0 || e->offset < h->len) {
        return ATTEST_TABLE_RANGE;
    }
    if (rd_take(&r, e->offset, &before) != ERR_OK ||
        rd_take(&r, e->length, &e->blob) != ERR_OK) {
        return ATTEST_TABLE_RANGE;
    }
    return ATTEST_OK;
}

/* Sums of 64 bits: in 32 they would wrap. */
static enum attest_fault compare(const struct entry *a, const struct entry *b)
{
    if (view_equal(a->guid, b->guid)) {
        return ATTEST_TABLE_TWICE;
    }
    if ((uint64_t)a->offset < (uint64_t)b->offset + b->length &&
        (uint64_t)b->offset < (uint64_t)a->offset + a->length) {
        return ATTEST_TABLE_OVERLAP;
    }
    return ATTEST_OK;
}

/* Where a blob of that GUID goes; NULL: nowhere. A GUID is in the byte order of its text. */
static struct view *slot_of(struct view guid, struct snp_table *out)
{
    static const uint8_t guids[GUIDS][GUID_LEN] = {
        {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8,
         0xac, 0xcd},
        {0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0,
         0xb8, 0xa1},
        {0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27,
         0xc7, 0x82},
        {0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c,
         0xd0, 0xae},
        {0x92, 0xf8, 0x1b, 0xc3, 0x58, 0x11, 0x4d, 0x3d, 0x97, 0xff, 0xd1, 0x9f, 0x88, 0xdc,
         0x67, 0xea},
    };
    struct view *const slots[GUIDS] = {&out->vcek, &out->vlek, &out->ask, &out->ark, &out->crl};

    for (size_t i = 0; i < GUIDS; i++) {
        if (view_equal(guid, (struct view){guids[i], GUID_LEN})) {
            return slots[i];
        }
    }
    return NULL;
}

static enum attest_fault check_entry(struct view in, struct head *h, size_t i)
{
    ATTEST_TRY(find_blob(in, h, &h->entries[i]));
    for (size_t j = 0; j < i; j++) {
        ATTEST_TRY(compare(&h->entries[j], &h->entries[i]));
    }
    return ATTEST_OK;
}

static enum attest_fault parse_all(struct view in, struct snp_table *out)
{
    struct head h = {.n = 0};

    if (in.n > SNP_TABLE_MAX) {
        return ATTEST_TABLE_SIZE;
    }
    ATTEST_TRY(read_head(in, &h));
    for (size_t i = 0; i < h.n; i++) {
        ATTEST_TRY(check_entry(in, &h, i));
        struct view *const slot = slot_of(h.entries[i].guid, out);

        if (slot) {
            *slot = h.entries[i].blob;
        }
    }
    return ATTEST_OK;
}

enum attest_fault snp_table_parse(struct view in, struct snp_table *out)
{
    struct snp_table t = {.vcek = {NULL, 0}};
    const enum attest_fault f = parse_all(in, &t);

    *out = f == ATTEST_OK ? t : (struct snp_table){.vcek = {NULL, 0}};
    return f;
}
