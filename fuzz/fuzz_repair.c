/* A message of a helper that repairs a share, put out of true. Byte 0: which; bytes 1, 2: where
 * the rest stands in place of what the helper sent; byte 3: how many bytes SECRETS is short of.
 */
#include "../tests/tecdsa_repair_kit.h"
#include "../tests/tmldsa_kit.h"
#include "promise.h"

#include "crypto/tmldsa/tmldsa_repair.h"

#define HELPERS 0x0bu
#define TARGET 2u
#define SECRETS_MAX (TMLDSA_HELD_MAX * (1 + TMLDSA_SIGMA_LEN))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct repair_world w;
static struct tecdsa_helper helper;      /* 0, before what 1 sends */
static struct tecdsa_repaired target[2]; /* before SHOW and before SUM of 1 */
static struct tmldsa_kit *kit;
static struct tmldsa_repair repair;
static uint8_t secrets[SECRETS_MAX];
static size_t secrets_len;

static void prepare(void)
{
    const uint8_t seed[32] = {1};
    struct writer out = wr_init(secrets, sizeof secrets);
    struct view all;

    w.kit = tecdsa_kit_new(4, 1);
    w.of.helpers = HELPERS;
    w.of.target = TARGET;
    promise(tecdsa_on_stack(repair_deal, &w) == ERR_OK);
    helper = w.helper[0];
    target[0] = w.target;
    promise(tecdsa_on_stack(repair_accept, &w) == ERR_OK);
    target[1] = w.target;
    promise(tecdsa_on_stack(repair_sum, &w) == ERR_OK);
    kit = tmldsa_kit_new(tmldsa_best(), tmldsa_params_find(&mldsa_44, 3, 5), 1, seed);
    promise(tmldsa_repair_begin(&repair, kit->path, kit->params, TARGET) == ERR_OK);
    promise(tmldsa_repair_give(&kit->share[1], TARGET, &out) == ERR_OK);
    promise(wr_finish(&out, &all) == ERR_OK);
    secrets_len = all.n;
}

/* Puts the rest of the input into a copy of what was sent. */
static void put(const uint8_t *data, size_t size, uint8_t *copy, size_t n)
{
    const size_t at = (data[1] + 256u * data[2]) % n;

    for (size_t i = 4; i < size && at + i - 4 < n; i++) {
        copy[at + i - 4] = data[i];
    }
}

static struct tecdsa_repair_deal deal;
static struct tecdsa_repair_show show;
static struct tecdsa_repair_sum sum;

static enum err accept_deal(void *unused)
{
    (void)unused;
    return tecdsa_repair_accept(&w.helper[0], 1, &deal);
}

static enum err accept_show(void *unused)
{
    (void)unused;
    return tecdsa_repair_accept_show(&w.target, 1, &show);
}

static enum err accept_sum(void *unused)
{
    (void)unused;
    return tecdsa_repair_accept_sum(&w.target, 1, &sum);
}

/* What is taken is what was sent; what is of another repair changes nothing; all else ends. */
static void check_end(enum err e, bool same, const void *now, const void *before, size_t n)
{
    promise((e == ERR_OK) == same);
    if (e == ERR_STALE) {
        promise(memcmp(now, before, n) == 0);
    } else if (e != ERR_OK) {
        promise(tecdsa_erased(now, n));
    }
}

static void check_ecdsa(const uint8_t *data, size_t size)
{
    enum err e;

    w.helper[0] = helper;
    if (data[0] % 4 == 0) {
        deal = w.deal[1][0];
        put(data, size, (uint8_t *)&deal, sizeof deal);
        e = tecdsa_on_stack(accept_deal, NULL);
        check_end(e, memcmp(&deal, &w.deal[1][0], sizeof deal) == 0, &w.helper[0], &helper,
                  sizeof helper);
    } else if (data[0] % 4 == 1) {
        w.target = target[0];
        show = w.show[1];
        put(data, size, (uint8_t *)&show, sizeof show);
        e = tecdsa_on_stack(accept_show, NULL);
        check_end(e, memcmp(&show, &w.show[1], sizeof show) == 0, &w.target, &target[0],
                  sizeof target[0]);
    } else {
        w.target = target[1];
        sum = w.sum[1];
        put(data, size, (uint8_t *)&sum, sizeof sum);
        e = tecdsa_on_stack(accept_sum, NULL);
        check_end(e, memcmp(&sum, &w.sum[1], sizeof sum) == 0, &w.target, &target[1],
                  sizeof target[1]);
    }
}

static void check_mldsa(const uint8_t *data, size_t size)
{
    const struct tmldsa_repair_public known = {&kit->matrix, kit->t};
    struct tmldsa_repair r = repair;
    uint8_t copy[SECRETS_MAX];
    const size_t n = secrets_len - data[3] % (secrets_len + 1);
    enum err e;

    memcpy(copy, secrets, sizeof copy);
    put(data, size, copy, secrets_len);
    e = tmldsa_repair_take(&r, 1, (struct view){copy, n}, &known, &kit->keygen_scratch);
    promise((e == ERR_OK) == (n == secrets_len && memcmp(copy, secrets, n) == 0));
    promise(e == ERR_OK || memcmp(&r, &repair, sizeof r) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (kit == NULL) {
        prepare();
    }
    if (size < 4) {
        return 0;
    }
    if (data[0] % 4 == 3) {
        check_mldsa(data, size);
    } else {
        check_ecdsa(data, size);
    }
    return 0;
}
