#include "host/front/listener_io.h"

#include "host/front/tls_io.h"
#include "os/endpoint.h"
#include "os/event_log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum err parse(const char *address, struct endpoint *out)
{
    char uri[CONFIG_TEXT_MAX + 8];

    (void)snprintf(uri, sizeof uri, "%s%s",
                   strncmp(address, "unix:", 5) == 0 ? "" : "tcp:", address);
    return endpoint_parse(uri, out);
}

enum err listener_check(const char *address)
{
    struct endpoint e;

    return parse(address, &e);
}

/* The address that the socket has: what port 0 became. */
static void name_socket(struct http_listener *l, const char *address)
{
    struct sockaddr_storage bound = {0};
    socklen_t n = sizeof bound;
    char text[INET6_ADDRSTRLEN] = "";

    (void)snprintf(l->name, sizeof l->name, "%.120s", address);
    if (getsockname(l->fd, (struct sockaddr *)&bound, &n) != 0) {
        return;
    }
    if (bound.ss_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, &bound, sizeof v4);
        (void)inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
        (void)snprintf(l->name, sizeof l->name, "%s:%u", text, ntohs(v4.sin_port));
    } else if (bound.ss_family == AF_INET6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, &bound, sizeof v6);
        (void)inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
        (void)snprintf(l->name, sizeof l->name, "[%s]:%u", text, ntohs(v6.sin6_port));
    }
}

static void connection_changed(void *cls, struct MHD_Connection *connection, void **context,
                               enum MHD_ConnectionNotificationCode code)
{
    const struct listener *l = cls;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

        *context = conn_watch_add(l->watch, info->connect_fd, l->front->clock.monotonic_ns());
    } else {
        conn_watch_remove(l->watch, *context);
        *context = NULL;
    }
}

/* Leaves %41 as it stands: our paths need no escapes, and one that hides a zero byte cannot end
 * a path early. */
static size_t keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

/* The library's own messages: what it did with a connection, at debug. */
__attribute__((format(printf, 2, 0))) static void library_says(void *cls, const char *format,
                                                               va_list args)
{
    char text[256];

    (void)cls;
    if (!event_log_wants(EVENT_DEBUG)) {
        return;
    }
    (void)vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    const struct event_field field = {.key = "http", .kind = EVENT_TEXT, .text = text};

    event_log(EVENT_DEBUG, EVENT_INTERNAL, &field, 1);
}

static struct MHD_Daemon *start(struct http_listener *l, const struct listener_options *o)
{
    const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                           MHD_USE_ERROR_LOG | MHD_USE_TURBO | (o->tls ? MHD_USE_TLS : 0U);
    /* A pool of one is no pool. */
    struct MHD_OptionItem more[] = {
        {o->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, o->threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem tls[] = {
        {o->tls ? MHD_OPTION_HTTPS_CERT_CALLBACK2 : MHD_OPTION_END, 0,
         o->tls ? tls_retrieve_function() : NULL},
        {MHD_OPTION_END, 0, NULL},
    };

    return MHD_start_daemon(
        flags, 0, NULL, NULL, exchange_handle, &l->listener, MHD_OPTION_EXTERNAL_LOGGER,
        library_says, NULL, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
        MHD_OPTION_LISTEN_SOCKET, l->fd, MHD_OPTION_NOTIFY_COMPLETED, exchange_completed,
        &l->listener, MHD_OPTION_NOTIFY_CONNECTION, connection_changed, &l->listener,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LISTENER_MEMORY,
        MHD_OPTION_CONNECTION_LIMIT, o->connections_max, MHD_OPTION_CONNECTION_TIMEOUT,
        o->timeout_s, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_ARRAY, more,
        MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
}

/* Connections inherit these from the socket that they come from. */
static void bound_buffers(int fd)
{
    const int send = LISTENER_SEND_BYTES;
    const int receive = LISTENER_RECEIVE_BYTES;

    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof send);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
}

enum err listener_start(struct http_listener *l, struct front *front,
                        const struct listener_options *o)
{
    struct endpoint e;

    *l = (struct http_listener){
        .listener = {.front = front,
                     .admin = o->admin,
                     .watch = o->admin ? &front->admin_watch : &front->watch},
        .fd = -1,
    };
    TRY(parse(o->address, &e));
    TRY(endpoint_listen(&e, LISTENER_BACKLOG, &l->fd));
    name_socket(l, o->address);
    bound_buffers(l->fd);
    l->daemon = start(l, o);
    if (l->daemon == NULL) {
        const int saved = errno;

        (void)close(l->fd);
        errno = saved;
        return ERR_IO;
    }
    return ERR_OK;
}

void listener_quiesce(struct http_listener *l)
{
    if (l->daemon != NULL && l->fd >= 0) {
        const int fd = MHD_quiesce_daemon(l->daemon);

        if (fd >= 0) {
            (void)close(fd);
        }
        l->fd = -1;
    }
}

void listener_stop(struct http_listener *l)
{
    if (l->daemon != NULL) {
        listener_quiesce(l);
        MHD_stop_daemon(l->daemon);
        l->daemon = NULL;
    }
}
