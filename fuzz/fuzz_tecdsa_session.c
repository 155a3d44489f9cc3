/* Round 1 or 2 of a peer of threshold ECDSA, put out of true. Byte 0: bit 0, which round; bytes
 * 1 to 3: where the rest stands in place of what the peer sent. */
#include "../tests/tecdsa_kit.h"
#include "promise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tecdsa_kit *kit;
static struct tecdsa_presign before[2]; /* party 0's, as each round's messages come */
static struct tecdsa_setup_bob bob;
static struct tecdsa_setup_alice alice;

/* An honest session up to both rounds. */
static void prepare(void)
{
    kit = tecdsa_kit_new(TECDSA_T, 1);
    kit->of.s = 7;
    promise(tecdsa_on_stack(tecdsa_kit_round_1, kit) == ERR_OK);
    before[0] = kit->p[0];
    promise(tecdsa_on_stack(tecdsa_kit_accept_1, kit) == ERR_OK);
    promise(tecdsa_on_stack(tecdsa_kit_round_2, kit) == ERR_OK);
    before[1] = kit->p[0];
    bob = kit->bob[0][1];
    alice = kit->alice[0][1];
}

/* A live session, or one of which nothing is left but its fate; setups go with the fates that
 * say so, and with no other. */
static void check_end(enum err e)
{
    static struct tecdsa_presign rest;
    const enum tecdsa_fate fate = kit->p[0].fate;
    const bool cut = fate == TECDSA_SESSION || fate == TECDSA_SETUP;

    promise(e == ERR_OK || e == ERR_STALE || cut);
    promise(e != ERR_OK || fate == TECDSA_LIVE);
    promise(kit->bob[0][1].ready == !cut && kit->alice[0][1].ready == !cut);
    promise(kit->bob[0][2].ready && kit->alice[0][2].ready);
    if (fate != TECDSA_LIVE) {
        rest = kit->p[0];
        promise(kit->p[0].culprit == (cut ? 1 : 0));
        rest.fate = TECDSA_LIVE;
        rest.culprit = 0;
        promise(tecdsa_erased(&rest, sizeof rest));
    }
    promise(tecdsa_erased(&kit->scratch, sizeof kit->scratch));
}

/* What is taken is what was sent, or one that is as good: of round 1 a nonce or a commitment,
 * which sid2 is made of; nothing of round 2 but psi, which the signature is the check of. */
static void check_taken(unsigned round, const uint8_t *changed, const uint8_t *sent, size_t n)
{
    const size_t from = round == 0 ? offsetof(struct tecdsa_round_1, body)
                                   : offsetof(struct tecdsa_round_2, psi);
    const size_t to = round == 0 ? sizeof(struct tecdsa_body)
                                 : from + sizeof((struct tecdsa_round_2 *)0)->psi;

    promise(memcmp(changed, sent, from) == 0);
    promise(memcmp(changed + to, sent + to, n - to) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tecdsa_round_1 m1;
    static struct tecdsa_round_2 m2;
    unsigned round;
    uint8_t *message;
    size_t n;
    size_t at;
    enum err e;

    if (kit == NULL) {
        prepare();
    }
    if (size < 4) {
        return 0;
    }
    round = data[0] & 1;
    m1 = kit->m1[1][0];
    m2 = kit->m2[1][0];
    message = round == 0 ? (uint8_t *)&m1 : (uint8_t *)&m2;
    n = round == 0 ? sizeof m1 : sizeof m2;
    at = (data[1] + 256u * data[2] + 65536u * data[3]) % n;
    for (size_t i = 4; i < size && at + i - 4 < n; i++) {
        message[at + i - 4] = data[i];
    }
    kit->p[0] = before[round];
    kit->bob[0][1] = bob;
    kit->alice[0][1] = alice;
    if (round == 0) {
        e = tecdsa_presign_accept_1(&kit->p[0], 1, &m1, &kit->scratch);
    } else {
        e = tecdsa_presign_accept_2(&kit->p[0], 1, kit->sid2[1], &m2, &kit->scratch);
    }
    check_end(e);
    if (e == ERR_OK) {
        const uint8_t *sent =
            round == 0 ? (const uint8_t *)&kit->m1[1][0] : (const uint8_t *)&kit->m2[1][0];

        check_taken(round, message, sent, n);
    }
    return 0;
}
