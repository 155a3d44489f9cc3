#include "client/command/ceremony_report.h"

#include "base/hex.h"
#include "client/verify/exit_code.h"
#include "crypto/hash.h"

#include <string.h>

#define HEX_LEN (2 * HASH_MAX + 1)

void ceremony_report_make(struct ceremony_report *r, struct view bytes, struct view want)
{
    memset(r, 0, sizeof *r);
    r->read = ceremony_record_decode(bytes, &r->record);
    if (r->read != ERR_OK) {
        return;
    }
    ceremony_record_id(bytes, r->id);
    r->id_differs = want.n > 0 && !view_equal(want, (struct view){r->id, sizeof r->id});
    r->holds = ceremony_record_verify(&r->record, &r->scratch, r->findings) && !r->id_differs;
}

int ceremony_report_exit(const struct ceremony_report *r)
{
    return r->holds ? EXIT_CODE_GENUINE : EXIT_CODE_NOT_GENUINE;
}

/* ---- words ---- */

static const char *verdict(const struct ceremony_report *r)
{
    return r->holds ? "GENUINE" : "NOT GENUINE";
}

static const struct {
    const char *name, *means;
} checks[CEREMONY_CHECKS] = {
    [CEREMONY_CHECK_SIGNATURES] = {"signatures", "every message is signed by its node"},
    [CEREMONY_CHECK_ECHO] = {"echo", "all nodes saw the same commitments"},
    [CEREMONY_CHECK_RHO] = {"rho", "every seed of the matrix is what was committed to"},
    [CEREMONY_CHECK_T] = {"t", "the holders of each secret agree on what belongs to it"},
    [CEREMONY_CHECK_KEY] = {"key", "the public key follows from the messages"},
    [CEREMONY_CHECK_CLASSIC] = {"classic", "so do the P-384 key and the public shares"},
    [CEREMONY_CHECK_DONE] = {"done", "all nodes saw the same messages and the same key"},
    [CEREMONY_CHECK_TEST] = {"test", "a signature for each quorum is genuine"},
};

/* A check of a key that the plan does not have is none. */
static bool is_made(const struct ceremony_report *r, size_t check)
{
    return check != CEREMONY_CHECK_CLASSIC || r->record.plan.classic == PLAN_CLASSIC_SHARED;
}

static const char *result(enum err e)
{
    return e == ERR_OK ? "PASS" : e == ERR_STATE ? "SKIP" : "FAIL";
}

static void sha256_hex(struct view v, char out[HEX_LEN])
{
    uint8_t digest[32];

    hash_once(HASH_SHA256, v, digest);
    hex_write((struct view){digest, sizeof digest}, out);
}

/* What the plan demands: whether software may have played the nodes' processors. */
static const char *assurance(const struct plan *p)
{
    return p->assurance == PLAN_ATTESTED ? "attested" : "simulated";
}

/* Of the policy as it stands in the plan, as certificates and bundles name it. */
static void policy_hex(const struct plan *p, char out[HEX_LEN])
{
    uint8_t digest[48];

    hash_once(HASH_SHA384, p->policy, digest);
    hex_write((struct view){digest, sizeof digest}, out);
}

/* A name or label of a plan: visible ASCII, which decoding has checked. */
static void text_of(struct view v, char out[PLAN_LISTEN_MAX + 1])
{
    memcpy(out, v.p, v.n);
    out[v.n] = '\0';
}

/* ---- text: nodes are numbered from 1, as everywhere that people look ---- */

static void print_nodes(const struct ceremony_report *r, FILE *out)
{
    for (size_t i = 0; i < r->record.plan.total; i++) {
        const struct plan_node *n = &r->record.plan.nodes[i];
        char name[PLAN_LISTEN_MAX + 1];
        char listen[PLAN_LISTEN_MAX + 1];
        char hex[HEX_LEN];

        text_of(n->name, name);
        text_of(n->listen, listen);
        sha256_hex((struct view){n->identity, sizeof n->identity}, hex);
        (void)fprintf(out, "  node %zu:      %s at %s, identity SHA-256 %s\n", i + 1, name,
                      listen, hex);
    }
}

/* The record has no evidence: nodes judged it before they made anything. */
static void print_assurance(const struct plan *p, FILE *out)
{
    char hex[HEX_LEN];

    if (!plan_is_attested(p)) {
        (void)fprintf(out, "  assurance:   %s: nobody attested who holds the identities\n",
                      assurance(p));
        return;
    }
    policy_hex(p, hex);
    (void)fprintf(out, "  assurance:   %s: the bundle of the epoch shows by what evidence\n",
                  assurance(p));
    (void)fprintf(out, "  number:      %llu\n  policy:      SHA-384 %s\n",
                  (unsigned long long)p->number, hex);
}

