/* The protocol level of presignatures: a group that shows its logarithms, extensions and
 * products that know what both sides put in, and are caught where the real ones are. Sizes,
 * scalars and whatever calls these functions are real, and so are the equations: a point here
 * is the scalar that multiplies G. */
#include "dkg_level.h"
#include "ideal_mix.h"
#include "presim.h"

const char *const presim_level_name = "protocol";
const unsigned presim_level_together = 1000;

/* Names as the linker makes them. */
void __wrap_drbg_reseed(struct drbg *d, struct view entropy);
enum err __wrap_tecdsa_point_decode(const uint8_t *in, struct tecdsa_point *out);
enum err __wrap_tecdsa_point_long_decode(const uint8_t *in, struct tecdsa_point *out);
void __wrap_tecdsa_point_encode(const struct tecdsa_point *a, uint8_t *out);
void __wrap_tecdsa_point_long_encode(const struct tecdsa_point *a, uint8_t *out);
void __wrap_tecdsa_point_add(const struct tecdsa_point *a, const struct tecdsa_point *b,
                             struct tecdsa_point *out);
void __wrap_tecdsa_point_neg(const struct tecdsa_point *a, struct tecdsa_point *out);
void __wrap_tecdsa_point_sub(const struct tecdsa_point *a, const struct tecdsa_point *b,
                             struct tecdsa_point *out);
uint64_t __wrap_tecdsa_point_infinite(const struct tecdsa_point *a);
uint64_t __wrap_tecdsa_point_equal(const struct tecdsa_point *a, const struct tecdsa_point *b);
void __wrap_tecdsa_point_mul_g(const struct tecdsa_scalar *k, struct tecdsa_point *out);
void __wrap_tecdsa_point_mul(const struct tecdsa_scalar *k, const struct tecdsa_point *a,
                             struct tecdsa_point *out);
void __wrap_tecdsa_point_mul_g_encode(const struct tecdsa_scalar *k, uint8_t *out);
enum err __wrap_tecdsa_point_check(const struct tecdsa_scalar *k, const struct tecdsa_point *a);
void __wrap_tecdsa_point_times(unsigned k, const struct tecdsa_point *a,
                               struct tecdsa_point *out);
void __wrap_tecdsa_point_x(const struct tecdsa_point *a, struct tecdsa_scalar *out);
void __wrap_tecdsa_point_x_all(const struct tecdsa_point a[], size_t n,
                               struct tecdsa_scalar out[]);
void __wrap_tecdsa_ote_extend(const struct tecdsa_setup_bob *setup,
                              const struct tecdsa_ote_of *of, const uint8_t *x,
                              struct tecdsa_ote_scratch *scratch, struct tecdsa_rows *t,
                              struct tecdsa_ote_message *out);
enum err __wrap_tecdsa_ote_check(const struct tecdsa_setup_alice *setup,
                                 const struct tecdsa_ote_of *of,
                                 const struct tecdsa_ote_message *in,
                                 struct tecdsa_ote_scratch *scratch, struct tecdsa_rows *q);
void __wrap_tecdsa_rvole_send(const struct tecdsa_rvole_of *of, const struct tecdsa_rows *q,
                              const uint8_t *delta, const struct tecdsa_rvole_inputs *inputs,
                              struct tecdsa_rvole_scratch *scratch,
                              struct tecdsa_rvole_message *out, struct tecdsa_scalar *c);
enum err __wrap_tecdsa_rvole_receive(const struct tecdsa_rvole_of *of,
                                     const struct tecdsa_rows *t, const uint8_t *beta,
                                     const struct tecdsa_rvole_message *in,
                                     struct tecdsa_rvole_scratch *scratch,
                                     struct tecdsa_scalar *d);
void presim_level_begin(uint64_t seed)
{
    dkg_level_begin(seed);
}

void __wrap_drbg_reseed(struct drbg *d, struct view entropy)
{
    struct mix m;

    memcpy(&m, d, sizeof m);
    mix_bytes(&m, entropy.p, entropy.n);
    memcpy(d, &m, sizeof m);
}

/* ---- the group ---- */

_Static_assert(sizeof(struct tecdsa_scalar) == sizeof((struct tecdsa_point *)0)->x,
               "a point has room for its logarithm");

