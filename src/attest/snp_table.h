/* snp_table.h - the certificates that a host gives with a report: auxblob of configfs-tsm, the
 * extended report of /dev/sev-guest (GHCB specification 4.1.8.1). The host wrote it: nothing in
 * it is believed, what it holds is verified. */
#ifndef ATTEST_SNP_TABLE_H
#define ATTEST_SNP_TABLE_H

#include "attest/attest_fault.h"
#include "base/bytes.h"

#define SNP_TABLE_MAX 32768 /* bytes: what the kernel passes at most */
#define SNP_TABLE_ENTRIES_MAX 16

/* Views point into the parsed bytes; n == 0: it is not there. */
struct snp_table {
    struct view vcek, vlek, ask, ark,
        crl; /* DER, not looked at; ask is also who issues VLEKs */
};

/* Reads entries of {GUID, offset, length}, ended by one of zeros. Those of other GUIDs are held
 * to the same bounds and left out. Bytes that no entry names may follow. On failure *out is all
 * zero.
 *
 * ATTEST_TABLE_SIZE: over SNP_TABLE_MAX bytes. ATTEST_TABLE_END: no entry of zeros ends it.
 * ATTEST_TABLE_ENTRIES: over SNP_TABLE_ENTRIES_MAX. ATTEST_TABLE_RANGE: an entry that is empty,
 * lies in the head or ends behind the table. ATTEST_TABLE_OVERLAP: two entries share bytes.
 * ATTEST_TABLE_TWICE: a GUID that stands twice. */
MUST_CHECK enum attest_fault snp_table_parse(struct view in, struct snp_table *out);

#endif
