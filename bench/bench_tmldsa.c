/* bench_tmldsa [--set ML-DSA-65] [--t 3] [--n 5] [--batches 1] [--sessions 1000] [--path avx2]
 * - threshold ML-DSA of one quorum in one thread: what each round costs a signer, what it
 * sends, and how often repetitions and sessions succeed, beside what the parameters promise.
 * --all does the same for every (T,N) of the set, a line each; --memory prints the memory of
 * every (T,N).
 */
#include "../tests/tmldsa_kit.h"
#include "bench_kit.h"

#include "crypto/tmldsa/tmldsa_blame.h"

#include <getopt.h>
#include <math.h>

/* How far the rates may be from what the parameters promise: of a repetition that one signer
 * accepts, and of a session that gives a signature, over so many sessions. */
#define TOLERANCE_ACCEPTED 0.010
#define TOLERANCE_FOUND 0.05
#define TOLERANCE_SESSIONS 1000

/* The model of ML-DSA-65 (3,5), one batch: ms of CPU, and bytes a signer sends and receives for
 * a signature through the coordinator; of a repetition, the chance to become a signature. */
static const struct {
    double round_1, round_3, combine, signer, sent, received, p;
} model = {2.6, 3.8, 0.24, 12.7, 0.40e6, 0.57e6, 0.0112};

static struct tmldsa_kit *kit;
static struct mldsa_verify_scratch verify_scratch;
static double spent_ms[4]; /* rounds 1 and 3 of all signers, combine, reading a response */
static unsigned long indices, accepted, all_accepted, sessions, found;
static size_t response_bytes;

static double lap(double *since)
{
    const double now = cpu_s() * 1e3;
    const double took = now - *since;

    *since = now;
    return took;
}

static void session(unsigned act)
{
    double since = cpu_s() * 1e3;
    unsigned culprit;

    kit->session.act = (uint8_t)act;
    noise_bytes(&kit->noise, kit->session.id, sizeof kit->session.id);
    noise_bytes(&kit->noise, kit->session.mu, sizeof kit->session.mu);
    FOR_EACH_SIGNER(kit, i)
    {
        tmldsa_round_1(kit, i, NULL);
    }
    spent_ms[0] += lap(&since);
    FOR_EACH_SIGNER(kit, i)
    {
        tmldsa_round_2(kit, i);
    }
    FOR_EACH_SIGNER(kit, i)
    {
        tmldsa_must(tmldsa_round_3(kit, i, &culprit), "respond");
        response_bytes += kit->response_bytes[i].n;
    }
    spent_ms[1] += lap(&since);
    tmldsa_finish(kit);
    spent_ms[2] += lap(&since);
    FOR_EACH_SIGNER(kit, i)
    {
        accepted += kit->response[i].accepted;
    }
    indices += tmldsa_session_indices(kit->params, &kit->session);
    for (unsigned index = 0; index < tmldsa_session_indices(kit->params, &kit->session);
         index++) {
        bool all = true;

        FOR_EACH_SIGNER(kit, i)
        {
            all = all && tmldsa_response_has(&kit->response[i], index);
        }
        all_accepted += all ? 1 : 0;
    }
    sessions++;
    if (kit->outcome.found) {
        found++;
        tmldsa_must(mldsa_verify_mu(&kit->key.key, kit->session.mu,
                                    (struct view){kit->sig, kit->params->set->sig_len},
                                    &verify_scratch),
                    "verify");
    }
}

/* What the reference implementation measured: of how many sessions gave a signature; 0: not
 * told. By N, then T from 2. */
static const double reference_65[5][5] = {
    {144 / 300.0},
    {141 / 300.0, 165 / 300.0},
    {173 / 300.0, 146 / 300.0, 163 / 300.0},
    {154 / 300.0, 0.521, 78 / 150.0, 134 / 300.0},
    {155 / 300.0, 90 / 200.0, 36 / 60.0, 18 / 40.0, 38 / 80.0}};

static const char *agrees(double got, double promised, double tolerance)
{
    return fabs(got - promised) <= tolerance ? "yes" : "no";
}

/* Of the sessions, how many sign; 0: not told. */
static double promised_rate(const struct tmldsa_params *p)
{
    if (p->set != &mldsa_65) {
        return 0;
    }
    if (p->t == 3 && p->n == 5) {
        return 1 - pow(1 - model.p, (double)kit->session.batches * p->repetitions);
    }
    return kit->session.batches == 1 ? reference_65[p->n - 2][p->t - 2] : 0;
}