static struct tecdsa_scalar log_of(const struct tecdsa_point *a)
{
    struct tecdsa_scalar k;

    memcpy(&k, a->x, sizeof k);
    return k;
}

void __wrap_tecdsa_point_mul_g(const struct tecdsa_scalar *k, struct tecdsa_point *out)
{
    const struct tecdsa_scalar copy = *k;

    memset(out, 0, sizeof *out);
    memcpy(out->x, &copy, sizeof copy);
}

void __wrap_tecdsa_point_mul(const struct tecdsa_scalar *k, const struct tecdsa_point *a,
                             struct tecdsa_point *out)
{
    struct tecdsa_scalar x = log_of(a);

    tecdsa_scalar_mul(k, &x, &x);
    __wrap_tecdsa_point_mul_g(&x, out);
}

enum err __wrap_tecdsa_point_decode(const uint8_t *in, struct tecdsa_point *out)
{
    struct tecdsa_scalar k = {{0}};
    enum err e = in[0] == 2 || in[0] == 3 ? tecdsa_scalar_decode(in + 1, &k) : ERR_ENCODING;

    e = e == ERR_OK && tecdsa_scalar_zero(&k) != 0 ? ERR_RANGE : e;
    if (e != ERR_OK) {
        memset(&k, 0, sizeof k);
    }
    __wrap_tecdsa_point_mul_g(&k, out);
    return e;
}

enum err __wrap_tecdsa_point_long_decode(const uint8_t *in, struct tecdsa_point *out)
{
    uint8_t bytes[TECDSA_POINT_LEN] = {in[0] == 4 ? 2 : 0};

    memcpy(bytes + 1, in + 1, TECDSA_SCALAR_LEN);
    if (!tecdsa_erased(in + TECDSA_POINT_LEN, TECDSA_POINT_LONG - TECDSA_POINT_LEN)) {
        bytes[0] = 0;
    }
    return __wrap_tecdsa_point_decode(bytes, out);
}

static void encode(const struct tecdsa_point *a, uint8_t tag, uint8_t *out, size_t n)
{
    const struct tecdsa_scalar k = log_of(a);

    memset(out, 0, n);
    if (tecdsa_scalar_zero(&k) == 0) {
        out[0] = tag;
        tecdsa_scalar_encode(&k, out + 1);
    }
}

void __wrap_tecdsa_point_encode(const struct tecdsa_point *a, uint8_t *out)
{
    encode(a, 2, out, TECDSA_POINT_LEN);
}

void __wrap_tecdsa_point_long_encode(const struct tecdsa_point *a, uint8_t *out)
{
    encode(a, 4, out, TECDSA_POINT_LONG);
}

void __wrap_tecdsa_point_mul_g_encode(const struct tecdsa_scalar *k, uint8_t *out)
{
    struct tecdsa_point a;

    __wrap_tecdsa_point_mul_g(k, &a);
    encode(&a, 4, out, TECDSA_POINT_LONG);
}

void __wrap_tecdsa_point_add(const struct tecdsa_point *a, const struct tecdsa_point *b,
                             struct tecdsa_point *out)
{
    struct tecdsa_scalar x = log_of(a);
    const struct tecdsa_scalar y = log_of(b);

    tecdsa_scalar_add(&x, &y, &x);
    __wrap_tecdsa_point_mul_g(&x, out);
}

void __wrap_tecdsa_point_neg(const struct tecdsa_point *a, struct tecdsa_point *out)
{
    struct tecdsa_scalar x = log_of(a);

    tecdsa_scalar_neg(&x, &x);
    __wrap_tecdsa_point_mul_g(&x, out);
}

void __wrap_tecdsa_point_sub(const struct tecdsa_point *a, const struct tecdsa_point *b,
                             struct tecdsa_point *out)
{
    struct tecdsa_point minus;

    __wrap_tecdsa_point_neg(b, &minus);
    __wrap_tecdsa_point_add(a, &minus, out);
}

uint64_t __wrap_tecdsa_point_infinite(const struct tecdsa_point *a)
{
    const struct tecdsa_scalar x = log_of(a);

    return tecdsa_scalar_zero(&x);
}

