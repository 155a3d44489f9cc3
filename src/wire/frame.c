#include "wire/frame.h"

uint32_t frame_body_max(uint8_t type)
{
    switch (type) {
    case FRAME_R3:
    case FRAME_R3 | FRAME_ANSWER:
    case FRAME_R2 | FRAME_ANSWER:
    case FRAME_SIGN_CSR | FRAME_ANSWER:
    case FRAME_CEREMONY_STEP:
    case FRAME_CEREMONY_STEP | FRAME_ANSWER:
    case FRAME_CEREMONY_BEGIN | FRAME_ANSWER:
    case FRAME_REENROL_ORDER:
    case FRAME_MESH_PUT:
    case FRAME_MESH_GET | FRAME_ANSWER:
        return FRAME_BODY_LONG_MAX;
    default:
        return FRAME_BODY_MAX;
    }
}

enum err frame_header_decode(struct view in, struct frame_header *out)
{
    struct reader r = rd_init(in);
    struct frame_header h = {0};
    uint8_t magic = 0;
    uint8_t version = 0;
    uint8_t zero = 0;

    *out = (struct frame_header){0};
    TRY(rd_u8(&r, &magic));
    TRY(rd_u8(&r, &version));
    TRY(rd_u8(&r, &h.type));
    TRY(rd_u8(&r, &zero));
    TRY(rd_u32le(&r, &h.body_len));
    TRY(rd_u64le(&r, &h.request_id));
    if (magic != FRAME_MAGIC) {
        return ERR_TAG;
    }
    if (version != FRAME_VERSION) {
        return ERR_VERSION;
    }
    if (zero != 0) {
        return ERR_ENCODING;
    }
    if (h.body_len > frame_body_max(h.type)) {
        return ERR_RANGE;
    }
    *out = h;
    return ERR_OK;
}

size_t frame_begin(struct writer *w, uint8_t type, uint64_t request_id)
{
    const size_t mark = w->len;

    wr_u8(w, FRAME_MAGIC);
    wr_u8(w, FRAME_VERSION);
    wr_u8(w, type);
    wr_u8(w, 0);
    wr_u32le(w, 0);
    wr_u64le(w, request_id);
    return mark;
}

void frame_end(struct writer *w, size_t mark)
{
    if (!w->full) {
        wr_patch_u32le(w, mark + 4, (uint32_t)(w->len - mark - FRAME_HEADER_LEN));
    }
}

void frame_write_error(struct writer *w, uint64_t request_id, enum err e)
{
    const size_t mark = frame_begin(w, FRAME_ERROR, request_id);

    wr_u16le(w, (uint16_t)e);
    frame_end(w, mark);
}

enum err frame_error_decode(struct view body, enum err *out)
{
    struct reader r = rd_init(body);
    uint16_t code = 0;

    *out = ERR_BUG;
    TRY(rd_u16le(&r, &code));
    TRY(rd_finish(&r));
    if (err_known(code)) {
        *out = (enum err)code;
    }
    return ERR_OK;
}
