#include "promise.h"

#include "format/hash_oid.h"
#include "format/oid.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void body_to_text(struct view body)
{
    char text[OID_TEXT_MAX];
    uint8_t again[DER_OID_MAX];
    size_t n = 0;

    if (oid_to_text(body, text) != ERR_OK) {
        promise(text[0] == '\0');
        return;
    }
    promise(der_oid_check(body) && strlen(text) < OID_TEXT_MAX);
    promise(der_oid_from_text(text, again, sizeof again, &n) == ERR_OK);
    promise(view_equal(body, (struct view){again, n}));
    promise(oid_find(body) == OID_NONE || view_equal(oid_body(oid_find(body)), body));
    promise(hash_oid_find(body) == HASH_NONE || hash_oid_body(hash_oid_find(body)).n == body.n);
    (void)oid_is_simulated_policy(body);
}

static void text_to_body(struct view in)
{
    char *text = malloc(in.n + 1);
    char again[OID_TEXT_MAX];
    uint8_t body[DER_OID_MAX];
    size_t n = 0;

    promise(text != NULL);
    if (in.n > 0) {
        memcpy(text, in.p, in.n);
    }
    text[in.n] = '\0';
    if (der_oid_from_text(text, body, sizeof body, &n) == ERR_OK) {
        promise(der_oid_check((struct view){body, n}));
        promise(oid_to_text((struct view){body, n}, again) == ERR_OK);
        promise(strcmp(text, again) == 0); /* there is one text */
    } else {
        promise(n == 0);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    body_to_text((struct view){data, size});
    text_to_body((struct view){data, size});
    return 0;
}
