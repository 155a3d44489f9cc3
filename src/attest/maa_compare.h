/* maa_compare.h - a token beside our own verdict: for each thing that both speak of, whether
 * they say the same. It makes no evidence good that was refused. */
#ifndef ATTEST_MAA_COMPARE_H
#define ATTEST_MAA_COMPARE_H

#include "attest/azure_judge.h"
#include "attest/maa_token.h"

#define MAA_ROWS_MAX 24

enum maa_answer {
    MAA_ABSENT = 0, /* it does not say */
    MAA_AGREES,
    MAA_DISAGREES,
};

struct maa_row {
    const char *claim; /* its name in the token */
    enum maa_answer answer;
};

struct maa_rows {
    size_t n;
    struct maa_row rows[MAA_ROWS_MAX];
};

/* Compares; rows are there whatever it returns but ATTEST_MAA_TYPE.
 *
 * ATTEST_MAA_TYPE: the token is of no guest on SEV-SNP. ATTEST_MAA_DISAGREES: it says otherwise
 * in something, or says nothing of REPORT_DATA or MEASUREMENT. */
MUST_CHECK enum attest_fault maa_compare(const struct maa_token *token,
                                         const struct azure_claims *claims,
                                         struct maa_rows *out);

#endif
