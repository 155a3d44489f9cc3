#include "client/token/binding_facts.h"

#include "base/hex.h"
#include "client/token/key_facts.h"
#include "format/cert_ids.h"
#include "format/quorate_binding.h"

#define HEX_LEN (2 * QUORATE_BINDING_HASH_LEN + 1)

struct found {
    enum err e; /* ERR_EXTENSION: there is none */
    struct quorate_binding b;
    char epoch[HEX_LEN];
    char others[QUORATE_BINDING_KEYS_MAX][HEX_LEN];
    char own[2 * HASH_MAX + 1];
    char policy[HEX_LEN], record[HEX_LEN];
    char code[QUORATE_BINDING_MEASUREMENTS_MAX][HEX_LEN];
};

static enum err find(struct view cert, struct found *f)
{
    struct cert_ids ids;
    struct extension x;

    if (cert_ids_parse(cert, &ids) != ERR_OK) {
        return ERR_EXTENSION;
    }
    TRY(cert_ids_extension(&ids, OID_OUR_BINDING, &x));
    TRY(quorate_binding_parse(x.value, &f->b));
    hex_write(f->b.epoch_id, f->epoch);
    for (size_t i = 0; i < f->b.n_other_keys; i++) {
        hex_write(f->b.other_keys[i], f->others[i]);
    }
    hex_write(f->b.policy_hash, f->policy);
    hex_write(f->b.record_id, f->record);
    for (size_t i = 0; i < f->b.n_measurements; i++) {
        hex_write(f->b.measurements[i], f->code[i]);
    }
    key_facts_hash(ids.spki, f->own);
    return ERR_OK;
}

void binding_facts_print(struct view cert, FILE *out)
{
    struct found f = {.e = ERR_OK};

    f.e = find(cert, &f);
    if (f.e == ERR_EXTENSION) {
        return;
    }
    if (f.e != ERR_OK) {
        (void)fprintf(out, "    binding:   unreadable (%s)\n", err_name(f.e));
        return;
    }
    (void)fprintf(out, "    binding:   %u of %u signers, assurance %s\n",
                  (unsigned)f.b.threshold, (unsigned)f.b.total,
                  quorate_assurance_name(f.b.assurance));
    (void)fprintf(out, "    epoch:     %s\n    this key:  %s\n", f.epoch, f.own);
    for (size_t i = 0; i < f.b.n_other_keys; i++) {
        (void)fprintf(out, "    other key: %s\n", f.others[i]);
    }
    if (f.b.policy_hash.n > 0) {
        (void)fprintf(out, "    policy:    %s\n", f.policy);
    }
    for (size_t i = 0; i < f.b.n_measurements; i++) {
        (void)fprintf(out, "    code:      %s\n", f.code[i]);
    }
    if (f.b.record_id.n > 0) {
        (void)fprintf(out, "    ceremony:  %s\n", f.record);
    }
}

/* What only an attested authority has. */
static void add_attested(const struct found *f, json_t *j)
{
    json_t *const code = json_array();

    for (size_t i = 0; i < f->b.n_measurements; i++) {
        (void)json_array_append_new(code, json_string(f->code[i]));
    }
    if (f->b.policy_hash.n > 0) {
        (void)json_object_set_new(j, "policy_hash", json_string(f->policy));
        (void)json_object_set(j, "measurements", code);
    }
    if (f->b.record_id.n > 0) {
        (void)json_object_set_new(j, "record_id", json_string(f->record));
    }
    json_decref(code);
}

json_t *binding_facts_json(struct view cert)
{
    struct found f = {.e = ERR_OK};

    f.e = find(cert, &f);
    if (f.e == ERR_EXTENSION) {
        return NULL;
    }
    if (f.e != ERR_OK) {
        return json_pack("{s:s}", "error", err_name(f.e));
    }
    json_t *others = json_array();

    for (size_t i = 0; i < f.b.n_other_keys; i++) {
        (void)json_array_append_new(others, json_string(f.others[i]));
    }
    json_t *const j =
        json_pack("{s:i, s:s, s:s, s:o, s:i, s:i, s:s}", "version", 1, "epoch_id", f.epoch,
                  "spki_sha384", f.own, "other_keys", others, "threshold", (int)f.b.threshold,
                  "total", (int)f.b.total, "assurance", quorate_assurance_name(f.b.assurance));

    add_attested(&f, j);
    return j;
}