static void print_facts(const struct ceremony_report *r, FILE *out)
{
    const struct plan *p = &r->record.plan;
    char hex[HEX_LEN];

    hex_write((struct view){r->id, sizeof r->id}, hex);
    (void)fprintf(out, "  id:          %s\n", hex);
    hex_write((struct view){r->record.known.epoch_id, EPOCH_ID_LEN}, hex);
    (void)fprintf(out, "  epoch:       %s\n", hex);
    sha256_hex(r->record.pk, hex);
    (void)fprintf(out, "  key:         ML-DSA-%u, any %u of %u, SHA-256 %s\n", p->level,
                  p->threshold, p->total, hex);
    if (p->classic == PLAN_CLASSIC_SHARED) {
        sha256_hex((struct view){r->record.classic.p, P384_PUBLIC_LEN}, hex);
        (void)fprintf(out, "  classic key: P-384, any %u of %u, SHA-256 %s\n", p->threshold,
                      p->total, hex);
    }
    (void)fprintf(out, "  operators:   %u of %zu\n", p->orders_needed, p->n_operators);
    print_assurance(p, out);
    print_nodes(r, out);
}

static void print_checks(const struct ceremony_report *r, FILE *out)
{
    for (size_t i = 0; i < CEREMONY_CHECKS; i++) {
        const struct ceremony_finding *f = &r->findings[i];

        if (!is_made(r, i)) {
            continue;
        }
        (void)fprintf(out, "%-4s  %s: %s", result(f->err), checks[i].name, checks[i].means);
        if (f->err != ERR_OK && f->accused != CEREMONY_NOBODY) {
            char name[PLAN_LISTEN_MAX + 1];

            text_of(r->record.plan.nodes[f->accused].name, name);
            (void)fprintf(out, " (not so: node %u, %s)", f->accused + 1U, name);
        }
        (void)fputs("\n", out);
    }
}

void ceremony_report_print(const struct ceremony_report *r, FILE *out)
{
    if (r->read != ERR_OK) {
        (void)fprintf(out, "NOT GENUINE: no record of a key ceremony (%s)\n",
                      err_name(r->read));
        return;
    }
    print_checks(r, out);
    print_facts(r, out);
    (void)fprintf(out, "%s%s\n", verdict(r),
                  r->id_differs ? ": another ceremony than the one expected" : "");
}

/* ---- JSON ---- */

static json_t *json_nodes(const struct ceremony_report *r)
{
    json_t *nodes = json_array();

    for (size_t i = 0; i < r->record.plan.total; i++) {
        const struct plan_node *n = &r->record.plan.nodes[i];
        char name[PLAN_LISTEN_MAX + 1];
        char listen[PLAN_LISTEN_MAX + 1];
        char identity[2 * P384_PUBLIC_LEN + 1];
        char signing_key[2 * PLAN_SIGNING_KEY_LEN + 1];

        text_of(n->name, name);
        text_of(n->listen, listen);
        hex_write((struct view){n->identity, sizeof n->identity}, identity);
        hex_write((struct view){n->signing_key, sizeof n->signing_key}, signing_key);
        (void)json_array_append_new(nodes,
                                    json_pack("{s:i, s:s, s:s, s:s, s:s}", "index", (int)i + 1,
                                              "name", name, "listen", listen, "identity",
                                              identity, "signing_key", signing_key));
    }
    return nodes;
}

static json_t *json_checks(const struct ceremony_report *r)
{
    json_t *list = json_array();

    for (size_t i = 0; i < CEREMONY_CHECKS; i++) {
        const struct ceremony_finding *f = &r->findings[i];
        const bool named = f->err != ERR_OK && f->accused != CEREMONY_NOBODY;

        if (is_made(r, i)) {
            (void)json_array_append_new(list,
                                        json_pack("{s:s, s:s, s:o*}", "check", checks[i].name,
                                                  "result", result(f->err), "node",
                                                  named ? json_integer(f->accused + 1) : NULL));
        }
    }
    return list;
}

json_t *ceremony_report_json(const struct ceremony_report *r)
{
    const struct plan *p = &r->record.plan;
    char id[HEX_LEN];
    char epoch[HEX_LEN];
    char key[HEX_LEN];
    char classic[HEX_LEN];
    char policy[HEX_LEN];
    const bool shared = p->classic == PLAN_CLASSIC_SHARED;

    if (r->read != ERR_OK) {
        return json_pack("{s:s, s:i, s:s}", "verdict", verdict(r), "exit_code",
                         ceremony_report_exit(r), "reason", err_name(r->read));
    }
    hex_write((struct view){r->id, sizeof r->id}, id);
    hex_write((struct view){r->record.known.epoch_id, EPOCH_ID_LEN}, epoch);
    sha256_hex(r->record.pk, key);
    if (shared) {
        sha256_hex((struct view){r->record.classic.p, P384_PUBLIC_LEN}, classic);
    }
    if (plan_is_attested(p)) {
        policy_hex(p, policy);
    }
    return json_pack("{s:s, s:i, s:b, s:s, s:s, s:i, s:i, s:i, s:s, s:s*, s:s, s:s*, s:o, s:o}",
                     "verdict", verdict(r), "exit_code", ceremony_report_exit(r), "id_differs",
                     (int)r->id_differs, "id", id, "epoch_id", epoch, "threshold",
                     (int)p->threshold, "total", (int)p->total, "level", (int)p->level,
                     "assurance", assurance(p), "policy_hash",
                     plan_is_attested(p) ? policy : NULL, "public_key_sha256", key,
                     "classic_public_key_sha256", shared ? classic : NULL, "nodes",
                     json_nodes(r), "checks", json_checks(r));
}
