#include "attest/snp_manifest.h"

#include <string.h>

const char *const snp_manifest_files[SNP_MANIFEST_FILES] = {"quorate-core", "quorate-timed",
                                                            "quorate-tsm"};

void snp_manifest_init(struct snp_manifest *m)
{
    memset(m, 0, sizeof *m);
}

static void end_page(struct snp_manifest *m)
{
    snp_launch_add_page(m->ld, m->gpa, m->page);
    m->gpa += OVMF_PAGE_LEN;
    memset(m->page, 0, sizeof m->page);
    m->fill = 0;
}

void snp_manifest_add(struct snp_manifest *m, const void *p, size_t n)
{
    struct reader r = rd_init((struct view){p, n});

    m->file_len += n;
    while (r.n > 0) {
        const size_t room = sizeof m->page - m->fill;
        const size_t take = r.n < room ? r.n : room;

        if (rd_copy(&r, m->page + m->fill, take) != ERR_OK) {
            return; /* it is there */
        }
        m->fill += take;
        if (m->fill == sizeof m->page) {
            end_page(m);
        }
    }
}

void snp_manifest_end_file(struct snp_manifest *m, const char *name)
{
    const size_t room = sizeof m->page - sizeof m->file_len;
    struct writer w;

    if (m->fill > 0) {
        end_page(m);
    }
    w = wr_init(m->page, sizeof m->page);
    wr_u64le(&w, m->file_len);
    wr_bytes(&w, name, strnlen(name, room));
    end_page(m);
    m->file_len = 0;
}

void snp_manifest_final(struct snp_manifest *m, uint8_t out[SNP_MEASUREMENT_LEN])
{
    const struct snp_launch vcpu = {.cpu_signature = snp_launch_cpu(SNP_SIM_FAMILY, 0, 0),
                                    .features = SNP_FEATURE_SNP_ACTIVE};

    snp_launch_add_vcpu(m->ld, &vcpu);
    memcpy(out, m->ld, SNP_MEASUREMENT_LEN);
    snp_manifest_init(m);
}
