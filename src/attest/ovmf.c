#include "attest/ovmf.h"

#include "attest/attest_text.h"

#define GUID_LEN 16
#define TAIL_LEN 32  /* the reset vector, behind the table */
#define ENTRY_LEN 18 /* length and GUID, behind what they are of */
#define METADATA_VERSION 1

/* GUIDs as they lie in memory: the first three fields with their least byte first. */
static const uint8_t guid_table[GUID_LEN] = {0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45,
                                             0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d};
static const uint8_t guid_hash_table[GUID_LEN] = {0x1f, 0x37, 0x55, 0x72, 0x3b, 0x3a,
                                                  0x04, 0x4b, 0x92, 0x7b, 0x1d, 0xa6,
                                                  0xef, 0xa8, 0xd4, 0x54};
static const uint8_t guid_reset_block[GUID_LEN] = {0xde, 0x71, 0xf7, 0x00, 0x7e, 0x1a,
                                                   0xcb, 0x4f, 0x89, 0x0e, 0x68, 0xc7,
                                                   0x7e, 0x2f, 0xb4, 0x4e};
static const uint8_t guid_metadata[GUID_LEN] = {0x66, 0x65, 0x88, 0xdc, 0x4a, 0x98, 0x98, 0x47,
                                                0xa7, 0x5e, 0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc};

/* n bytes of v that end `end` bytes before its own end; n == 0: they lie outside. */
static struct view slice(struct view v, size_t end, size_t n)
{
    struct reader r = rd_init(v);
    struct view skipped;
    struct view out = {NULL, 0};

    if (end > v.n || n > v.n - end || rd_take(&r, v.n - end - n, &skipped) != ERR_OK ||
        rd_take(&r, n, &out) != ERR_OK) {
        return (struct view){NULL, 0};
    }
    return out;
}

static bool is_guid(struct view v, const uint8_t guid[GUID_LEN])
{
    return view_equal(v, (struct view){guid, GUID_LEN});
}

/* The entry that ends `end` bytes before the end of v: its GUID, and what it is of. */
static bool read_entry(struct view v, size_t end, struct view *guid, struct view *data)
{
    struct reader r = {NULL, 0};
    const struct view head = slice(v, end, ENTRY_LEN);
    uint16_t len = 0;

    r = rd_init(head);
    if (rd_u16le(&r, &len) != ERR_OK || len < ENTRY_LEN) {
        return false;
    }
    *guid = (struct view){r.p, r.n};
    *data = slice(v, end + ENTRY_LEN, (size_t)len - ENTRY_LEN);
    return data->n == (size_t)len - ENTRY_LEN;
}

struct found {
    bool reset_block;
    uint32_t metadata_offset; /* from the end of the image; 0: there are none */
};

static enum attest_fault use_entry(struct view guid, struct view data, struct ovmf *out,
                                   struct found *f)
{
    struct reader r = rd_init(data);
    uint32_t *where = NULL;

    if (is_guid(guid, guid_hash_table)) {
        out->has_hash_table = true;
        where = &out->hash_table_gpa;
    } else if (is_guid(guid, guid_reset_block)) {
        f->reset_block = true;
        where = &out->reset_eip;
    } else if (is_guid(guid, guid_metadata)) {
        where = &f->metadata_offset;
    }
    if (where && rd_u32le(&r, where) != ERR_OK) {
        return ATTEST_FIRMWARE_TABLE;
    }
    return ATTEST_OK;
}

/* Entries are read from the last, whose length is that of all, to the first. */
static enum attest_fault read_table(struct ovmf *out, struct found *f)
{
    struct view table;
    struct view guid;
    struct view data;

    if (!read_entry(out->image, TAIL_LEN, &guid, &table) || !is_guid(guid, guid_table)) {
        return ATTEST_FIRMWARE_TABLE;
    }
    for (size_t n = 0; table.n > 0; n++) {
        if (n == OVMF_TABLE_MAX || !read_entry(table, 0, &guid, &data)) {
            return ATTEST_FIRMWARE_TABLE;
        }
        table.n -= ENTRY_LEN + data.n;
        ATTEST_TRY(use_entry(guid, data, out, f));
    }
    if (!f->reset_block) {
        return ATTEST_FIRMWARE_TABLE;
    }
    return ATTEST_OK;
}

static bool is_section_type(uint32_t type)
{
    return type == OVMF_SNP_SEC_MEM || type == OVMF_SNP_SECRETS || type == OVMF_CPUID ||
           type == OVMF_SVSM_CAA || type == OVMF_KERNEL_HASHES;
}

static enum attest_fault read_section(struct reader *r, struct ovmf_section *s)
{
    uint32_t type = 0;

    if (rd_u32le(r, &s->gpa) != ERR_OK || rd_u32le(r, &s->len) != ERR_OK ||
        rd_u32le(r, &type) != ERR_OK) {
        return ATTEST_FIRMWARE_METADATA;
    }
    if (!is_section_type(type)) {
        return ATTEST_FIRMWARE_METADATA;
    }
    if (s->gpa % OVMF_PAGE_LEN != 0 || s->len % OVMF_PAGE_LEN != 0 || s->len == 0 ||
        s->len / OVMF_PAGE_LEN > OVMF_SECTION_PAGES_MAX) {
        return ATTEST_FIRMWARE_METADATA;
    }
    s->type = (enum ovmf_section_type)type;
    return ATTEST_OK;
}

/* { "ASEV", length, version, number } and so many sections */
static enum attest_fault read_metadata(struct ovmf *out, const struct found *f)
{
    const struct view all = slice(out->image, 0, f->metadata_offset);
    struct reader r = rd_init(all);
    struct view magic;
    uint32_t len = 0;
    uint32_t version = 0;
    uint32_t n = 0;

    if (rd_take(&r, 4, &magic) != ERR_OK || !attest_text_is(magic, "ASEV")) {
        return ATTEST_FIRMWARE_METADATA;
    }
    if (rd_u32le(&r, &len) != ERR_OK || rd_u32le(&r, &version) != ERR_OK ||
        rd_u32le(&r, &n) != ERR_OK || version != METADATA_VERSION || n > OVMF_SECTIONS_MAX) {
        return ATTEST_FIRMWARE_METADATA;
    }
    for (; out->n_sections < n; out->n_sections++) {
        ATTEST_TRY(read_section(&r, &out->sections[out->n_sections]));
    }
    return ATTEST_OK;
}

static enum attest_fault parse_all(struct view image, struct ovmf *out)
{
    struct found f = {.reset_block = false};

    if (image.n == 0 || image.n % OVMF_PAGE_LEN != 0 || image.n > OVMF_IMAGE_MAX) {
        return ATTEST_FIRMWARE_SIZE;
    }
    out->image = image;
    out->gpa = (UINT64_C(1) << 32) - image.n;
    ATTEST_TRY(read_table(out, &f));
    return read_metadata(out, &f);
}

enum attest_fault ovmf_parse(struct view image, struct ovmf *out)
{
    *out = (struct ovmf){.image = {NULL, 0}};
    const enum attest_fault f = parse_all(image, out);

    if (f != ATTEST_OK) {
        *out = (struct ovmf){.image = {NULL, 0}};
    }
    return f;
}
