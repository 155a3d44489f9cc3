#include "client/status/time_facts.h"

#include "client/kit/diag.h"

#include <jansson.h>
#include <string.h>

/* Foreign text for a terminal; "" where there is none. */
static void take_text(const json_t *o, const char *name, char out[TIME_FACTS_TEXT_MAX])
{
    const char *const text = json_string_value(json_object_get(o, name));
    const size_t n = text != NULL ? strlen(text) : 0;

    diag_escape((struct view){(const uint8_t *)text, n}, out, TIME_FACTS_TEXT_MAX);
}

static bool take_number(const json_t *o, const char *name, int64_t *out)
{
    const json_t *const j = json_object_get(o, name);

    *out = json_is_integer(j) ? (int64_t)json_integer_value(j) : 0;
    return json_is_integer(j);
}

static enum err take_node(const json_t *o, struct node_time *n)
{
    int64_t since;

    if (!json_is_object(o) || !take_number(o, "node", &n->node) ||
        !json_is_boolean(json_object_get(o, "known"))) {
        return ERR_ENCODING;
    }
    n->known = json_is_true(json_object_get(o, "known"));
    take_text(o, "last_err", n->last_err);
    if (!n->known) {
        return ERR_OK;
    }
    take_text(o, "clock", n->clock);
    take_text(o, "state", n->state);
    take_text(o, "reason", n->reason);
    n->valid = take_number(o, "offset_ns", &n->offset_ns);
    n->span = take_number(o, "half_width_ns", &n->half_width_ns);
    n->holdover = take_number(o, "holdover_since", &since);
    return take_number(o, "sources", &n->sources) && take_number(o, "agreeing", &n->agreeing)
               ? ERR_OK
               : ERR_ENCODING;
}

/* A front of before has none. */
static enum err take_reenrolled(const json_t *root, unsigned *out)
{
    const json_t *const indices = json_object_get(root, "reenrolled");

    for (size_t i = 0; i < json_array_size(indices); i++) {
        const json_t *const j = json_array_get(indices, i);
        const json_int_t at = json_is_integer(j) ? json_integer_value(j) : 0;

        if (at < 1 || at > TIME_FACTS_NODES_MAX) {
            return ERR_ENCODING;
        }
        *out |= 1U << (unsigned)(at - 1);
    }
    return ERR_OK;
}

static enum err take_all(const json_t *root, struct time_facts *out)
{
    const json_t *const nodes = json_object_get(root, "nodes");

    if (!json_is_array(nodes) || !json_is_boolean(json_object_get(root, "ready"))) {
        return ERR_ENCODING;
    }
    if (json_array_size(nodes) > TIME_FACTS_NODES_MAX) {
        return ERR_NOSPACE;
    }
    out->ready = json_is_true(json_object_get(root, "ready"));
    take_text(root, "reason", out->reason);
    take_text(root, "degraded", out->degraded);
    take_text(root, "node_id", out->node_id);
    TRY(take_reenrolled(root, &out->reenrolled));
    for (size_t i = 0; i < json_array_size(nodes); i++) {
        TRY(take_node(json_array_get(nodes, i), &out->nodes[i]));
    }
    out->n = json_array_size(nodes);
    return ERR_OK;
}

enum err time_facts_parse(struct view json, struct time_facts *out)
{
    json_t *const root = json_loadb((const char *)json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
    enum err e;

    *out = (struct time_facts){0};
    e = root != NULL ? take_all(root, out) : ERR_ENCODING;
    json_decref(root);
    if (e != ERR_OK) {
        *out = (struct time_facts){0};
    }
    return e;
}
