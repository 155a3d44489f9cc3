#include "client/stamp/http_io.h"

#include "base/version.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REPLY_TYPE "application/timestamp-reply"

struct http_client {
    CURL *curl;
    struct curl_slist *headers;
};

enum err http_new(const struct http_options *o, struct http_client **out)
{
    struct http_client *c = calloc(1, sizeof *c);
    char agent[VERSION_LINE_MAX];
    bool good = c != NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;

    *out = NULL;
    if (good) {
        c->curl = curl_easy_init();
        c->headers = curl_slist_append(NULL, "Content-Type: application/timestamp-query");
        good = c->curl != NULL && c->headers != NULL &&
               curl_slist_append(c->headers, "Accept: " REPLY_TYPE) != NULL &&
               /* A query is small: waiting for 100 Continue would only cost a round trip. */
               curl_slist_append(c->headers, "Expect:") != NULL;
    }
    (void)snprintf(agent, sizeof agent, "quorate/%s", quorate_version);
    if (!good ||
        curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, (long)o->connect_timeout_s) !=
            CURLE_OK ||
        curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, (long)o->timeout_s) != CURLE_OK ||
        curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
        curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
        curl_easy_setopt(c->curl, CURLOPT_USERAGENT, agent) != CURLE_OK ||
        (o->tls_ca != NULL &&
         curl_easy_setopt(c->curl, CURLOPT_CAINFO, o->tls_ca) != CURLE_OK)) {
        http_free(c);
        return ERR_NOSPACE;
    }
    *out = c;
    return ERR_OK;
}

void http_free(struct http_client *c)
{
    if (c != NULL) {
        curl_easy_cleanup(c->curl);
        curl_slist_free_all(c->headers);
        free(c);
    }
}

static size_t take_body(char *p, size_t size, size_t count, void *self)
{
    struct http_reply *r = self;
    const size_t n = size * count;

    if (n > HTTP_REPLY_MAX - r->body_len) {
        return 0;
    }
    if (n > 0) {
        uint8_t *grown = realloc(r->body, r->body_len + n);

        if (grown == NULL) {
            return 0;
        }
        r->body = grown;
        memcpy(r->body + r->body_len, p, n);
        r->body_len += n;
    }
    return n;
}

static enum err err_of(CURLcode code)
{
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return ERR_DEADLINE;
    }
    if (code == CURLE_WRITE_ERROR || code == CURLE_OUT_OF_MEMORY) {
        return ERR_NOSPACE;
    }
    return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ? ERR_RANGE
                                                                             : ERR_IO;
}

static bool is_reply_type(const char *type)
{
    const size_t n = strlen(REPLY_TYPE);

    return type != NULL && strncasecmp(type, REPLY_TYPE, n) == 0 &&
           (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

/* What is sent is set; url is asked. */
static CURLcode exchange(CURL *curl, const char *url, struct http_reply *reply)
{
    char problem[CURL_ERROR_SIZE] = "";
    const char *type = NULL;
    long status = 0;
    CURLcode code = CURLE_OUT_OF_MEMORY;

    if (curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, problem) == CURLE_OK) {
        code = curl_easy_perform(curl);
    }
    if (code == CURLE_OK &&
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
        curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK) {
        reply->status = (unsigned)status;
        reply->is_timestamp_reply = is_reply_type(type);
    }
    if (code != CURLE_OK) {
        (void)snprintf(reply->problem, sizeof reply->problem, "%s",
                       problem[0] != '\0' ? problem : curl_easy_strerror(code));
    }
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    return code;
}

static enum err finish(struct http_client *c, CURLcode set, const char *url,
                       struct http_reply *reply)
{
    *reply = (struct http_reply){0};
    const CURLcode code = set == CURLE_OK ? exchange(c->curl, url, reply) : set;

    if (code != CURLE_OK) {
        free(reply->body);
        reply->body = NULL;
        reply->body_len = 0;
        return err_of(code);
    }
    return ERR_OK;
}

enum err http_post_query(struct http_client *c, const char *url, struct view body,
                         struct http_reply *reply)
{
    CURLcode set = curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);

    if (set == CURLE_OK) {
        set = curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, (const char *)body.p);
    }
    if (set == CURLE_OK) {
        set = curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
    }
    return finish(c, set, url, reply);
}

enum err http_get(struct http_client *c, const char *url, const char *unix_path,
                  struct http_reply *reply)
{
    CURLcode set = curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, NULL);

    if (set == CURLE_OK) {
        set = curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
    }
    if (set == CURLE_OK) {
        set = curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, unix_path);
    }
    return finish(c, set, url, reply);
}

void http_reply_free(struct http_reply *reply)
{
    free(reply->body);
    *reply = (struct http_reply){0};
}
