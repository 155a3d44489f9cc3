/* evidence_record.h - EvidenceRecord of RFC 4998 (IMPLICIT TAGS) in the one form of a hybrid
 * token: one chain, one ArchiveTimeStamp, SHA-512.
 *
 * EvidenceRecord ::= SEQUENCE { version INTEGER (1),
 *     digestAlgorithms SEQUENCE OF AlgorithmIdentifier, cryptoInfos [0], encryptionInfo [1],
 *     archiveTimeStampSequence SEQUENCE OF SEQUENCE OF ArchiveTimeStamp }
 * ArchiveTimeStamp ::= SEQUENCE { digestAlgorithm [0] OPTIONAL, attributes [1] OPTIONAL,
 *     reducedHashtree [2] SEQUENCE OF SEQUENCE OF OCTET STRING OPTIONAL,
 *     timeStamp ContentInfo } */
#ifndef FORMAT_EVIDENCE_RECORD_H
#define FORMAT_EVIDENCE_RECORD_H

#include "format/er_tree.h"

/* Bytes of a record around its time-stamp, and of the deepest path that we write. */
#define EVIDENCE_RECORD_FRAME_MAX 1024

/* Views point into the parsed bytes. */
struct evidence_record {
    bool has_digest_alg;    /* of the ArchiveTimeStamp; the imprint's counts if absent */
    struct er_path path;    /* n_first == 0: no reducedHashtree */
    struct view time_stamp; /* ContentInfo of id-signedData, whole */
};

/* Appends the record: digestAlgorithm written, groups as they are. time_stamp is a DER
 * ContentInfo. ERR_RANGE: the path is not of the form that er_tree_path() gives; ERR_LENGTH,
 * ERR_EVIDENCE as er_path_check(). w is untouched by these. ERR_NOSPACE is kept in w. */
MUST_CHECK enum err evidence_record_write(struct writer *w, const struct er_path *path,
                                          struct view time_stamp);

/* Parses one EvidenceRecord and nothing after it. On failure *out is all zero.
 *
 * ERR_TRUNCATED, ERR_TAG, ERR_ENCODING: not strict DER of that form. ERR_TRAILING: an element
 * or bytes too many. ERR_VERSION: not version 1. ERR_BAD_ALG: digestAlgorithms is not SHA-512
 * alone, without parameters. ERR_MISMATCH: the ArchiveTimeStamp's digestAlgorithm is another.
 * ERR_EXTENSION: cryptoInfos, encryptionInfo or attributes: known to RFC 4998, not supported
 * here. ERR_STATE: more than one ArchiveTimeStamp. ERR_RANGE: the shape of the tree: an empty
 * list or group, a first group of over two values or of one and no other group, a later group
 * of another number than one, over ER_GROUPS_MAX groups. ERR_LENGTH: a value is not 64 bytes.
 * ERR_EVIDENCE: two equal values. ERR_TYPE: timeStamp is not id-signedData. */
MUST_CHECK enum err evidence_record_parse(struct view in, struct evidence_record *out);

#endif
