#include "client/audit/core_log.h"

#include <string.h>

static const struct {
    const char *text;
    enum err err;
} rows[] = {[CORE_LOG_OK] = {"ok", ERR_OK},
#define CORE_LOG_ROW(name, text, err) [name] = {text, err},
            CORE_LOG_FAULTS(CORE_LOG_ROW)
#undef CORE_LOG_ROW
};

const char *core_log_fault_text(enum core_log_fault f)
{
    return rows[f].text;
}

enum err core_log_fault_err(enum core_log_fault f)
{
    return rows[f].err;
}

static bool same_head(const struct audit_head *a, const struct audit_head *b)
{
    return a->seq == b->seq && memcmp(a->hash, b->hash, sizeof a->hash) == 0 &&
           memcmp(a->signature, b->signature, sizeof a->signature) == 0;
}

static enum core_log_fault take_names(struct core_log *w, const struct audit_log_page *p)
{
    if (!w->begun) {
        memcpy(w->facts->boot_nonce, p->boot_nonce, sizeof p->boot_nonce);
        memcpy(w->facts->audit_key, p->audit_key, sizeof p->audit_key);
        audit_chain_begin(&w->chain, p->boot_nonce, p->audit_key);
        w->begun = true;
    }
    if (memcmp(w->facts->boot_nonce, p->boot_nonce, sizeof p->boot_nonce) != 0) {
        return CORE_LOG_BOOT;
    }
    return memcmp(w->facts->audit_key, p->audit_key, sizeof p->audit_key) == 0 ? CORE_LOG_OK
                                                                               : CORE_LOG_KEY;
}

static enum core_log_fault take_head(struct core_log *w, const struct audit_log_page *p)
{
    struct audit_chain signed_chain;
    uint8_t digest[P384_DIGEST_LEN];

    if (same_head(&w->last, &p->head)) {
        return CORE_LOG_OK;
    }
    memcpy(signed_chain.boot_nonce, p->boot_nonce, sizeof p->boot_nonce);
    memcpy(signed_chain.hash, p->head.hash, sizeof p->head.hash);
    signed_chain.seq = p->head.seq;
    audit_chain_digest(&signed_chain, digest);
    if (p384_verify(p->audit_key, digest, p->head.signature) != ERR_OK) {
        return CORE_LOG_SIGNATURE;
    }
    w->last = p->head;
    if (p->head.seq > w->facts->signed_until) {
        w->facts->signed_until = p->head.seq;
    }
    return CORE_LOG_OK;
}

/* The chain is at head: it proves all entries up to there, or that they are others. */
static enum core_log_fault compare(struct core_log *w, const struct audit_head *head)
{
    if (memcmp(w->chain.hash, head->hash, sizeof head->hash) != 0) {
        return CORE_LOG_ALTERED;
    }
    w->facts->proven = w->chain.seq;
    w->proven = w->entry;
    return CORE_LOG_OK;
}

static void note_reenrol(struct core_log_facts *f, const struct audit_entry *e)
{
    struct core_log_reenrol *const last =
        f->n_reenrols > 0 ? &f->reenrols[f->n_reenrols - 1] : NULL;

    if (e->event == AUDIT_REENROL && f->n_reenrols < REENROL_TAKEN_MAX) {
        struct core_log_reenrol *const r = &f->reenrols[f->n_reenrols++];

        *r = (struct core_log_reenrol){.seq = e->seq, .index = e->a, .incarnation = e->b};
        memcpy(r->order, e->data, e->data_len == sizeof r->order ? sizeof r->order : 0);
    } else if (e->event == AUDIT_REENROL_BY && last != NULL && !last->told &&
               last->index == e->a) {
        last->seq = e->seq;
        last->told = true;
        last->helpers = e->b;
        memcpy(last->machine, e->data,
               e->data_len == sizeof last->machine ? sizeof last->machine : 0);
    }
}

static enum core_log_fault take_entry(struct core_log *w, const struct audit_entry *e)
{
    if (e->seq != w->chain.seq + 1) {
        return e->seq > w->chain.seq ? CORE_LOG_MISSING : CORE_LOG_ORDER;
    }
    audit_chain_add(&w->chain, e);
    w->entry = *e;
    note_reenrol(w->facts, e);
    if (e->seq == 1) {
        w->facts->from_ns = e->time_ns;
    }
    if (w->awaits && w->chain.seq == w->awaited.seq) {
        w->awaits = false;
        return compare(w, &w->awaited);
    }
    return CORE_LOG_OK;
}

static enum core_log_fault take_page(struct core_log *w, const struct audit_log_page *p)
{
    enum core_log_fault f = take_names(w, p);

    if (f == CORE_LOG_OK) {
        f = take_head(w, p);
    }
    for (size_t i = 0; f == CORE_LOG_OK && i < p->n; i++) {
        f = take_entry(w, &p->entries[i]);
    }
    if (f != CORE_LOG_OK) {
        return f;
    }
    if (p->head.seq == w->chain.seq) {
        return compare(w, &p->head);
    }
    if (p->head.seq > w->chain.seq && !w->awaits) {
        w->awaits = true;
        w->awaited = p->head;
    }
    return CORE_LOG_OK;
}

void core_log_begin(struct core_log *l, struct core_log_facts *facts)
{
    memset(facts, 0, sizeof *facts);
    *l = (struct core_log){.facts = facts};
}

enum core_log_fault core_log_take(struct core_log *l, struct view file)
{
    static struct audit_log_page p;
    struct reader r;
    struct view bytes;

    if (audit_file_begin(file, &r) != ERR_OK || r.n == 0) {
        return CORE_LOG_FORM;
    }
    while (r.n > 0) {
        enum core_log_fault f = CORE_LOG_FORM;

        if (audit_file_next(&r, &bytes) == ERR_OK &&
            audit_log_page_decode(bytes, &p) == ERR_OK) {
            f = take_page(l, &p);
        }
        if (f != CORE_LOG_OK) {
            return f;
        }
    }
    return CORE_LOG_OK;
}

enum core_log_fault core_log_end(struct core_log *l, enum core_log_fault f)
{
    while (l->facts->n_reenrols > 0 &&
           l->facts->reenrols[l->facts->n_reenrols - 1].seq > l->facts->proven) {
        l->facts->n_reenrols--;
    }
    l->facts->at = l->chain.seq;
    l->facts->until_ns = l->proven.time_ns;
    l->facts->retired = l->proven.event == AUDIT_STATE && l->proven.b == CORE_RETIRED;
    return f == CORE_LOG_OK && l->chain.seq < l->facts->signed_until ? CORE_LOG_CUT : f;
}
