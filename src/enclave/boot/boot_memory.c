#include "enclave/boot/boot_memory.h"

#define PAGE 4096

static size_t whole_pages(size_t n)
{
    return (n + PAGE - 1) / PAGE * PAGE;
}

/* The next n bytes. */
static size_t take(struct boot_layout *l, size_t n)
{
    const size_t at = l->whole;

    l->whole += n;
    return at;
}

/* p384_signer_size() is in whole pages, too. */
struct boot_layout boot_layout(const struct boot_args *a, size_t workers)
{
    struct boot_layout l = {.whole = whole_pages(sizeof(struct boot_memory))};

    l.signers = take(&l, workers * p384_signer_size());
    l.audit_signer = take(&l, p384_signer_size());
    if (a->member) {
        l.member_signer = take(&l, p384_signer_size());
        l.presign_signer = take(&l, p384_signer_size());
        l.member = take(&l, whole_pages(core_member_size()));
        l.areas = take(&l, whole_pages(sizeof(uint8_t[LIMIT_AREAS][LIMIT_AREA_LEN])));
        l.pq_workers = take(&l, workers * sizeof(struct pq_worker));
    } else if (boot_args_use(a, KEY_PQ)) {
        l.pq = take(&l, sizeof(struct boot_pq) + workers * sizeof(struct pq_signer));
    }
    if (a->tsm_listener != 0) {
        l.desk = take(&l, whole_pages(sizeof(struct tsm_desk)));
    }
    return l;
}
