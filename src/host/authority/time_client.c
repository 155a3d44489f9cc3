#include "host/authority/time_client.h"

#include "host/authority/supervise.h"

void time_client_init(struct time_client *c, int64_t backoff_ms)
{
    *c = (struct time_client){.backoff_ms = backoff_ms, .stop_ms = TIME_CLIENT_STOP_MS};
}

void time_client_want(struct time_client *c, bool wanted, int64_t now_ms)
{
    if (wanted && !c->wanted && !c->runs) {
        c->at_ms = now_ms;
        c->fails = 0;
    }
    c->wanted = wanted;
}

void time_client_ended(struct time_client *c, int64_t now_ms)
{
    const struct sup_rule rule = {.backoff_ms = c->backoff_ms};

    if (now_ms - c->since_ms >= TIME_CLIENT_STABLE_MS) {
        c->fails = 0;
    }
    /* One that was told to end did not fail: the next core's may start at once. */
    c->at_ms = c->told ? now_ms
                       : now_ms + sup_backoff_ms(&rule, c->fails++, TIME_CLIENT_BACKOFF_MS_MAX);
    c->runs = c->told = false;
}

enum time_client_do time_client_step(struct time_client *c, int64_t now_ms)
{
    if (c->runs && !c->told && !c->wanted) {
        c->told = true;
        c->at_ms = now_ms + c->stop_ms;
        return TIME_CLIENT_STOP;
    }
    if (now_ms < c->at_ms) {
        return TIME_CLIENT_REST;
    }
    if (c->told) {
        c->at_ms = now_ms + c->stop_ms;
        return TIME_CLIENT_KILL;
    }
    if (c->wanted && !c->runs) {
        c->runs = true;
        c->since_ms = now_ms;
        return TIME_CLIENT_START;
    }
    return TIME_CLIENT_REST;
}

int64_t time_client_next_ms(const struct time_client *c)
{
    if (c->runs && !c->told && !c->wanted) {
        return INT64_MIN;
    }
    return c->told || (c->wanted && !c->runs) ? c->at_ms : INT64_MAX;
}
