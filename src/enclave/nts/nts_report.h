/* nts_report.h - from what sources said to the sample that the core gets. */
#ifndef ENCLAVE_NTS_NTS_REPORT_H
#define ENCLAVE_NTS_NTS_REPORT_H

#include "enclave/clock/leap_table.h"
#include "enclave/nts/nts_source.h"

/* A bound in UTC as a span in TAI. ERR_TIME: it is of a time near a leap second, when a UTC
 * time stamp may mean two seconds. ERR_RANGE: outside the table. *out is zero then. */
MUST_CHECK enum err nts_report_span(const struct leap_table *t, const struct nts_bound *b,
                                    struct nts_span *out);

/* The sample at now_ns with a row for each of n sources; names[i] is the row's name. */
void nts_report(const struct nts_source *const *sources, const char *const *names, size_t n,
                int64_t now_ns, uint64_t seq, struct time_report *out);

#endif
