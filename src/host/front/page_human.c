#include "base/version.h"
#include "host/front/pages.h"

#include <string.h>

static void put(struct writer *w, const char *text)
{
    wr_bytes(w, text, strlen(text));
}

/* Text that the operator wrote, into HTML. */
static void put_escaped(struct writer *w, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            put(w, "&lt;");
            break;
        case '>':
            put(w, "&gt;");
            break;
        case '&':
            put(w, "&amp;");
            break;
        case '"':
            put(w, "&quot;");
            break;
        default:
            wr_u8(w, (uint8_t)*text);
        }
    }
}

static void put_warnings(const struct page_facts *f, struct writer *w)
{
    if (f->serving->simulated) {
        put(w, "<p class=\"w\"><b>Simulated.</b> This authority stamps under a policy for "
               "tests. Its "
               "tokens prove nothing to anybody else.</p>\n");
    }
    if (f->core->connected && !f->serving->time_trusted) {
        put(w,
            "<p class=\"w\"><b>Time untrusted (trust-system).</b> The clock of this machine is "
            "believed as it stands.</p>\n");
    }
    if (f->cores.epoch.together && !f->cores.epoch.shared.is_shared) {
        put(w,
            "<p class=\"w\"><b>Classic leg single-node.</b> The classic signature of a token "
            "is one node's; the quantum-safe one is of several together.</p>\n");
    }
    if (!f->readiness.ready) {
        put(w, "<p class=\"w\"><b>Not ready:</b> ");
        put(w, f->readiness.reason);
        put(w, ". Requests are rejected.</p>\n");
    } else if (f->readiness.degraded[0] != '\0') {
        put(w, "<p class=\"w\"><b>Degraded:</b> ");
        put(w, f->readiness.degraded);
        put(w, ".</p>\n");
    }
}

static void put_policies(const struct serving *s, struct writer *w)
{
    put(w, "<h2>Policies</h2>\n<ul>\n");
    for (size_t i = 0; i < s->config.n_policies; i++) {
        const struct config_policy *p = &s->config.policies[i];

        if (p->evidence) {
            continue;
        }
        put(w, "<li><code>");
        put_escaped(w, p->oid.text);
        put(w, "</code> ");
        put_escaped(w, p->name);
        put(w, ", ");
        put(w, config_profile_name(p));
        put(w, p->is_default ? " (default)</li>\n" : "</li>\n");
    }
    put(w, "</ul>\n");
}

void page_write_human(const struct page_facts *f, struct writer *w)
{
    put(w, "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width\">\n"
           "<title>Quorate time-stamping authority</title>\n"
           "<style>body{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em}"
           "pre{background:#f4f4f4;padding:.8em;overflow:auto}"
           ".w{border-left:4px solid #c00;padding-left:.8em}</style></head>\n<body>\n"
           "<h1>Quorate time-stamping authority</h1>\n"
           "<p>This server issues time-stamps as RFC 3161 says: a signed statement that a file "
           "existed at a certain time. Only the hash of the file is sent.</p>\n");
    put_warnings(f, w);
    put(w, "<h2>Stamp a file</h2>\n<pre>"
           "openssl ts -query -data FILE -sha384 -cert -out q.tsq\n"
           "curl -sSH 'Content-Type: application/timestamp-query' \\\n"
           "     --data-binary @q.tsq URL-OF-THIS-PAGE -o FILE.tsr\n</pre>\n"
           "<h2>Verify it</h2>\n<pre>"
           "curl -sS URL-OF-THIS-PAGE/ca.pem -o ca.pem\n"
           "openssl ts -verify -in FILE.tsr -queryfile q.tsq -CAfile ca.pem\n</pre>\n");
    if (f->serving->config.front.data_stamping) {
        put(w, "<p>Or let the server hash: <code>curl --data-binary @FILE "
               "URL-OF-THIS-PAGE/tsa -o FILE.tsr</code></p>\n");
    }
    put_policies(f->serving, w);
    put(w, "<h2>More</h2>\n<ul>\n"
           "<li><a href=\"/ca.pem\">CA certificate</a>, "
           "<a href=\"/tsa_cert.pem\">certificate of this authority</a>, "
           "<a href=\"/api/v1/timestamp/certchain\">the whole chain</a></li>\n"
           "<li><a href=\"/readyz\">readiness</a>, <a href=\"/health\">health</a>");
    if (f->serving->config.front.admin_on_main) {
        put(w, ", <a href=\"/time.svg\">time of the last hour</a>");
    }
    put(w,
        "</li>\n<li><a href=\"/openapi.json\">description of the interface (OpenAPI)</a></li>\n"
        "</ul>\n<p>Version ");
    put(w, quorate_version);
    put(w, ", node ");
    put_escaped(w, f->front->node_id);
    put(w, ".</p>\n</body>\n</html>\n");
}
