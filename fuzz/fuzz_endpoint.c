#include "os/endpoint.h"

#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define URI_LIMIT 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes the endpoint as a URI, in the one way that we would write it. */
static void spell(const struct endpoint *e, char *out, size_t cap)
{
    char host[INET6_ADDRSTRLEN];

    if (e->addr.ss_family == AF_UNIX) {
        struct sockaddr_un a;

        memcpy(&a, &e->addr, sizeof a);
        (void)snprintf(out, cap, "unix:%s", a.sun_path);
    } else if (e->addr.ss_family == AF_INET) {
        struct sockaddr_in a;

        memcpy(&a, &e->addr, sizeof a);
        (void)snprintf(out, cap, "tcp:%s:%u",
                       inet_ntop(AF_INET, &a.sin_addr, host, sizeof host), ntohs(a.sin_port));
    } else if (e->addr.ss_family == AF_INET6) {
        struct sockaddr_in6 a;

        memcpy(&a, &e->addr, sizeof a);
        (void)snprintf(out, cap, "tcp:[%s]:%u",
                       inet_ntop(AF_INET6, &a.sin6_addr, host, sizeof host),
                       ntohs(a.sin6_port));
    } else {
        struct sockaddr_vm a;

        memcpy(&a, &e->addr, sizeof a);
        if (a.svm_cid == VMADDR_CID_ANY) {
            (void)snprintf(out, cap, "vsock:any:%u", a.svm_port);
        } else {
            (void)snprintf(out, cap, "vsock:%u:%u", a.svm_cid, a.svm_port);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct endpoint zero;
    char uri[URI_LIMIT];
    char again[URI_LIMIT];
    struct endpoint e;
    struct endpoint f;

    if (size >= sizeof uri) {
        return 0;
    }
    memcpy(uri, data, size);
    uri[size] = '\0';
    if (endpoint_parse(uri, &e) != ERR_OK) {
        if (memcmp(&e, &zero, sizeof e) != 0) {
            abort();
        }
        return 0;
    }
    /* What was taken can be written, and means the same then. */
    spell(&e, again, sizeof again);
    if (endpoint_parse(again, &f) != ERR_OK || memcmp(&e, &f, sizeof e) != 0) {
        abort();
    }
    return 0;
}
