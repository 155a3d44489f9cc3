#include "host/authority/dev_conf.h"

#if defined(QUORATE_SIMULATED)

#include "format/oid.h"

#include <string.h>

bool dev_conf_path_ok(const char *path)
{
    for (const char *at = path; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f || strchr("'\"\\;", *at) != NULL) {
            return false;
        }
    }
    return path[0] == '/' && path[strlen(path) - 1] != ' ';
}

/* One of each profile; hybrid is what a request gets that names none. */
static const char policies[] = "\n[policy hybrid]\n"
                               "oid = " OID_POLICY_HYBRID_SIMULATED "\n"
                               "number = 1\n"
                               "profile = hybrid\n"
                               "default = yes\n"
                               "\n[policy evidence]\n"
                               "oid = " OID_POLICY_EVIDENCE_SIMULATED "\n"
                               "number = 2\n"
                               "profile = pq\n"
                               "evidence = yes\n"
                               "\n[policy classic]\n"
                               "oid = " OID_POLICY_CLASSIC_SIMULATED "\n"
                               "number = 3\n"
                               "\n[policy pq]\n"
                               "oid = " OID_POLICY_PQ_SIMULATED "\n"
                               "number = 4\n"
                               "profile = pq\n"
                               "\n[policy dual]\n"
                               "oid = " OID_POLICY_DUAL_SIMULATED "\n"
                               "number = 5\n"
                               "profile = dual\n";

static void put(struct writer *w, const char *text)
{
    wr_bytes(w, text, strlen(text));
}

enum err dev_conf_write(const char *listen, const char *program, const char *dir,
                        struct writer *w)
{
    if (!dev_conf_path_ok(program) || !dev_conf_path_ok(dir)) {
        return ERR_RANGE;
    }
    put(w, "# Written by quorate dev up, anew at each start: change a copy, and give that to\n"
           "# quorate authority run. Its keys: quorate.conf(5).\n"
           "[front]\n"
           "listen = ");
    put(w, listen);
    put(w, "\naddress_file = front.addr\n"
           "core = unix:core.sock\n"
           "chain = chain.pem\n"
           "chain_pq = chain-pq.pem\n"
           "node_id = dev\n"
           "admin_on_main = yes\n"
           "data_stamping = yes\n"
           "\n[journal]\n"
           "dir = journal\n");
    put(w, policies);
    put(w, "\n[authority]\n"
           "clock = trust-system\n"
           "allow_unlocked = yes\n"
           "restart_backoff_ms = 200\n"
           "certify = '");
    put(w, program);
    put(w, "' dev certify --dir '");
    put(w, dir);
    put(w, "'\n");
    return w->full ? ERR_NOSPACE : ERR_OK;
}

#endif
