#include "base/hex.h"
#include "format/oid.h"
#include "host/ceremony/plan_ini.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put(struct writer *w, const char *text)
{
    wr_bytes(w, text, strlen(text));
}

static void put_number(struct writer *w, const char *key, uint64_t n)
{
    char text[64];

    (void)snprintf(text, sizeof text, "%s = %" PRIu64 "\n", key, n);
    put(w, text);
}

static void put_hex(struct writer *w, const char *key, const uint8_t *bytes, size_t n)
{
    char text[2 * P384_PUBLIC_LEN + 1];

    hex_write((struct view){bytes, n}, text);
    put(w, key);
    put(w, " = ");
    put(w, text);
    put(w, "\n");
}

static void print_node(const struct plan_node *n, struct writer *w)
{
    put(w, "\n[node ");
    wr_view(w, n->name);
    put(w, "]\nlisten = ");
    wr_view(w, n->listen);
    put(w, "\n");
    put_hex(w, "identity", n->identity, sizeof n->identity);
    put_hex(w, "signing_key", n->signing_key, sizeof n->signing_key);
    put_hex(w, "boot_nonce", n->boot_nonce, sizeof n->boot_nonce);
    if (n->provider.n > 0) {
        put(w, "provider = ");
        wr_view(w, n->provider);
        put(w, "\n");
    }
    for (size_t i = 0; i < n->platforms.n / PLAN_PLATFORM_LEN; i++) {
        char text[2 * PLAN_PLATFORM_LEN + 1];

        hex_write((struct view){plan_platform(n, i), PLAN_PLATFORM_LEN}, text);
        put(w, i == 0 ? "platform = " : " ");
        put(w, text);
    }
    put(w, n->platforms.n > 0 ? "\n" : "");
}

static void print_epoch(const struct plan *p, const char *policy, struct writer *w)
{
    put(w, "\n[epoch]\n");
    put_number(w, "number", p->number);
    if (p->number > 1) {
        put_hex(w, "previous", p->previous, sizeof p->previous);
    }
    put(w, "policy = ");
    put(w, policy);
    put(w, "\n");
}

static void print_policy(const struct hello_policy *p, struct writer *w)
{
    char oid[OID_TEXT_MAX];
    char text[OID_TEXT_MAX + 64];

    if (oid_to_text(p->oid, oid) != ERR_OK) {
        oid[0] = '\0';
    }
    (void)snprintf(text, sizeof text, "\n[policy %u]\nkey = %s\noid = %s\n", p->number,
                   p->key == KEY_PQ ? "pq" : "classic", oid);
    put(w, text);
    put_number(w, "digits", p->digits);
    put_number(w, "min_accuracy_ms", p->min_accuracy_ms);
    put_number(w, "max_accuracy_ms", p->max_accuracy_ms);
    if (p->ordering) {
        put(w, "ordering = yes\n");
    }
}

void plan_ini_print(const struct plan *p, const char *policy, struct writer *w)
{
    put(w,
        "# The plan of a key ceremony: docs/ceremony.md. Whoever answers for a node compares "
        "what stands\n# here with what that node says of itself, before the ceremony.\n"
        "[ceremony]\n");
    put_number(w, "threshold", p->threshold);
    put_number(w, "level", p->level);
    put(w,
        p->assurance == PLAN_ATTESTED ? "assurance = attested\n" : "assurance = simulated\n");
    put_number(w, "orders_needed", p->orders_needed);
    put_number(w, "repetitions_warn", p->repetitions_warn);
    put_number(w, "repetitions_refuse", p->repetitions_refuse);
    put(w, p->classic == PLAN_CLASSIC_SHARED ? "classic = threshold\n" : "classic = node\n");
    if (plan_is_attested(p)) {
        print_epoch(p, policy, w);
    }
    for (size_t i = 0; i < p->total; i++) {
        print_node(&p->nodes[i], w);
    }
    for (size_t i = 0; i < p->n_operators; i++) {
        char text[48];

        (void)snprintf(text, sizeof text, "\n[operator %zu]\n", i + 1);
        put(w, text);
        put_hex(w, "key", p->operators[i], P384_PUBLIC_LEN);
    }
    for (size_t i = 0; i < p->n_policies; i++) {
        print_policy(&p->policies[i], w);
    }
}