uint64_t __wrap_tecdsa_point_equal(const struct tecdsa_point *a, const struct tecdsa_point *b)
{
    const struct tecdsa_scalar x = log_of(a);
    const struct tecdsa_scalar y = log_of(b);

    return tecdsa_scalar_equal(&x, &y);
}

enum err __wrap_tecdsa_point_check(const struct tecdsa_scalar *k, const struct tecdsa_point *a)
{
    const struct tecdsa_scalar x = log_of(a);

    return tecdsa_scalar_equal(k, &x) != 0 ? ERR_OK : ERR_MISMATCH;
}

void __wrap_tecdsa_point_times(unsigned k, const struct tecdsa_point *a,
                               struct tecdsa_point *out)
{
    struct tecdsa_scalar times;

    tecdsa_scalar_of_int(k, &times);
    __wrap_tecdsa_point_mul(&times, a, out);
}

void __wrap_tecdsa_point_x(const struct tecdsa_point *a, struct tecdsa_scalar *out)
{
    *out = log_of(a);
}

void __wrap_tecdsa_point_x_all(const struct tecdsa_point a[], size_t n,
                               struct tecdsa_scalar out[])
{
    for (size_t i = 0; i < n; i++) {
        out[i] = log_of(&a[i]);
    }
}

/* ---- extensions: one column that is wrong shows where delta has a 1 ---- */

static void name_extension(const uint8_t *setup, const struct tecdsa_ote_of *of, uint8_t *out)
{
    struct mix m = mix_begin(MIX_CHANNEL);

    mix_bytes(&m, setup, TECDSA_HASH_LEN);
    mix_bytes(&m, of->sid1, TECDSA_HASH_LEN);
    mix_bytes(&m, of->nonce, TECDSA_NONCE_LEN);
    mix_out(&m, out, TECDSA_CHECK_LEN);
}

void __wrap_tecdsa_ote_extend(const struct tecdsa_setup_bob *setup,
                              const struct tecdsa_ote_of *of, const uint8_t *x,
                              struct tecdsa_ote_scratch *scratch, struct tecdsa_rows *t,
                              struct tecdsa_ote_message *out)
{
    (void)x;
    (void)scratch;
    memset(t, 0, sizeof *t);
    memset(out, 0, sizeof *out);
    name_extension(setup->id, of, out->x);
}

enum err __wrap_tecdsa_ote_check(const struct tecdsa_setup_alice *setup,
                                 const struct tecdsa_ote_of *of,
                                 const struct tecdsa_ote_message *in,
                                 struct tecdsa_ote_scratch *scratch, struct tecdsa_rows *q)
{
    uint8_t want[TECDSA_CHECK_LEN];
    bool good = mix_nothing(in->t, sizeof in->t);

    (void)scratch;
    memset(q, 0, sizeof *q);
    name_extension(setup->id, of, want);
    good = good && memcmp(want, in->x, sizeof want) == 0;
    for (unsigned c = 0; good && c < TECDSA_OTS; c++) {
        good = (setup->delta[c / 8] >> (c % 8) & 1) == 0 ||
               mix_nothing(in->u[c], TECDSA_COLUMN_LEN);
    }
    return good ? ERR_OK : ERR_MISMATCH;
}

/* ---- products: one row that is wrong shows where beta has a 1 ---- */

/* In row 0: the inputs, and Alice's shares. mu names what all of it is for. */
static void name_product(const struct tecdsa_rvole_of *of,
                         const struct tecdsa_rvole_message *message, uint8_t *out)
{
    struct mix m = mix_begin(MIX_CHANNEL);

    mix_bytes(&m, of->setup_id, TECDSA_HASH_LEN);
    mix_bytes(&m, of->sid2, TECDSA_HASH_LEN);
    mix_word(&m, of->bob << 8 | of->alice);
    mix_bytes(&m, message->a[0][0], sizeof message->a[0]);
    mix_out(&m, out, sizeof message->mu);
}

void __wrap_tecdsa_rvole_send(const struct tecdsa_rvole_of *of, const struct tecdsa_rows *q,
                              const uint8_t *delta, const struct tecdsa_rvole_inputs *inputs,
                              struct tecdsa_rvole_scratch *scratch,
                              struct tecdsa_rvole_message *out, struct tecdsa_scalar *c)
{
    uint8_t wide[TECDSA_WIDE_LEN];

