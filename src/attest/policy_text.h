/* policy_text.h - the form of a policy: sections, in them keys with values, all of them
 * printable ASCII. One text says what is demanded of every kind of evidence, each kind in
 * sections of its own. Who reads one kind passes over the sections of the others, whose names
 * are known here; a name that nobody knows is refused by all. */
#ifndef ATTEST_POLICY_TEXT_H
#define ATTEST_POLICY_TEXT_H

#include "attest/attest_fault.h"
#include "base/bytes.h"

#define POLICY_TEXT_MAX 16384 /* bytes */
#define POLICY_HASH_LEN 48    /* SHA-384 of the text, byte by byte */
#define POLICY_FORM_KEYS 64   /* a form has no more */

#define POLICY_SECTION_TOP 0 /* before the first section: "version = 1" and nothing else */

struct policy_key {
    const char *name;
    unsigned section; /* as begin() numbers them */
    bool list, optional;
};

/* What one kind of evidence has in a policy. */
struct policy_form {
    const struct policy_key *keys;
    size_t n_keys;
    /* A section begins; *section is POLICY_SECTION_TOP. It becomes a number from 1, or stays
     * where that section is another's. ATTEST_POLICY_SECTION: twice. */
    enum attest_fault (*begin)(void *out, struct view name, unsigned *section);
    /* A key of the section that began last has that value, which is not empty. */
    enum attest_fault (*set)(void *out, size_t key, struct view value);
};

/* Reads a text and nothing after it by that form. *at is the line at which it ended, from 1.
 *
 * ATTEST_POLICY_SIZE: over POLICY_TEXT_MAX, or empty. ATTEST_POLICY_SYNTAX: neither a section,
 * nor key = value, nor a comment of its own line; a byte that is not printable ASCII.
 * ATTEST_POLICY_SECTION: of nobody. ATTEST_POLICY_KEY: unknown in that section.
 * ATTEST_POLICY_TWICE: a key that stands twice and is no list. ATTEST_POLICY_VALUE: empty, or
 * another version. ATTEST_POLICY_MISSING: a key of a section that is there. And what begin()
 * and set() refuse. */
MUST_CHECK enum attest_fault policy_text_read(struct view text, const struct policy_form *form,
                                              void *out, unsigned *at);

/* ---- values: whether v has that form, and what it says ---- */

/* A number in base 10, up to max, without leading zeros. */
bool policy_text_u32(struct view v, uint32_t max, uint32_t *out);

/* 0x and digits. */
bool policy_text_mask(struct view v, uint64_t *out);

/* Exactly n bytes of lower-case hexadecimal text. */
bool policy_text_hex(struct view v, uint8_t *out, size_t n);

/* n numbers up to 255 with dots between them. */
bool policy_text_dotted(struct view v, uint8_t *out, size_t n);

/* One of two words. */
bool policy_text_choice(struct view v, const char *no, const char *yes, bool *out);

/* ATTEST_POLICY_VALUE, unless good. */
enum attest_fault policy_text_formed(bool good);

#endif
