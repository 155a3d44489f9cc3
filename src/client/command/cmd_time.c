#include "client/command/command.h"
#include "client/command/status_args.h"
#include "client/kit/diag.h"
#include "client/kit/time_text.h"
#include "client/status/time_table.h"
#include "client/verify/exit_code.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: quorate time watch [OPTION...]\n"
    "\n"
    "Shows what quorate status does, anew each second, until q or Ctrl-C. Where that cannot be "
    "drawn,\n"
    "on no terminal or a dumb one, it prints a line for each node and second.\n"
    "\n" STATUS_OPTIONS_HELP "      --count N        end after N times\n"
    "\n"
    "exit code: 0 it was shown, 2 the authority could not be asked the last time\n";

static volatile sig_atomic_t told_to_end;

static void end_soon(int number)
{
    (void)number;
    told_to_end = 1;
}

struct watching {
    struct time_ask ask;
    bool draws;            /* on a terminal that can */
    struct termios before; /* what to put back */
    sigset_t open;         /* signals while it waits */
    int64_t next_ns;
};

static int64_t now_ns(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool can_draw(void)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    const char *const term = getenv("TERM");

    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term != NULL && term[0] != '\0' &&
           strcmp(term, "dumb") != 0;
}

/* Signals come only while it waits, so that none is missed. Keys come one by one. */
static void begin(struct watching *w)
{
    struct sigaction end = {.sa_handler = end_soon};
    sigset_t closed;

    (void)sigemptyset(&closed);
    (void)sigaddset(&closed, SIGINT);
    (void)sigaddset(&closed, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &closed, &w->open);
    (void)sigdelset(&w->open, SIGINT);
    (void)sigdelset(&w->open, SIGTERM);
    (void)sigaction(SIGINT, &end, NULL);
    (void)sigaction(SIGTERM, &end, NULL);
    w->draws = can_draw() && tcgetattr(STDIN_FILENO, &w->before) == 0;
    if (w->draws) {
        struct termios keys = w->before;

        keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &keys);
        (void)fputs("\033[2J", stdout);
    }
    w->next_ns = now_ns();
}

static void finish(const struct watching *w)
{
    if (w->draws) {
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &w->before);
    }
}

static void draw(const struct time_facts *facts)
{
    static const char line_end[] = "\033[K\n"; /* nothing of the last time stays behind it */

    (void)fputs("\033[H", stdout);
    time_table_print(facts, line_end, stdout);
    (void)printf("%sq ends%s\033[J", line_end, line_end);
}

static void print_lines(const struct time_facts *facts)
{
    char text[TIME_TEXT_LEN];
    char prefix[TIME_TEXT_LEN + 8];

    time_text_write((int64_t)time(NULL), 0, text);
    (void)snprintf(prefix, sizeof prefix, "at=%s ", text);
    time_lines_print(facts, prefix, stdout);
}

static enum err show_once(struct watching *w)
{
    static struct time_facts facts;
    struct http_reply reply = {0};
    const char *why = "";
    const enum err e = time_ask_once(&w->ask, &reply, &facts, &why);

    if (e != ERR_OK) {
        if (w->draws) {
            (void)fputs("\033[H\033[J", stdout);
            (void)fflush(stdout);
        }
        diag("%s: %s (%s)", w->ask.url, why, err_name(e));
    } else if (w->draws) {
        draw(&facts);
    } else {
        print_lines(&facts);
    }
    (void)fflush(stdout);
    http_reply_free(&reply);
    return e;
}

/* Until the next second. False: it is to end. */
static bool wait_second(struct watching *w)
{
    w->next_ns += 1000000000;
    for (int64_t left = w->next_ns - now_ns(); left > 0; left = w->next_ns - now_ns()) {
        const struct timespec t = {left / 1000000000, (long)(left % 1000000000)};
        struct pollfd keys = {.fd = w->draws ? STDIN_FILENO : -1, .events = POLLIN};
        const int n = ppoll(&keys, 1, &t, &w->open);
        char key = 'q'; /* so is the end of the terminal */

        if (told_to_end != 0 ||
            (n > 0 && (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q'))) {
            return false;
        }
    }
    w->next_ns = now_ns() > w->next_ns + 1000000000 ? now_ns() : w->next_ns;
    return true;
}

static enum err watch(const struct status_args *a)
{
    struct watching w = {0};
    enum err e = ERR_OK;
    bool go_on = true;

    TRY(status_args_open(a, &w.ask));
    begin(&w);
    for (long i = 0; go_on; i++) {
        e = show_once(&w);
        go_on = (a->count == 0 || i + 1 < a->count) && ferror(stdout) == 0 && wait_second(&w);
    }
    finish(&w);
    time_ask_close(&w.ask);
    return e;
}

static int run(int argc, char **argv)
{
    struct status_args a;

    diag_open("quorate time");
    if (argc > 1 && strcmp(argv[1], "watch") == 0) {
        argc--;
        argv++;
    } else if (argc > 1 && strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0) {
        diag("%s: not understood", argv[1]);
        return command_usage_error(&command_time);
    } else if (argc == 1) {
        return command_usage_error(&command_time);
    }
    const enum err e = status_args_read(argc, argv, true, &a);

    if (e != ERR_OK || a.help) {
        return command_not_run(&command_time, e);
    }
    return watch(&a) == ERR_OK ? EXIT_CODE_GENUINE : EXIT_CODE_COULD_NOT_TELL;
}

const struct command command_time = {
    .name = "time",
    .summary = "show the time of an authority's nodes, live (time watch)",
    .usage = usage,
    .run = run,
};
