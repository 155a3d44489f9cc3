#include "host/authority/dev_conf.h"

#if defined(QUORATE_SIMULATED)

#include "format/oid.h"
#include "wire/plan.h"

#include <stdio.h>
#include <string.h>

#define CERTIFY "certify = " /* the line behind which only dev_conf.time stands */

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

static void put_policy(struct writer *w, const char *name, const char *oid, const char *rest)
{
    put(w, "[policy ");
    put(w, name);
    put(w, "]\noid = ");
    put(w, oid);
    put(w, "\n");
    put(w, rest);
}

/* Presigning is sound where three sign: else each core has a P-384 key of its own. */
static bool is_shared(const struct dev_conf *d)
{
    return d->threshold == PLAN_CLASSIC_THRESHOLD;
}

/* One of each profile, too, but dual, which several cores do not sign. Where the classic leg is
 * that of one core alone, these policies say so. */
static void put_cluster_policies(const struct dev_conf *d, struct writer *w)
{
    put(w, is_shared(d)
               ? "\n"
               : "\n# The classic leg of these tokens is made by one core alone: it has no "
                 "threshold.\n");
    put_policy(w, "hybrid",
               is_shared(d) ? OID_POLICY_HYBRID_SIMULATED : OID_POLICY_HYBRID_SINGLE_SIMULATED,
               "number = 1\nprofile = hybrid\ndefault = yes\n\n");
    put_policy(w, "evidence", OID_POLICY_EVIDENCE_SIMULATED,
               "number = 2\nprofile = pq\nevidence = yes\n\n");
    put_policy(w, "classic",
               is_shared(d) ? OID_POLICY_CLASSIC_SIMULATED
                            : OID_POLICY_CLASSIC_SINGLE_SIMULATED,
               "number = 3\n\n");
    put_policy(w, "pq", OID_POLICY_PQ_SIMULATED, "number = 4\nprofile = pq\n");
}

/* A file of the set of cores: those of the first lie in the folder itself. */
static void put_path(const struct dev_conf *d, const char *before, const char *name,
                     struct writer *w)
{
    char folder[32];

    (void)snprintf(folder, sizeof folder, "cores-%u/", d->set);
    put(w, before);
    put(w, d->set > 1 ? folder : "");
    put(w, name);
    put(w, "\n");
}

static void put_cores(const struct dev_conf *d, struct writer *w)
{
    if (d->nodes == 1) {
        put(w, "core = unix:core.sock\nchain = chain.pem\n");
        return;
    }
    for (unsigned i = 1; i <= d->nodes; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "core-%u.sock", i);
        put_path(d, "core = unix:", name, w);
        if (!is_shared(d)) {
            (void)snprintf(name, sizeof name, "chain-%u.pem", i);
            put_path(d, "chain = ", name, w);
        }
    }
    if (is_shared(d)) {
        put_path(d, "chain = ", "chain.pem", w);
    }
    put_path(d, "ceremony = ", "ceremony.qcr", w);
    put_path(d, "ended = ", "ended", w);
    put(w, "proof_dir = .\n");
    if (d->evidence) {
        put_path(d, "bundle = ", "bundle", w);
        put_path(d, "recipe = ", "recipe.txt", w);
    }
}

static void put_cluster(const struct dev_conf *d, struct writer *w)
{
    char line[64];

    if (d->nodes > 1) {
        (void)snprintf(line, sizeof line, "threshold = %u\n", d->threshold);
        put(w, line);
        put_path(d, "plan = ", "plan.ini", w);
        put_path(d, "status = ", "cluster", w);
    }
}

enum err dev_conf_write(const struct dev_conf *d, struct writer *w)
{
    if (!dev_conf_path_ok(d->program) || !dev_conf_path_ok(d->dir)) {
        return ERR_RANGE;
    }
    put(w, "# Written by quorate dev up, anew at each start: change a copy, and give that to\n"
           "# quorate authority run. Its keys: quorate.conf(5).\n"
           "[front]\n"
           "listen = ");
    put(w, d->listen);
    put(w, "\naddress_file = front.addr\n");
    put_cores(d, w);
    put_path(d, "chain_pq = ", "chain-pq.pem", w);
    put(w, "node_id = dev\n"
           "admin_on_main = yes\n"
           "data_stamping = yes\n"
           "\n[journal]\n"
           "dir = journal\n");
    if (d->nodes == 1) {
        put(w, policies);
    } else {
        put_cluster_policies(d, w);
    }
    put(w, "\n[authority]\n"
           "allow_unlocked = yes\n"
           "restart_backoff_ms = 200\n");
    put_path(d, "audit_dir = ", "audit", w);
    put(w, d->evidence ? "evidence = sim\n" : "");
    put(w, d->nts ? "clock = nts\n" : "clock = trust-system\n");
    put_cluster(d, w);
    put(w, CERTIFY "'");
    put(w, d->program);
    put(w, "' dev certify --dir '");
    put(w, d->dir);
    put(w, "'\n\n");
    wr_view(w, d->time);
    return w->full ? ERR_NOSPACE : ERR_OK;
}

struct view dev_conf_time(struct view file)
{
    const uint8_t *const line =
        file.n > 0 ? memmem(file.p, file.n, "\n" CERTIFY, sizeof CERTIFY) : NULL;
    const uint8_t *const end = file.p + file.n;
    const uint8_t *const last =
        line != NULL ? memchr(line + 1, '\n', (size_t)(end - line - 1)) : NULL;

    return last != NULL && end - last >= 2 && last[1] == '\n'
               ? (struct view){last + 2, (size_t)(end - last) - 2}
               : (struct view){NULL, 0};
}

#endif
