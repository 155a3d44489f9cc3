#include "wire/evidence_file.h"

#include <string.h>

#define MAGIC_LEN (sizeof EVIDENCE_FILE_MAGIC - 1)

void evidence_file_encode(struct writer *w, const struct evidence_file *f)
{
    wr_bytes(w, EVIDENCE_FILE_MAGIC, MAGIC_LEN);
    wr_bytes(w, f->nonce, sizeof f->nonce);
    wr_u8(w, (uint8_t)f->n);
    for (size_t i = 0; i < f->n; i++) {
        wr_u32le(w, f->nodes[i].incarnation);
        wr_u16le(w, (uint16_t)f->nodes[i].hello.n);
        wr_view(w, f->nodes[i].hello);
        wr_u32le(w, (uint32_t)f->nodes[i].block.n);
        wr_view(w, f->nodes[i].block);
    }
}

static enum err read_node(struct reader *r, struct evidence_file_node *n)
{
    uint16_t hello = 0;
    uint32_t block = 0;

    TRY(rd_u32le(r, &n->incarnation));
    TRY(rd_u16le(r, &hello));
    if (hello == 0 || hello > EVIDENCE_FILE_HELLO_MAX) {
        return ERR_LENGTH;
    }
    TRY(rd_take(r, hello, &n->hello));
    TRY(rd_u32le(r, &block));
    if (block == 0 || block > EVIDENCE_MAX) {
        return ERR_LENGTH;
    }
    return rd_take(r, block, &n->block);
}

static enum err read_file(struct view bytes, struct evidence_file *f)
{
    struct reader r = rd_init(bytes);
    struct view magic;
    uint8_t n = 0;

    if (rd_take(&r, MAGIC_LEN, &magic) != ERR_OK ||
        memcmp(magic.p, EVIDENCE_FILE_MAGIC, MAGIC_LEN) != 0) {
        return ERR_TAG;
    }
    TRY(rd_copy(&r, f->nonce, sizeof f->nonce));
    TRY(rd_u8(&r, &n));
    if (n == 0 || n > EVIDENCE_FILE_NODES_MAX) {
        return ERR_RANGE;
    }
    f->n = n;
    for (size_t i = 0; i < n; i++) {
        TRY(read_node(&r, &f->nodes[i]));
    }
    return rd_finish(&r);
}

enum err evidence_file_decode(struct view bytes, struct evidence_file *out)
{
    enum err e;

    memset(out, 0, sizeof *out);
    e = read_file(bytes, out);
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

void evidence_file_report_data(const struct evidence_file *f,
                               const struct evidence_file_node *node, const struct hello *hello,
                               uint8_t out[REPORT_DATA_LEN])
{
    struct report_binding b = {.purpose = REPORT_ASKED,
                               .role = REPORT_CORE,
                               .place = hello->index,
                               .incarnation = node->incarnation,
                               .audit_key = {hello->audit_key, sizeof hello->audit_key}};

    memcpy(b.epoch_id, hello->epoch_id, sizeof b.epoch_id);
    memcpy(b.identity, hello->identity, sizeof b.identity);
    memcpy(b.nonce, f->nonce, sizeof b.nonce);
    report_context_asked(node->hello, b.context);
    report_data_make(&b, out);
}
