/* A reply that a server of another implementation gave, and what was asked: drafts 12 to 19.
 * And replies of draft 11, whose leaves are nonces, not requests. */
#include "testing.h"
#include "vector_file.h"

#include "enclave/roughtime/rt_exchange.h"

#include <string.h>

/* AW5uAoTSTDfG5NfY1bTh08GUnOqlRb+HVhbJ3ODJvsE=, of int08h */
static const uint8_t key[ED25519_PUBLIC_LEN] = {0x01, 0x6e, 0x6e, 0x02, 0x84, 0xd2, 0x4c, 0x37,
                                                0xc6, 0xe4, 0xd7, 0xd8, 0xd5, 0xb4, 0xe1, 0xd3,
                                                0xc1, 0x94, 0x9c, 0xea, 0xa5, 0x45, 0xbf, 0x87,
                                                0x56, 0x16, 0xc9, 0xdc, 0xe0, 0xc9, 0xbe, 0xc1};

static struct view read_packet(const char *name, uint8_t out[2048])
{
    char path[4096];
    FILE *f;
    struct view v = {out, 0};

    (void)snprintf(path, sizeof path, "%s/05-time-nts-roughtime/roughenough/%s",
                   QUORATE_VECTORS, name);
    f = fopen(path, "rbe");
    if (f == NULL) {
        printf("SKIP no vectors %s\n", path);
        exit(77);
    }
    v.n = fread(out, 1, 2048, f);
    (void)fclose(f);
    return v;
}

static void a_servers_reply_verifies(void **state)
{
    uint8_t a[2048];
    uint8_t b[2048];
    const struct view request = read_packet("rfc-request.071039e5", a);
    const struct view reply = read_packet("rfc-response.071039e5", b);
    struct rt_time t;

    (void)state;
    assert_int_equal(rt_reply_parse(reply, request, key, NULL, &t), ERR_OK);
    assert_true(t.midp_s == 1747944450 && t.radi_s == 5 && t.version == RT_VERSION_DRAFT &&
                t.spelling == RT_SPELLING_TIME);
    a[RT_REQUEST_LEN - 1] ^= 1; /* the whole request counts */
    assert_int_equal(rt_reply_parse(reply, request, key, NULL, &t), ERR_MISMATCH);
    a[RT_REQUEST_LEN - 1] ^= 1;
    for (size_t i = 0; i < reply.n; i += 7) {
        b[i] ^= 0x10;
        assert_int_not_equal(rt_reply_parse(reply, request, key, NULL, &t), ERR_OK);
        b[i] ^= 0x10;
    }
}

/* The layout that the same implementation writes down, with no signature in it. */
static void a_layout_is_read(void **state)
{
    uint8_t a[2048];
    struct view v = read_packet("golden-response.phase8", a);
    struct rt_message reply;
    struct rt_message srep;
    uint64_t midp = 0;

    (void)state;
    assert_int_equal(rt_packet_parse(v, &v), ERR_OK);
    assert_int_equal(rt_message_parse(v, &reply), ERR_OK);
    assert_int_equal(reply.n, 7);
    assert_int_equal(rt_message_any(&reply, RT_SREP, &v), ERR_OK);
    assert_int_equal(rt_message_parse(v, &srep), ERR_OK);
    assert_int_equal(rt_message_u64(&srep, RT_MIDP, &midp), ERR_OK);
    assert_true(midp == UINT64_C(0x1122334455667788));
}

static void an_older_draft_is_none_of_ours(void **state)
{
    static const char *const files[] = {"roughtime_ietf_draft11_001.json",
                                        "roughtime_ietf_draft11_010.json"};
    uint8_t request[2048];
    uint8_t reply[2048];
    uint8_t root[ED25519_PUBLIC_LEN];

    (void)state;
    for (size_t f = 0; f < 2; f++) {
        char path[128];
        json_t *file;
        json_t *replies;

        (void)snprintf(path, sizeof path, "05-time-nts-roughtime/roughtime/%s", files[f]);
        file = vector_file(path);
        replies = json_object_get(file, "replies");
        assert_int_equal(vector_bytes(file, "root_key", root, sizeof root), sizeof root);
        for (size_t i = 0; i < json_array_size(replies); i++) {
            const char *const asked =
                json_string_value(json_array_get(json_object_get(file, "request"), i));
            const char *const said = json_string_value(json_array_get(replies, i));
            struct view q = {request, 0};
            struct view r = {reply, 0};
            struct rt_time t;
            struct rt_message m;

            assert_int_equal(hex_parse(asked, request, sizeof request, &q.n), ERR_OK);
            assert_int_equal(hex_parse(said, reply, sizeof reply, &r.n), ERR_OK);
            assert_int_equal(rt_packet_parse(r, &q), ERR_OK);
            assert_int_equal(rt_message_parse(q, &m), ERR_OK); /* the tags are the same */
            assert_int_equal(
                rt_reply_parse(r, (struct view){request, RT_REQUEST_LEN}, root, NULL, &t),
                ERR_TAG); /* it has no TYPE */
        }
        json_decref(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_servers_reply_verifies),
        cmocka_unit_test(a_layout_is_read),
        cmocka_unit_test(an_older_draft_is_none_of_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
