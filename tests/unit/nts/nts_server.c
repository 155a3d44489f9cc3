#include "nts_server.h"

#include "testing.h"

#include <string.h>

void nts_server_init(struct nts_server *s)
{
    memset(s, 0, sizeof *s);
    memset(s->keys[0], 0x11, sizeof s->keys[0]);
    memset(s->keys[1], 0x22, sizeof s->keys[1]);
    nts_server_key(s, s->keys[0], s->keys[1]);
    s->cookie_len = 100;
}

void nts_server_key(struct nts_server *s, const uint8_t c2s[AES_SIV_KEY_LEN],
                    const uint8_t s2c[AES_SIV_KEY_LEN])
{
    aes_siv_init(&s->c2s, c2s);
    aes_siv_init(&s->s2c, s2c);
}

static struct view make_cookie(struct nts_server *s, uint8_t out[NTS_COOKIE_MAX + 4])
{
    struct writer w = wr_init(out, 8);

    memset(out, (int)++s->serial, NTS_COOKIE_MAX + 4);
    if (s->cookie_len >= 8) {
        wr_u32be(&w, s->session);
        wr_u32be(&w, s->serial);
    }
    return (struct view){out, s->cookie_len};
}

void nts_server_read(struct nts_server *s, struct view request)
{
    struct reader r = rd_init(request);
    struct ntp_header h;
    struct ntp_field f;
    uint8_t none[1];

    assert_int_equal(ntp_header_decode(&r, &h), ERR_OK);
    assert_true(h.leap == 0 && h.version == 4 && h.mode == 3 && h.stratum == 0);
    assert_true(h.poll == 0 && h.precision == 0 && h.root_delay == 0 && h.origin == 0 &&
                h.receive == 0 && h.reference == 0);
    s->asked.transmit = h.transmit;
    assert_int_equal(ntp_field_parse(&r, &f), ERR_OK);
    assert_true(f.type == 0x0104 && f.body.n == NTS_UNIQ_ID_LEN);
    memcpy(s->asked.uniq_id, f.body.p, f.body.n);
    assert_int_equal(ntp_field_parse(&r, &f), ERR_OK);
    assert_true(f.type == 0x0204 && f.body.n <= NTS_COOKIE_MAX);
    memcpy(s->cookie, f.body.p, f.body.n);
    s->cookie_n = f.body.n;
    for (s->placeholders = 0;; s->placeholders++) {
        assert_int_equal(ntp_field_parse(&r, &f), ERR_OK);
        if (f.type != 0x0304) {
            break;
        }
        assert_int_equal(f.body.n, s->cookie_n);
    }
    assert_true(f.type == 0x0404 && f.body.n == 36 && r.n == 0); /* the last */
    assert_int_equal(
        aes_siv_open(&s->c2s,
                     (struct view[]){{request.p, request.n - f.whole.n}, {f.body.p + 4, 16}}, 2,
                     (struct view){f.body.p + 20, 16}, none),
        ERR_OK);
}

static void write_cookies(struct nts_server *s, struct writer *w)
{
    for (size_t i = 0; i <= s->placeholders; i++) {
        uint8_t cookie[NTS_COOKIE_MAX + 4];

        ntp_field_write(w, 0x0204, make_cookie(s, cookie));
    }
}

/* What is encrypted. */
static void write_inside(struct nts_server *s, enum reply_fault fault, struct writer *w)
{
    static const uint8_t other[12] = "other field";

    if (fault == REPLY_NO_COOKIES) {
        return;
    }
    if (fault == REPLY_OTHER_INSIDE) {
        ntp_field_write(w, 0x0304, (struct view){other, sizeof other});
    }
    write_cookies(s, w);
    if (fault == REPLY_BAD_INSIDE) {
        wr_bytes(w, "\2\4\0\x40", 4);
    }
}

static void write_authenticator(struct nts_server *s, enum reply_fault fault, struct writer *w)
{
    static const uint8_t nonce[16] = "any nonce of it";
    uint8_t plain[NTS_REPLY_MAX];
    uint8_t body[NTS_REPLY_MAX];
    struct writer p = wr_init(plain, sizeof plain);
    struct writer b = wr_init(body, sizeof body);

    write_inside(s, fault, &p);
    wr_u16be(&b, sizeof nonce);
    wr_u16be(&b, (uint16_t)(AES_SIV_TAG_LEN + p.len));
    wr_bytes(&b, nonce, sizeof nonce);
    assert_true(b.len + AES_SIV_TAG_LEN + p.len <= sizeof body);
    aes_siv_seal(&s->s2c, (struct view[]){{w->p, w->len}, {nonce, sizeof nonce}}, 2,
                 (struct view){plain, p.len}, body + b.len);
    ntp_field_write(w, 0x0404, (struct view){body, b.len + AES_SIV_TAG_LEN + p.len});
}

struct view nts_server_reply(struct nts_server *s, struct ntp_header h, enum reply_fault fault,
                             uint8_t out[NTS_REPLY_MAX])
{
    struct writer w = wr_init(out, NTS_REPLY_MAX);
    struct view uniq_id = {s->asked.uniq_id, NTS_UNIQ_ID_LEN};
    uint8_t other[NTS_UNIQ_ID_LEN] = {1};
    struct view v;

    h.origin = s->asked.transmit + (fault == REPLY_OTHER_ORIGIN);
    if (fault == REPLY_NAK) {
        h.stratum = 0;
        memcpy(h.ref_id, "NTSN", 4);
    }
    if (fault == REPLY_OTHER_UNIQ_ID) {
        uniq_id.p = other;
    }
    ntp_header_encode(&w, &h);
    ntp_field_write(&w, 0x0104, uniq_id);
    if (fault == REPLY_TWO_UNIQ_IDS) {
        ntp_field_write(&w, 0x0104, uniq_id);
    }
    if (fault == REPLY_COOKIES_IN_CLEAR) {
        ntp_field_write(&w, 0x0204, uniq_id);
    }
    if (fault != REPLY_NAK && fault != REPLY_NO_AUTHENTICATOR) {
        write_authenticator(s, fault, &w);
    }
    if (fault == REPLY_FIELD_AFTER) {
        ntp_field_write(&w, 0x0104, uniq_id);
        ntp_field_write(&w, 0x0204, uniq_id);
    }
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    if (fault == REPLY_BAD_TAG) {
        out[v.n - 1] ^= 1;
    }
    return v;
}

struct view nts_server_ke(struct nts_server *s, uint8_t out[8192])
{
    struct writer w = wr_init(out, 8192);
    struct view v;

    wr_bytes(&w, "\x80\1\0\2\0\0\0\4\0\2\0\17", 12);
    for (int i = 0; i < NTS_COOKIES_MAX; i++) {
        uint8_t cookie[NTS_COOKIE_MAX + 4];

        wr_u16be(&w, 5);
        wr_u16be(&w, (uint16_t)s->cookie_len);
        wr_view(&w, make_cookie(s, cookie));
    }
    wr_bytes(&w, "\x80\0\0\0", 4);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}
