#include "os/tsm_tdx_guest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define REPORTDATA_AT 128 /* of REPORTMACSTRUCT, with which a TDREPORT begins */
#define REPORT_TYPE_TDX 0x81

static enum tsm_fault check_tdreport(const struct tsm_tdx_guest *g,
                                     const uint8_t report_data[TSM_ASKED_LEN])
{
    uint8_t request[TSM_ASKED_LEN + TSM_TDREPORT_LEN] = {0};
    const uint8_t *const report = request + TSM_ASKED_LEN;

    memcpy(request, report_data, TSM_ASKED_LEN);
    if (g->sys->ioctl(g->sys->self, g->fd, TSM_TDX_GET_REPORT0, request) != 0) {
        return tsm_fault_of_errno(errno);
    }
    return report[0] == REPORT_TYPE_TDX &&
                   memcmp(report + REPORTDATA_AT, report_data, TSM_ASKED_LEN) == 0
               ? TSM_OK
               : TSM_ANSWER;
}

static enum tsm_fault report(struct tsm_provider *p, const uint8_t report_data[TSM_ASKED_LEN],
                             struct tsm_answer *out)
{
    struct tsm_tdx_guest *const g = (struct tsm_tdx_guest *)p;

    memset(out, 0, sizeof *out);
    TSM_TRY(check_tdreport(g, report_data));
    return g->folder.base.report(&g->folder.base, report_data, out);
}

static void end(struct tsm_provider *p)
{
    struct tsm_tdx_guest *const g = (struct tsm_tdx_guest *)p;

    g->folder.base.close(&g->folder.base);
    (void)g->sys->close(g->sys->self, g->fd);
    memset(g, 0, sizeof *g);
}

enum tsm_fault tsm_tdx_guest_open(const struct tsm_sys *sys, const char *device,
                                  const char *root, const char *name, struct tsm_tdx_guest *out)
{
    memset(out, 0, sizeof *out);
    const int fd = sys->open(sys->self, device, O_RDWR);

    if (fd < 0) {
        return tsm_fault_of_errno(errno);
    }
    const enum tsm_fault f = tsm_configfs_open(sys, root, name, TSM_FORMAT_TDX, &out->folder);

    if (f != TSM_OK) {
        (void)sys->close(sys->self, fd);
        memset(out, 0, sizeof *out);
        return f == TSM_ABSENT ? TSM_NO_QUOTE : f;
    }
    out->sys = sys;
    out->fd = fd;
    out->base = (struct tsm_provider){report, end, "tdx-guest", false};
    return TSM_OK;
}
