#include "forge_row.h"

struct forge_node forge_root, forge_tsa, forge_stranger;

struct forge *forge_row_new(void)
{
    struct forge *f = forge_new(&forge_tsa);

    f->certificates = forge_cert_der(forge_tsa.cert);
    return f;
}

void forge_row_free(struct forge *f)
{
    OPENSSL_free((void *)(uintptr_t)f->certificates.p);
    forge_free(f);
}

static bool run_row(const struct forge_row *r)
{
    struct forge *f = forge_row_new();
    const struct forge_trust trust = {.anchors = {forge_root.cert}};
    const struct verify_options options = {
        .strict = (r->flags & STRICT) != 0,
        .allow_simulated = (r->flags & SIMULATED) != 0,
        .allow_sha1 = (r->flags & ALLOW_SHA1) != 0,
    };
    struct verify_report report;

    f->bare = (r->flags & BARE) != 0;
    for (size_t i = 0; i < FORGE_CHANGES; i++) {
        forge_change(f, &r->change[i]);
    }
    if (r->spoil != NULL) {
        r->spoil(f);
    }
    const struct view token = forge_make(f, f->bare ? TOKEN : RESPONSE);

    forge_judge(token, &trust, &options, &report);
    /* Both are asked, so that a row says all that is wrong with it. */
    const bool fits = forge_fits(r->name, &report, r->verdict, r->decisive);
    const bool good = forge_openssl_fits(r->name, token, f->bare, &trust, r->openssl) && fits;

    verify_free(&report);
    forge_row_free(f);
    return good;
}

void forge_run_rows(const struct forge_row *rows, size_t n)
{
    size_t bad = 0;

    for (size_t i = 0; i < n; i++) {
        bad += !run_row(&rows[i]);
    }
    assert_int_equal(bad, 0);
}

int forge_rows_setup(void **state)
{
    const struct forge_cert ca = {.name = "root", .ext = FORGE_CA_EXT};
    const struct forge_cert leaf = {.name = "tsa", .ext = FORGE_SKI_EXT};
    const struct forge_cert other = {.name = "stranger", .ext = FORGE_SKI_EXT};

    (void)state;
    forge_root = forge_certify(&ca, NULL);
    forge_tsa = forge_certify(&leaf, &forge_root);
    forge_stranger = forge_certify(&other, &forge_root);
    return 0;
}

int forge_rows_teardown(void **state)
{
    (void)state;
    forge_node_free(&forge_root);
    forge_node_free(&forge_tsa);
    forge_node_free(&forge_stranger);
    return 0;
}
