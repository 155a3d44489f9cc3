/* rt_message.h - Roughtime messages: tags and values, RFC 10049 4. All integers are
 * little-endian. */
#ifndef ENCLAVE_ROUGHTIME_RT_MESSAGE_H
#define ENCLAVE_ROUGHTIME_RT_MESSAGE_H

#include "base/bytes.h"

#define RT_TAGS_MAX 16 /* of one message; a reply has seven */
#define RT_PACKET_HEADER_LEN 12

/* RFC 10049 10.2: the four bytes of the name. */
enum rt_tag {
    RT_SIG = 0x00474953,
    RT_VER = 0x00524556,
    RT_SRV = 0x00565253,
    RT_NONC = 0x434e4f4e,
    RT_DELE = 0x454c4544,
    RT_TYPE = 0x45505954,
    RT_PATH = 0x48544150,
    RT_RADI = 0x49444152,
    RT_PUBK = 0x4b425550,
    RT_MIDP = 0x5044494d,
    RT_SREP = 0x50455253,
    RT_VERS = 0x53524556,
    RT_MINT = 0x544e494d,
    RT_ROOT = 0x544f4f52,
    RT_CERT = 0x54524543,
    RT_MAXT = 0x5458414d,
    RT_INDX = 0x58444e49,
    RT_ZZZZ = 0x5a5a5a5a
};

struct rt_item {
    uint32_t tag;
    struct view value; /* a multiple of four bytes */
};

struct rt_message {
    size_t n;
    struct rt_item items[RT_TAGS_MAX];
};

/* Reads one message and nothing after it; values point into it. On failure *out is all zero.
 * ERR_TRUNCATED: it says more than is there. ERR_NOSPACE: more than RT_TAGS_MAX tags.
 * ERR_ENCODING: no tag, tags that do not ascend, a value that begins before the last one or is
 * no multiple of four bytes. */
MUST_CHECK enum err rt_message_parse(struct view in, struct rt_message *out);

/* Takes the header of a packet off: "ROUGHTIM" and the length of the message, which is all that
 * follows. ERR_TRUNCATED, ERR_TRAILING. ERR_TAG: another name. *message is empty then. */
MUST_CHECK enum err rt_packet_parse(struct view in, struct view *message);

/* The value of a tag, of that length. ERR_TAG: it is not there. ERR_LENGTH: another length.
 * *out is empty then. */
MUST_CHECK enum err rt_message_find(const struct rt_message *m, enum rt_tag tag, size_t n,
                                    struct view *out);
/* The same of any length. ERR_TAG. */
MUST_CHECK enum err rt_message_any(const struct rt_message *m, enum rt_tag tag,
                                   struct view *out);
/* A number of four or eight bytes. As rt_message_find(); *out is 0 on failure. */
MUST_CHECK enum err rt_message_u32(const struct rt_message *m, enum rt_tag tag, uint32_t *out);
MUST_CHECK enum err rt_message_u64(const struct rt_message *m, enum rt_tag tag, uint64_t *out);

/* Writes a message; its tags ascend and its values are multiples of four bytes. */
void rt_message_write(struct writer *w, const struct rt_item *items, size_t n);
/* The header of a packet whose message has n bytes. */
void rt_packet_begin(struct writer *w, size_t n);

#endif
