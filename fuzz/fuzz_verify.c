/* The whole path of verify and inspect on arbitrary bytes. The first byte chooses options; the
 * token's own first certificate is the anchor, so that a good signature gets as far as the
 * chain. */
#include "client/inspect.h"
#include "client/stamp.h"
#include "client/trust.h"
#include "client/verify.h"
#include "client/verify_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t nonce_body[] = {0x40, 1, 2, 3, 4, 5, 6, 7};
static const uint8_t digest_bytes[32];

static enum err give_digest(void *self, const struct digest_alg *alg, uint8_t *out)
{
    (void)self;
    memset(out, 0, alg->len);
    return ERR_OK;
}

static void add_anchor(struct trust *trust, struct view in)
{
    struct token t;
    struct view cert;

    if (token_open(in, &t) == ERR_OK && t.cms_err == ERR_OK &&
        cms_certificate(&t.cms, 0, &cert) == ERR_OK) {
        (void)trust_add(trust, TRUST_ANCHOR, cert); /* no certificate: nobody is trusted */
    }
    token_close(&t);
}

/* What the header of verify promises. */
static void check_promises(const struct verify_report *r, bool simulated_allowed)
{
    unsigned failed = 0;
    unsigned open = 0;

    for (unsigned i = 0; i < STEP_COUNT; i++) {
        failed += r->steps[i].result == RESULT_FAIL;
        open += r->steps[i].required && r->steps[i].result != RESULT_PASS;
        if (strnlen(r->steps[i].reason, VERIFY_REASON_MAX) == VERIFY_REASON_MAX) {
            abort();
        }
        for (const char *p = r->steps[i].reason; *p != '\0'; p++) {
            if (*p < 0x20 || *p > 0x7e) {
                abort();
            }
        }
    }
    if ((r->verdict == VERDICT_GENUINE) != (failed == 0 && open == 0) ||
        (r->verdict == VERDICT_NOT_GENUINE) != (failed > 0) ||
        (r->verdict == VERDICT_GENUINE && r->simulated && !simulated_allowed)) {
        abort();
    }
}

static void inspect(struct view in, FILE *nowhere)
{
    json_t *j = NULL;
    const enum err as_text = inspect_print(in, nowhere);
    const enum err as_json = inspect_json(in, &j);

    if ((as_text == ERR_OK) != (as_json == ERR_OK) || (as_json == ERR_OK) != (j != NULL)) {
        abort();
    }
    json_decref(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *nowhere;
    struct trust *trust = NULL;
    struct verify_report report;

    if (nowhere == NULL) {
        nowhere = fopen("/dev/null", "w");
    }
    if (size == 0 || nowhere == NULL || trust_new(&trust) != ERR_OK) {
        return 0;
    }
    const uint8_t flags = data[0];
    const struct view in = {data + 1, size - 1};
    const struct tsp_req query = {
        .imprint = {HASH_SHA256, {digest_bytes, sizeof digest_bytes}},
        .nonce = {nonce_body, sizeof nonce_body},
    };
    const struct verify_expect expect = {
        .digest_data = (flags & 1) != 0 ? give_digest : NULL,
        .query = (flags & 2) != 0 ? &query : NULL,
    };
    const struct verify_options options = {
        .trust = trust,
        .has_at = (flags & 4) != 0,
        .at_s = 1795226400,
        .strict = (flags & 8) != 0,
        .allow_simulated = (flags & 16) != 0,
        .allow_sha1 = (flags & 32) != 0,
    };

    add_anchor(trust, in);
    if (verify_token(in, &expect, &options, &report) == ERR_OK) {
        json_t *j = verify_print_json(&report);

        check_promises(&report, options.allow_simulated);
        verify_print_text(&report, nowhere);
        (void)stamp_outcome_of_report(&report, true);
        if (j == NULL) {
            abort();
        }
        json_decref(j);
    }
    verify_free(&report);
    trust_free(trust);
    inspect(in, nowhere);
    return 0;
}