static void print_rates(const struct tmldsa_params *p, double rate)
{
    const double t = p->t;
    const double chance = pow((double)p->r / p->r_prime, tmldsa_dimension(p));
    const double one = (double)accepted / (double)indices / t;
    const double all = (double)all_accepted / (double)indices;
    const double all_tolerance = pow(chance + TOLERANCE_ACCEPTED, t) - pow(chance, t);
    const double promised = promised_rate(p);
    const double fewer = fmax(1, sqrt(TOLERANCE_SESSIONS / (double)sessions));

    printf("  accepted by one     %.4f, promised %.4f; agrees within %.4f: %s\n", one, chance,
           TOLERANCE_ACCEPTED, agrees(one, chance, TOLERANCE_ACCEPTED));
    printf("  accepted by all     %.4f, promised %.4f; agrees within %.4f: %s\n", all,
           pow(chance, t), all_tolerance, agrees(all, pow(chance, t), all_tolerance));
    printf("  sessions that sign  %.4f +- %.4f", rate,
           sqrt(rate * (1 - rate) / (double)sessions));
    if (promised > 0) {
        printf(", promised %.4f; agrees within %.4f: %s", promised, fewer * TOLERANCE_FOUND,
               agrees(rate, promised, fewer * TOLERANCE_FOUND));
    }
    printf("\n");
}

static void print(void)
{
    const struct tmldsa_params *p = kit->params;
    const double t = p->t;
    const double n = (double)sessions;
    const double rate = (double)found / n;
    const double round_1 = spent_ms[0] / n / t;
    const double round_3 = spent_ms[1] / n / t;
    const double w = (double)(kit->session.batches * tmldsa_pack_batch_len(p));
    const double response = (double)response_bytes / n / t;
    const bool is_modelled =
        p->set == &mldsa_65 && p->t == 3 && p->n == 5 && kit->session.batches == 1;

    printf("%s (%u,%u), %s: %u x %u repetitions, %lu sessions\n", p->set->name, p->t, p->n,
           kit->path->name, kit->session.batches, p->repetitions, sessions);
    printf("  a signer's CPU      round 1 %.3f ms, round 3 %.3f ms; combine %.3f ms\n", round_1,
           round_3, spent_ms[2] / n);
    printf("  a signature         %.2f ms of each signer, %.2f ms of all and combine\n",
           (round_1 + round_3) / rate, (t * (round_1 + round_3) + spent_ms[2] / n) / rate);
    printf(
        "  a signer moves      %.0f bytes of w and %.0f of response out, %.0f of w in; for a "
        "signature %.0f out, %.0f in\n",
        w, response, (t - 1) * w, (w + response) / rate, (t - 1) * w / rate);
    if (is_modelled) {
        printf("  the model           round 1 %.1f ms, round 3 %.1f ms, combine %.2f ms; a "
               "signature %.1f ms of each signer, %.0f bytes out, %.0f in\n",
               model.round_1, model.round_3, model.combine, model.signer, model.sent,
               model.received);
    }
    print_rates(p, rate);
}

static void print_line(void)
{
    const struct tmldsa_params *p = kit->params;
    const double t = p->t;
    const double n = (double)sessions;
    const double rate = (double)found / n;
    const double known = p->set == &mldsa_65 ? reference_65[p->n - 2][p->t - 2] : 0;

    printf("%u,%u %5u %8.3f %8.3f %8.3f   %.4f %.4f   %.3f +- %.3f", p->t, p->n, p->repetitions,
           spent_ms[0] / n / t, spent_ms[1] / n / t, spent_ms[2] / n,
           (double)accepted / (double)indices / t,
           pow((double)p->r / p->r_prime, tmldsa_dimension(p)), rate,
           sqrt(rate * (1 - rate) / n));
    if (known > 0) {
        printf("  %.3f", known);
    }
    printf("\n");
}

