#include "host/ceremony/relay_queue.h"

#include <stdlib.h>
#include <string.h>

static size_t cost(const struct relay_message *m)
{
    return sizeof *m + m->n;
}

/* Frees those that nobody waits for any more. */
static void sweep(struct relay *r)
{
    struct relay_message **at = &r->first;

    r->last = NULL;
    while (*at != NULL) {
        struct relay_message *m = *at;

        if (m->waiting == 0) {
            r->nodes[m->sender].held -= cost(m);
            *at = m->next;
            free(m);
        } else {
            r->last = m;
            at = &m->next;
        }
    }
}

void relay_queue_forget(struct relay *r, uint8_t nodes)
{
    for (struct relay_message *m = r->first; m != NULL; m = m->next) {
        m->waiting &= (uint8_t)~nodes;
    }
    sweep(r);
}

bool relay_queue_waits(const struct relay *r, uint8_t node)
{
    for (const struct relay_message *m = r->first; m != NULL; m = m->next) {
        if ((m->waiting >> node & 1) != 0) {
            return true;
        }
    }
    return false;
}

static uint8_t receivers(const struct relay *r, const struct ceremony_msg *m)
{
    uint8_t mask = 0;

    for (uint8_t i = 0; i < r->total; i++) {
        if (i != m->sender && (m->to == CEREMONY_TO_ALL || m->to == i) &&
            r->nodes[i].said.state != CEREMONY_ABORTED) {
            mask |= (uint8_t)(1U << i);
        }
    }
    return mask;
}

static enum err keep(struct relay *r, const struct ceremony_msg *m)
{
    struct relay_message *one = NULL;
    const uint8_t waiting = receivers(r, m);

    if (waiting == 0) {
        return ERR_OK;
    }
    if (r->nodes[m->sender].held + sizeof *one + m->whole.n > RELAY_SENDER_MAX) {
        return ERR_RATE;
    }
    one = malloc(sizeof *one + m->whole.n);
    if (one == NULL) {
        return ERR_NOSPACE;
    }
    *one = (struct relay_message){.sender = m->sender, .waiting = waiting, .n = m->whole.n};
    memcpy(one->bytes, m->whole.p, m->whole.n);
    if (r->last == NULL) {
        r->first = one;
    } else {
        r->last->next = one;
    }
    r->last = one;
    r->nodes[m->sender].held += cost(one);
    return ERR_OK;
}

enum err relay_queue_take(struct relay *r, uint8_t node, struct view messages)
{
    struct reader reader = rd_init(messages);
    struct ceremony_msg m;

    while (reader.n > 0) {
        TRY(ceremony_msg_decode(&reader, &m));
        if (m.sender != node || (m.to != CEREMONY_TO_ALL && m.to >= r->total)) {
            return ERR_TYPE;
        }
        TRY(keep(r, &m));
    }
    return ERR_OK;
}

void relay_queue_give(struct relay *r, uint8_t node, struct writer *body)
{
    const size_t start = body->len;

    for (struct relay_message *m = r->first; m != NULL; m = m->next) {
        if ((m->waiting >> node & 1) == 0) {
            continue;
        }
        if (body->len - start + m->n > FRAME_BODY_LONG_MAX) {
            break;
        }
        wr_bytes(body, m->bytes, m->n);
        m->waiting &= (uint8_t) ~(1U << node);
    }
    sweep(r);
}
