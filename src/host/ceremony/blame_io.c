#include "host/ceremony/blame_io.h"

#include "base/hex.h"
#include "crypto/mldsa/mldsa.h"
#include "host/chain/token_build.h"
#include "host/coord/proof_judge.h"
#include "host/coord/roster.h"
#include "os/small_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct blaming {
    const struct command_ask *options;
    struct roster *roster;
    struct quorum_scratch *scratch;
    struct proof proof;
    enum proof_lie lie;
    char why[TSA_CHAIN_WHY_MAX]; /* where it is not proven, or could not be told */
    uint8_t bytes[PROOF_MAX];
};

static void set_why(struct blaming *b, const char *why)
{
    (void)snprintf(b->why, sizeof b->why, "%s", why);
}

static enum err read_file(struct blaming *b, const char *path, uint8_t *space, size_t cap,
                          struct view *out)
{
    errno = 0;
    const enum err e = small_file_read(path, space, cap, out);

    if (e != ERR_OK) {
        (void)snprintf(b->why, sizeof b->why, "%.120s: %s", path,
                       e == ERR_NOSPACE ? "too long" : strerrordesc_np(errno));
    }
    return e;
}

/* What the session signed: all of it follows from the proof, the record and the certificate
 * that the session names. */
static enum err find_mu(struct blaming *b, uint8_t mu[MLDSA_MU_LEN])
{
    static uint8_t pem[TSA_CHAIN_PEM_MAX];
    static struct tsa_chain chain;
    const struct proof *const p = &b->proof;
    const struct hello_policy *const policy =
        proof_policy(b->roster->quorum.plan, p->stamp.policy);
    struct coord_job job = {.key = KEY_PQ, .hash_alg = p->stamp.hash_alg, .stamp = p->derived};
    struct view text;

    TRY(read_file(b, b->options->chain, pem, sizeof pem, &text));
    TRY(tsa_chain_parse(text, KEY_PQ, p->derived.gen_time_ms / 1000, &chain, b->why));
    if (policy == NULL ||
        memcmp(chain.activation_hash, p->head.activation, ACTIVATION_HASH_LEN) != 0) {
        set_why(b, "the session was under another certificate than --chain");
        return ERR_STALE;
    }
    memcpy(job.hashed_message, p->stamp.hashed_message.p, p->stamp.hashed_message.n);
    memcpy(job.nonce, p->stamp.nonce.p, p->stamp.nonce.n);
    job.nonce_len = (uint8_t)p->stamp.nonce.n;
    return token_build_mu(
        &(struct token_build_in){.job = &job, .chain = &chain, .policy = policy->oid}, mu);
}

static int judge(struct blaming *b)
{
    uint8_t mu[MLDSA_MU_LEN];
    enum err e = proof_judge(&b->roster->quorum, &b->proof, NULL, b->scratch, &b->lie);

    if (e == ERR_STATE) {
        set_why(b, "a response is judged against the certificate: --chain, please");
        if (b->options->chain == NULL || find_mu(b, mu) != ERR_OK) {
            return COMMAND_USAGE;
        }
        e = proof_judge(&b->roster->quorum, &b->proof, mu, b->scratch, &b->lie);
    }
    if (e == ERR_OK) {
        return COMMAND_DONE;
    }
    set_why(b, e == ERR_EVIDENCE ? "the words of others in it are not what they committed to"
                                 : "an honest node would have said the same");
    return COMMAND_BLAMED;
}

static int run(struct blaming *b)
{
    static uint8_t space[CEREMONY_RECORD_MAX];
    char why[ROSTER_WHY_MAX];
    struct view in;

    if (read_file(b, b->options->record, space, sizeof space, &in) != ERR_OK) {
        return COMMAND_USAGE;
    }
    if (roster_new(in, &b->roster, why) != ERR_OK) {
        (void)snprintf(b->why, sizeof b->why, "%.80s: %s", b->options->record, why);
        return COMMAND_USAGE;
    }
    if (read_file(b, b->options->proof, b->bytes, sizeof b->bytes, &in) != ERR_OK) {
        return COMMAND_USAGE;
    }
    const enum err e = proof_check(&b->roster->quorum, in, NULL, &b->proof);

    if (e == ERR_OK) {
        return judge(b);
    }
    b->proof = (struct proof){0};
    set_why(b, e == ERR_QUORUM      ? "it is of another ceremony"
               : e == ERR_SIGNATURE ? "what it shows was not signed by whom it accuses"
               : e == ERR_MISMATCH  ? "what it shows does not belong together"
                                    : "it is no proof");
    return COMMAND_BLAMED;
}

/* ---- what is said ---- */

/* Views of a plan are of harmless characters: [A-Za-z0-9._-]. */
static struct view name_of(const struct blaming *b)
{
    return b->roster->quorum.plan->nodes[b->proof.party].name;
}

static void print_text(const struct blaming *b, int status)
{
    char epoch[2 * EPOCH_ID_LEN + 1];

    if (status == COMMAND_USAGE) {
        (void)fprintf(stderr, "quorate ceremony: %s\n", b->why);
        return;
    }
    if (status != COMMAND_DONE) {
        (void)printf("proves nothing: %s\n", b->why);
        return;
    }
    hex_write((struct view){b->proof.head.epoch_id, EPOCH_ID_LEN}, epoch);
    (void)printf("proven: node %u (%.*s) lied: %s\nepoch  %s\n", b->proof.party + 1,
                 (int)name_of(b).n, (const char *)name_of(b).p, proof_lie_text(b->lie), epoch);
}

static void print_json(const struct blaming *b, int status)
{
    static const char *const verdicts[] = {
        [COMMAND_DONE] = "proven",
        [COMMAND_BLAMED] = "not proven",
        [COMMAND_USAGE] = "could not tell",
    };
    char x[2 * STAMP_X_LEN + 1];

    (void)printf("{\"verdict\":\"%s\",\"exit_code\":%d", verdicts[status], status);
    if (status == COMMAND_DONE) {
        hex_write((struct view){b->proof.derived.x, STAMP_X_LEN}, x);
        (void)printf(",\"index\":%u,\"node\":\"%.*s\",\"round\":\"%s\",\"lie\":\"%s\","
                     "\"session\":\"%s\"",
                     b->proof.party + 1, (int)name_of(b).n, (const char *)name_of(b).p,
                     b->proof.kind == PROOF_REVEAL ? "reveal" : "respond",
                     proof_lie_text(b->lie), x);
    } else if (status == COMMAND_BLAMED) {
        (void)printf(",\"reason\":\"%s\"", b->why);
    }
    (void)printf("}\n");
    if (status == COMMAND_USAGE) {
        print_text(b, status);
    }
}

int command_blame(const struct command_ask *o)
{
    struct blaming *const b = calloc(1, sizeof *b);
    const size_t room = (sizeof *b->scratch + 63) / 64 * 64;
    int status = COMMAND_USAGE;

    if (b == NULL) {
        return COMMAND_USAGE;
    }
    b->options = o;
    b->scratch = aligned_alloc(64, room);
    set_why(b, "out of memory");
    if (b->scratch != NULL) {
        status = run(b);
    }
    if (o->json) {
        print_json(b, status);
    } else {
        print_text(b, status);
    }
    roster_free(b->roster);
    free(b->scratch);
    free(b);
    return fflush(stdout) == 0 ? status : COMMAND_USAGE;
}
