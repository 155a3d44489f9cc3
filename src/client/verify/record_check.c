#include "client/verify/record_check.h"

#include "crypto/hash.h"
#include "format/oid.h"

#include <stdlib.h>

#define NS_PER_S 1000000000
#define US_PER_S 1000000

static bool has_record(const struct token *t)
{
    struct reader r;
    struct cms_attr a;

    if (t->cms_err != ERR_OK || cms_attrs_open(t->cms.signer.unsigned_attrs, &r) != ERR_OK) {
        return false;
    }
    while (cms_attrs_next(&r, &a) == ERR_OK) {
        if (oid_find(a.type) == OID_ER_INTERNAL) {
            return true;
        }
    }
    return false;
}

struct reason {
    enum err e; /* ERR_OK: all others */
    const char *text;
};

static const struct reason detach_reasons[] = {
    {ERR_EXTENSION, "two record attributes"},
    {ERR_LENGTH, "the record attribute has not exactly one value"},
    {ERR_STATE, "not exactly one SignerInfo"},
    {ERR_ENCODING, "lengths that are not of DER: what was hashed cannot be derived again"},
    {ERR_OK, "the record cannot be cut out"},
};

static const struct reason parse_reasons[] = {
    {ERR_VERSION, "EvidenceRecord is not version 1"},
    {ERR_BAD_ALG, "digestAlgorithms of the record is not SHA-512 alone"},
    {ERR_MISMATCH, "digestAlgorithm of the ArchiveTimeStamp is not SHA-512"},
    {ERR_STATE, "not exactly one ArchiveTimeStamp"},
    {ERR_EXTENSION, "a form of EvidenceRecord that is not supported here"},
    {ERR_RANGE, "the tree has a forbidden shape"},
    {ERR_LENGTH, "a value of the tree is not 64 bytes"},
    {ERR_EVIDENCE, "a value stands twice in the tree"},
    {ERR_TRAILING, "an element too many in the record"},
    {ERR_OK, "not an EvidenceRecord in DER"},
};

static const char *reason_of(const struct reason *rows, enum err e)
{
    while (rows->e != e && rows->e != ERR_OK) {
        rows++;
    }
    return rows->text;
}

static enum err read_record(struct view in, uint8_t *room, struct record *out)
{
    struct er_detached d;
    uint8_t leaf[HASH_MAX];
    enum err e = er_detach(in, room, in.n, &d);

    if (e != ERR_OK) {
        out->reason = reason_of(detach_reasons, e);
        /* Attributes and values are a shape; the form that is not supported is another matter.
         */
        return e == ERR_EXTENSION ? ERR_RANGE : e;
    }
    out->data_object = d.data_object;
    out->bytes = d.record;
    e = evidence_record_parse(d.record, &out->er);
    if (e != ERR_OK) {
        out->reason = reason_of(parse_reasons, e);
        return e;
    }
    hash_once(HASH_SHA512, d.data_object, leaf);
    e = er_path_root(&out->er.path, (struct view){leaf, ER_HASH_LEN}, out->root);
    if (e != ERR_OK) {
        out->reason = "the token is not in the first group of the tree";
    }
    return e;
}

enum err record_open(struct view in, const struct token *t, struct record *out)
{
    *out = (struct record){.present = has_record(t), .reason = ""};
    if (!out->present) {
        return ERR_OK;
    }
    out->room = malloc(in.n);
    if (out->room == NULL) {
        out->err = ERR_NOSPACE;
        return ERR_NOSPACE;
    }
    out->err = read_record(in, out->room, out);
    return ERR_OK;
}

void record_close(struct record *r)
{
    free(r->room);
    *r = (struct record){.reason = ""};
}

enum record_place record_place(const struct tst_info_view *classic,
                               const struct tst_info_view *pq, uint32_t window_s,
                               int64_t *delta_ms)
{
    int64_t s = pq->gen_time.s - classic->gen_time.s;
    int64_t ns = (int64_t)pq->gen_time.ns - (int64_t)classic->gen_time.ns;
    const uint64_t slack_us = tst_info_accuracy_us(classic) + tst_info_accuracy_us(pq) +
                              (pq->gen_time.digits == 0 ? US_PER_S : 0);

    if (ns < 0) {
        ns += NS_PER_S;
        s--;
    }
    *delta_ms = s * 1000 + ns / 1000000;
    if (s > (int64_t)window_s || (s == (int64_t)window_s && ns > 0)) {
        return RECORD_LATE;
    }
    /* Rounded down, so that early by a part of a microsecond is early. */
    const int64_t delta_us = s * US_PER_S + ns / 1000;

    return delta_us < 0 && (uint64_t)-delta_us > slack_us ? RECORD_EARLY : RECORD_IN_WINDOW;
}
