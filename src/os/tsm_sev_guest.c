#include "os/tsm_sev_guest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define MSG_VERSION 1
#define VMM_INVALID_LEN 1 /* certificates need more room */
#define VMM_BUSY 2
#define SNP_LEN 1184

_Static_assert(sizeof(struct tsm_sev_request) == 32, "as the kernel has it");
_Static_assert(sizeof(struct tsm_sev_report_request) == 96, "as the kernel has it");
_Static_assert(sizeof(struct tsm_sev_ext_request) == 112, "as the kernel has it");

/* One call. Its request says afterwards what the firmware and the host had to say. */
static enum tsm_fault call(struct tsm_sev_guest *g, unsigned long number, void *request,
                           uint32_t *vmm_error)
{
    struct tsm_sev_request r = {.msg_version = MSG_VERSION,
                                .request = (uint64_t)(uintptr_t)request,
                                .response = (uint64_t)(uintptr_t)g->response};

    memset(g->response, 0, sizeof g->response);
    const int got = g->sys->ioctl(g->sys->self, g->fd, number, &r);

    *vmm_error = r.vmm_error;
    if (got != 0) {
        return r.vmm_error == VMM_BUSY ? TSM_BUSY
               : r.fw_error != 0       ? TSM_FIRMWARE
                                       : tsm_fault_of_errno(errno);
    }
    return TSM_OK;
}

/* The firmware's answer: status, length, 24 bytes of nothing, the report. */
static enum tsm_fault take_report(const struct tsm_sev_guest *g, struct tsm_answer *out)
{
    struct reader r = rd_init((struct view){g->response, sizeof g->response});
    struct view nothing;
    uint32_t status = 0;
    uint32_t len = 0;

    if (rd_u32le(&r, &status) != ERR_OK || rd_u32le(&r, &len) != ERR_OK ||
        rd_take(&r, 24, &nothing) != ERR_OK) {
        return TSM_ANSWER;
    }
    if (status != 0) {
        return TSM_FIRMWARE;
    }
    if (len != SNP_LEN || rd_copy(&r, out->report, SNP_LEN) != ERR_OK) {
        return TSM_ANSWER;
    }
    out->report_len = SNP_LEN;
    return TSM_OK;
}

static enum tsm_fault plain_report(struct tsm_sev_guest *g,
                                   const struct tsm_sev_report_request *asked,
                                   struct tsm_answer *out)
{
    struct tsm_sev_report_request request = *asked;
    uint32_t vmm_error = 0;

    TSM_TRY(call(g, TSM_SEV_GET_REPORT, &request, &vmm_error));
    return take_report(g, out);
}

/* First how much room the certificates need, which is none where the host has none; then with
 * it. */
static enum tsm_fault attempt(struct tsm_sev_guest *g,
                              const struct tsm_sev_report_request *asked,
                              struct tsm_answer *out)
{
    struct tsm_sev_ext_request request = {.report = *asked};
    uint32_t vmm_error = 0;
    enum tsm_fault f = call(g, TSM_SEV_GET_EXT_REPORT, &request, &vmm_error);

    if (f != TSM_OK && vmm_error == VMM_INVALID_LEN) {
        if (request.certs_len == 0 || request.certs_len > (size_t)TSM_CERTS_MAX ||
            request.certs_len % TSM_SEV_PAGE != 0) {
            return TSM_TOO_LONG;
        }
        memset(g->certs, 0, (size_t)TSM_CERTS_MAX);
        request.report = *asked;
        request.certs = (uint64_t)(uintptr_t)g->certs;
        f = call(g, TSM_SEV_GET_EXT_REPORT, &request, &vmm_error);
        if (f == TSM_OK) {
            out->certs_len = request.certs_len > (size_t)TSM_CERTS_MAX ? 0 : request.certs_len;
            memcpy(out->certs, g->certs, out->certs_len);
        } else if (vmm_error == VMM_INVALID_LEN) {
            return TSM_BUSY; /* they grew in between */
        }
    } else if (f != TSM_OK && f != TSM_BUSY) {
        return plain_report(g, asked, out); /* no such call in this kernel */
    }
    TSM_TRY(f);
    return take_report(g, out);
}

static enum tsm_fault report(struct tsm_provider *p, const uint8_t report_data[TSM_ASKED_LEN],
                             struct tsm_answer *out)
{
    struct tsm_sev_guest *const g = (struct tsm_sev_guest *)p;
    struct tsm_sev_report_request asked = {.vmpl = g->vmpl};
    int64_t pause = TSM_SEV_PAUSE_NS;
    enum tsm_fault f = TSM_KERNEL;

    memcpy(asked.user_data, report_data, sizeof asked.user_data);
    for (int i = 0; i < TSM_SEV_TRIES_MAX; i++) {
        memset(out, 0, sizeof *out);
        out->format = TSM_FORMAT_SNP;
        f = attempt(g, &asked, out);
        if (f != TSM_BUSY) {
            break;
        }
        if (i + 1 < TSM_SEV_TRIES_MAX) {
            g->sys->pause(g->sys->self, pause);
            pause *= 2;
        }
    }
    if (f != TSM_OK) {
        memset(out, 0, sizeof *out);
    }
    return f;
}

static void end(struct tsm_provider *p)
{
    struct tsm_sev_guest *const g = (struct tsm_sev_guest *)p;

    (void)g->sys->close(g->sys->self, g->fd);
    memset(g, 0, sizeof *g);
}

enum tsm_fault tsm_sev_guest_open(const struct tsm_sys *sys, const char *device, uint32_t vmpl,
                                  uint8_t *certs, struct tsm_sev_guest *out)
{
    memset(out, 0, sizeof *out);
    const int fd = sys->open(sys->self, device, O_RDWR);

    if (fd < 0) {
        return tsm_fault_of_errno(errno);
    }
    out->sys = sys;
    out->fd = fd;
    out->vmpl = vmpl;
    out->certs = certs;
    out->base = (struct tsm_provider){report, end, "sev-guest", false};
    return TSM_OK;
}
