#include "attest/attest_fault.h"

static const struct {
    const char *name;
    enum err err;
} rows[ATTEST_FAULT_COUNT] = {[ATTEST_OK] = {"ok", ERR_OK},
#define ATTEST_FAULT_ROW(name, text, err) [name] = {text, err},
                              ATTEST_FAULTS(ATTEST_FAULT_ROW)
#undef ATTEST_FAULT_ROW
};

const char *attest_fault_name(enum attest_fault f)
{
    return f < ATTEST_FAULT_COUNT ? rows[f].name : "unknown";
}

enum err attest_fault_err(enum attest_fault f)
{
    return f < ATTEST_FAULT_COUNT ? rows[f].err : ERR_BUG;
}
