#include "silicon/tsm_sim.h"

#include <string.h>

static enum tsm_fault report(struct tsm_provider *p, const uint8_t report_data[TSM_ASKED_LEN],
                             struct tsm_answer *out)
{
    struct tsm_sim *const s = (struct tsm_sim *)p;
    struct view table = {NULL, 0};

    memset(out, 0, sizeof *out);
    if (s->busy > 0) {
        s->busy--;
        return TSM_BUSY;
    }
    out->format = TSM_FORMAT_SNP;
    if (silicon_report(s->chip, report_data, out->report) != ERR_OK ||
        silicon_table(s->chip, out->certs, sizeof out->certs, &table) != ERR_OK) {
        memset(out, 0, sizeof *out);
        return TSM_KERNEL;
    }
    out->report_len = SNP_REPORT_LEN;
    out->certs_len = table.n;
    return TSM_OK;
}

static void end(struct tsm_provider *p)
{
    struct tsm_sim *const s = (struct tsm_sim *)p;

    silicon_free(s->chip);
    memset(s, 0, sizeof *s);
}

void tsm_sim_open(struct silicon *chip, struct tsm_sim *out)
{
    *out = (struct tsm_sim){.base = {report, end, "sim", true}, .chip = chip};
}