static void print_memory(const struct mldsa_params *set)
{
    const size_t key = sizeof(struct tmldsa_public_key);
    const size_t share = sizeof(struct tmldsa_share);
    const size_t scratch = sizeof(struct tmldsa_respond_scratch);

    printf("%s: public key %zu, share %zu, scratch of a thread %zu, of a combiner %zu\n",
           set->name, key, share, scratch, sizeof(struct tmldsa_blame_scratch));
    printf("  T,N      K      a batch   64 batches   response at most, 1 batch   batches in 48 "
           "MiB\n");
    for (unsigned n = 2; n <= TMLDSA_PARTIES_MAX; n++) {
        for (unsigned t = 2; t <= n; t++) {
            const struct tmldsa_params *p = tmldsa_params_find(set, t, n);
            const size_t batch = sizeof(struct tmldsa_batch) + tmldsa_pack_batch_len(p);

            printf("  %u,%u %6u %12zu %9.1f MiB %27zu %19zu\n", t, n, p->repetitions, batch,
                   64.0 * (double)batch / 1048576, tmldsa_respond_max(p, 1),
                   ((size_t)48 << 20) / batch);
        }
    }
}

/* Sessions of quorums that take turns. */
static void run(const struct tmldsa_path *path, const struct tmldsa_params *p, unsigned batches,
                unsigned long count)
{
    const uint8_t seed[32] = {1};
    unsigned act = 0;

    memset(spent_ms, 0, sizeof spent_ms);
    indices = accepted = all_accepted = sessions = found = 0;
    response_bytes = 0;
    if (kit != NULL) {
        tmldsa_kit_free(kit);
    }
    kit = tmldsa_kit_new(path, p, batches, seed);
    while (sessions < count) {
        do {
            act = (act + 1) % (1u << p->n);
        } while (!tmldsa_alloc_is_quorum(p, act));
        session(act);
    }
}

/* Fewer sessions where one takes long. */
static void run_all(const struct tmldsa_path *path, const struct mldsa_params *set,
                    unsigned batches, unsigned long count)
{
    printf("%s, %s: CPU of a signer in ms; accepted by one signer; sessions that sign%s\n",
           set->name, path->name, set == &mldsa_65 ? "; the reference's" : "");
    printf("T,N     K  round 1  round 3  combine   accepted, promised  signed\n");
    for (unsigned n = 2; n <= TMLDSA_PARTIES_MAX; n++) {
        for (unsigned t = 2; t <= n; t++) {
            const struct tmldsa_params *p = tmldsa_params_find(set, t, n);
            const unsigned long afford = 20000 / ((unsigned long)p->t * p->repetitions) + 20;

            run(path, p, batches, count < afford ? count : afford);
            print_line();
        }
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"set", required_argument, NULL, 's'},
                                            {"t", required_argument, NULL, 't'},
                                            {"n", required_argument, NULL, 'n'},
                                            {"batches", required_argument, NULL, 'b'},
                                            {"sessions", required_argument, NULL, 'c'},
                                            {"path", required_argument, NULL, 'p'},
                                            {"memory", no_argument, NULL, 'm'},
                                            {"all", no_argument, NULL, 'a'},
                                            {NULL, 0, NULL, 0}};
    const struct mldsa_params *set = &mldsa_65;
    const struct tmldsa_path *path = tmldsa_best();
    const struct tmldsa_params *p;
    unsigned t = 3;
    unsigned n = 5;
    unsigned batches = 1;
    unsigned long count = TOLERANCE_SESSIONS;
    bool all = false;
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (c) {
        case 's':
            FOR_EACH_SET(one)
            {
                set = strcmp(one->name, optarg) == 0 ? one : set;
            }
            break;
        case 't':
            t = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'n':
            n = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'b':
            batches = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'c':
            count = strtoul(optarg, NULL, 10);
            break;
        case 'p':
            path = strcmp(optarg, "portable") == 0 ? &tmldsa_portable : path;
            break;
        case 'a':
            all = true;
            break;
        case 'm':
            FOR_EACH_SET(one)
            {
                print_memory(one);
            }
            return 0;
        default:
            return 2;
        }
    }
    p = tmldsa_params_find(set, t, n);
    if (p == NULL || batches < 1 || batches > TMLDSA_BATCHES_MAX || count < 1) {
        (void)fprintf(stderr, "bench_tmldsa: no such parameters\n");
        return 2;
    }
    if (all) {
        run_all(path, set, batches, count);
        return 0;
    }
    run(path, p, batches, count);
    print();
    return 0;
}