    (void)q;
    (void)delta;
    (void)scratch;
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < TECDSA_RVOLE_INPUTS; i++) {
        struct mix m = mix_begin(MIX_RANDOM);

        mix_bytes(&m, inputs->seed, sizeof inputs->seed);
        mix_word(&m, i);
        mix_out(&m, wide, sizeof wide);
        tecdsa_scalar_reduce(wide, &c[i]);
        tecdsa_scalar_encode(&inputs->a[i], out->a[0][i]);
        tecdsa_scalar_encode(&c[i], out->a[0][TECDSA_RVOLE_INPUTS + i]);
    }
    name_product(of, out, out->mu);
}

static bool rows_are_good(const struct tecdsa_rvole_message *in, const uint8_t *beta)
{
    for (unsigned j = 1; j < TECDSA_XI; j++) {
        if ((beta[j / 8] >> (j % 8) & 1) != 0 && !mix_nothing(in->a[j], sizeof in->a[j])) {
            return false;
        }
    }
    return tecdsa_erased(in->eta, sizeof in->eta);
}

enum err __wrap_tecdsa_rvole_receive(const struct tecdsa_rvole_of *of,
                                     const struct tecdsa_rows *t, const uint8_t *beta,
                                     const struct tecdsa_rvole_message *in,
                                     struct tecdsa_rvole_scratch *scratch,
                                     struct tecdsa_scalar *d)
{
    uint8_t want[sizeof in->mu];
    struct tecdsa_scalar b;

    (void)t;
    (void)scratch;
    memset(d, 0, TECDSA_RVOLE_INPUTS * sizeof d[0]);
    name_product(of, in, want);
    if (memcmp(want, in->mu, sizeof want) != 0 || !rows_are_good(in, beta)) {
        return ERR_MISMATCH;
    }
    tecdsa_rvole_factor(of->gadget, beta, &b);
    for (unsigned i = 0; i < TECDSA_RVOLE_INPUTS; i++) {
        struct tecdsa_scalar a;
        struct tecdsa_scalar c;

        TRY(tecdsa_scalar_decode(in->a[0][i], &a));
        TRY(tecdsa_scalar_decode(in->a[0][TECDSA_RVOLE_INPUTS + i], &c));
        tecdsa_scalar_mul(&a, &b, &a);
        tecdsa_scalar_sub(&a, &c, &d[i]);
    }
    return ERR_OK;
}

/* ---- signatures: s k = e + r x, where k is r, and x what the public key shows ---- */

enum err presim_level_combine(const uint8_t *public_key, const uint8_t *r,
                              const uint8_t *digest, const struct tecdsa_answer *answers,
                              uint8_t *sig)
{
    struct tecdsa_scalar w = {{0}};
    struct tecdsa_scalar u = {{0}};
    struct tecdsa_scalar k;
    struct tecdsa_scalar x;
    struct tecdsa_scalar e;

    memset(sig, 0, P384_SIG_LEN);
    for (unsigned i = 0; i < TECDSA_T; i++) {
        struct tecdsa_scalar a;

        TRY(tecdsa_scalar_decode(answers[i].w, &a));
        tecdsa_scalar_add(&w, &a, &w);
        TRY(tecdsa_scalar_decode(answers[i].u, &a));
        tecdsa_scalar_add(&u, &a, &u);
    }
    TRY(tecdsa_scalar_decode(r, &k));
    TRY(tecdsa_scalar_decode(public_key + 1, &x));
    tecdsa_scalar_of_digest(digest, &e);
    tecdsa_scalar_mul(&x, &k, &x);
    tecdsa_scalar_add(&e, &x, &e); /* e + r x = s k = k w / u */
    tecdsa_scalar_mul(&e, &u, &e);
    tecdsa_scalar_mul(&k, &w, &k);
    if (tecdsa_scalar_zero(&u) != 0 || tecdsa_scalar_equal(&e, &k) == 0) {
        return ERR_SIGNATURE;
    }
    memcpy(sig, r, TECDSA_SCALAR_LEN);
    dkg_level_sign(public_key, digest, sig);
    return ERR_OK;
}
