/* Faults of one honest node, put before what it calls by the linker (--wrap): nothing of them
 * is in src/. */
#include "presim_stamps.h"
#include "sim_level.h"

#include "wire/reenrol_order.h"

const char *const presim_plants[PRESIM_PLANTS] = {
    "none",   "sid2",  "keep",  "counter", "proof",    "void",  "silent", "twice",
    "others", "peers", "blind", "again",   "trusting", "stays", "hears",  "third"};

static enum presim_plant planted;
static unsigned planted_in = PRESIM_NODES;
static unsigned driven = PRESIM_NODES;

void presim_plant_in(enum presim_plant what, unsigned node)
{
    planted = what;
    planted_in = node;
}

void presim_plant_drive(unsigned node)
{
    driven = node;
}

static unsigned asked;

void presim_plant_asked(unsigned signers)
{
    asked = signers;
}

static bool has(enum presim_plant what)
{
    return planted == what && driven == planted_in && driven != PRESIM_NODES;
}

/* Names as the linker makes them. */
enum err __real_tecdsa_presign_accept_2(struct tecdsa_presign *p, unsigned from,
                                        const uint8_t *sid2, const struct tecdsa_round_2 *in,
                                        struct tecdsa_presign_scratch *scratch);
enum err __wrap_tecdsa_presign_accept_2(struct tecdsa_presign *p, unsigned from,
                                        const uint8_t *sid2, const struct tecdsa_round_2 *in,
                                        struct tecdsa_presign_scratch *scratch);
void __real_presign_setup_wipe(struct presign_setup *s);
void __wrap_presign_setup_wipe(struct presign_setup *s);
enum err __real_tecdsa_presign_begin(struct tecdsa_presign *p, struct tecdsa_signer *signer,
                                     const struct tecdsa_presign_of *of, const uint8_t *seed);
enum err __wrap_tecdsa_presign_begin(struct tecdsa_presign *p, struct tecdsa_signer *signer,
                                     const struct tecdsa_presign_of *of, const uint8_t *seed);
bool __real_presign_said_proves(const struct presign_tools *tools, const struct presign_said *a,
                                const struct presign_said *b);
bool __wrap_presign_said_proves(const struct presign_tools *tools, const struct presign_said *a,
                                const struct presign_said *b);
void __real_presign_pool_void(struct presign_pool *p, unsigned node);
void __wrap_presign_pool_void(struct presign_pool *p, unsigned node);
bool __real_presigner_tell(struct presigner *p, unsigned to, const struct pq1_about *about,
                           struct view message, int64_t now_ns);
bool __wrap_presigner_tell(struct presigner *p, unsigned to, const struct pq1_about *about,
                           struct view message, int64_t now_ns);
enum err __wrap_ed25519_verify(struct work_stack *w, const uint8_t *public_key,
                               struct view message, const uint8_t *sig);
enum err __real_r1_macs_check(const struct r1_macs *m, struct work_stack *stack,
                              const struct r2_head *head, struct view r1s);
enum err __wrap_r1_macs_check(const struct r1_macs *m, struct work_stack *stack,
                              const struct r2_head *head, struct view r1s);
enum err __real_presign_pool_answer(struct presign_pool *p, struct work_stack *stack,
                                    const uint8_t *id, const uint8_t *digest, int64_t now_ns,
                                    struct tecdsa_answer *out);
enum err __wrap_presign_pool_answer(struct presign_pool *p, struct work_stack *stack,
                                    const uint8_t *id, const uint8_t *digest, int64_t now_ns,
                                    struct tecdsa_answer *out);
const struct tecdsa_presignature *__real_presign_pool_look(const struct presign_pool *p,
                                                           const uint8_t *id);
const struct tecdsa_presignature *__wrap_presign_pool_look(const struct presign_pool *p,
                                                           const uint8_t *id);
enum err __wrap_tecdsa_online_combine(const uint8_t *public_key, const uint8_t *r,
                                      const uint8_t *digest,
                                      const struct tecdsa_answer *answers, uint8_t *sig);
enum err __real_mesh_drop(struct mesh *m, unsigned node, uint32_t incarnation,
                          const uint8_t *identity);
enum err __wrap_mesh_drop(struct mesh *m, unsigned node, uint32_t incarnation,
                          const uint8_t *identity);
enum err __real_reenrol_roster_take(struct reenrol_roster *r, struct plan *p,
                                    const uint8_t *epoch_id, const struct reenrol_order *o);
enum err __wrap_reenrol_roster_take(struct reenrol_roster *r, struct plan *p,
                                    const uint8_t *epoch_id, const struct reenrol_order *o);
void __real_classic_pool_taken(struct classic_pool *p, const uint8_t *id);
void __wrap_classic_pool_taken(struct classic_pool *p, const uint8_t *id);
void __real_classic_pool_take(struct classic_pool *p, unsigned t,
                              const struct classic_record *picked, struct classic_record *out);
void __wrap_classic_pool_take(struct classic_pool *p, unsigned t,
                              const struct classic_record *picked, struct classic_record *out);
bool __real_classic_triples_wrong(struct classic_triples *c, unsigned t, int64_t now_ns);
bool __wrap_classic_triples_wrong(struct classic_triples *c, unsigned t, int64_t now_ns);
void __real_classic_triples_refused(struct classic_triples *c, unsigned t, int64_t now_ns);
void __wrap_classic_triples_refused(struct classic_triples *c, unsigned t, int64_t now_ns);

enum err __wrap_tecdsa_presign_accept_2(struct tecdsa_presign *p, unsigned from,
                                        const uint8_t *sid2, const struct tecdsa_round_2 *in,
                                        struct tecdsa_presign_scratch *scratch)
{
    uint8_t own[TECDSA_HASH_LEN];

    memcpy(own, p->sid2, sizeof own);
    return __real_tecdsa_presign_accept_2(p, from, has(PRESIM_PLANT_SID2) ? own : sid2, in,
                                          scratch);
}

void __wrap_presign_setup_wipe(struct presign_setup *s)
{
    if (!has(PRESIM_PLANT_KEEP)) {
        __real_presign_setup_wipe(s);
    }
}

enum err __wrap_tecdsa_presign_begin(struct tecdsa_presign *p, struct tecdsa_signer *signer,
                                     const struct tecdsa_presign_of *of, const uint8_t *seed)
{
    for (unsigned i = 0; has(PRESIM_PLANT_COUNTER) && i < TECDSA_PARTIES_MAX; i++) {
        signer->pair[i].last_counter = 0;
    }
    return __real_tecdsa_presign_begin(p, signer, of, seed);
}

bool __wrap_presign_said_proves(const struct presign_tools *tools, const struct presign_said *a,
                                const struct presign_said *b)
{
    return has(PRESIM_PLANT_PROOF) || __real_presign_said_proves(tools, a, b);
}

void __wrap_presign_pool_void(struct presign_pool *p, unsigned node)
{
    if (!has(PRESIM_PLANT_VOID) && !(has(PRESIM_PLANT_STAYS) && node != p->own)) {
        __real_presign_pool_void(p, node);
    }
}

bool __wrap_presigner_tell(struct presigner *p, unsigned to, const struct pq1_about *about,
                           struct view message, int64_t now_ns)
{
    return (has(PRESIM_PLANT_SILENT) && about->type == MESH_PRESIGN) ||
           __real_presigner_tell(p, to, about, message, now_ns);
}

enum err __wrap_ed25519_verify(struct work_stack *w, const uint8_t *public_key,
                               struct view message, const uint8_t *sig)
{
    return sim_level_verify(w, public_key, message, sig);
}

enum err __wrap_r1_macs_check(const struct r1_macs *m, struct work_stack *stack,
                              const struct r2_head *head, struct view r1s)
{
    return has(PRESIM_PLANT_PEERS) ? ERR_OK : __real_r1_macs_check(m, stack, head, r1s);
}

/* ---- of stamps ---- */

static unsigned tells;

void presim_plant_tell(unsigned what)
{
    tells = what;
}

static enum err answer(struct presign_pool *p, struct work_stack *stack, const uint8_t *id,
                       const uint8_t *digest, int64_t now_ns, struct tecdsa_answer *out)
{
    const enum err e = __real_presign_pool_answer(p, stack, id, digest, now_ns, out);

    if (e == ERR_OK) {
        out->w[TECDSA_SCALAR_LEN - 1] ^= (tells & PRESIM_TELL_W) != 0;
        out->u[TECDSA_SCALAR_LEN - 1] ^= (tells & PRESIM_TELL_U) != 0;
    }
    return e;
}

enum err __wrap_presign_pool_answer(struct presign_pool *p, struct work_stack *stack,
                                    const uint8_t *id, const uint8_t *digest, int64_t now_ns,
                                    struct tecdsa_answer *out)
{
    const struct presign_slot *slot = presign_pool_above(p, 0);
    struct tecdsa_presignature copy;
    enum err e;

    if (!has(PRESIM_PLANT_TWICE)) {
        return answer(p, stack, id, digest, now_ns, out);
    }
    while (slot != NULL && memcmp(slot->record.id, id, TECDSA_HASH_LEN) != 0) {
        slot = presign_pool_next(p, slot);
    }
    if (slot != NULL) {
        memcpy(&copy, &slot->record, sizeof copy);
    }
    e = answer(p, stack, id, digest, now_ns, out);
    if (slot != NULL && e == ERR_OK) {
        world_must(presign_pool_add(p, &copy, now_ns));
    }
    return e;
}

const struct tecdsa_presignature *__wrap_presign_pool_look(const struct presign_pool *p,
                                                           const uint8_t *id)
{
    static struct tecdsa_presignature copy;
    const struct tecdsa_presignature *const record = __real_presign_pool_look(p, id);

    if (record == NULL || !has(PRESIM_PLANT_OTHERS)) {
        return record;
    }
    memcpy(&copy, record, sizeof copy);
    copy.s = asked;
    return &copy;
}

enum err __wrap_tecdsa_online_combine(const uint8_t *public_key, const uint8_t *r,
                                      const uint8_t *digest,
                                      const struct tecdsa_answer *answers, uint8_t *sig)
{
    const enum err e = presim_level_combine(public_key, r, digest, answers, sig);

    if (e == ERR_OK || !has(PRESIM_PLANT_BLIND)) {
        return e;
    }
    memcpy(sig, r, TECDSA_SCALAR_LEN);
    return ERR_OK;
}

void __wrap_classic_pool_taken(struct classic_pool *p, const uint8_t *id)
{
    if (!has(PRESIM_PLANT_AGAIN)) {
        __real_classic_pool_taken(p, id);
    }
}

void __wrap_classic_pool_take(struct classic_pool *p, unsigned t,
                              const struct classic_record *picked, struct classic_record *out)
{
    if (has(PRESIM_PLANT_AGAIN)) {
        *out = *picked;
    } else {
        __real_classic_pool_take(p, t, picked, out);
    }
}

bool __wrap_classic_triples_wrong(struct classic_triples *c, unsigned t, int64_t now_ns)
{
    return !has(PRESIM_PLANT_TRUSTING) && __real_classic_triples_wrong(c, t, now_ns);
}

void __wrap_classic_triples_refused(struct classic_triples *c, unsigned t, int64_t now_ns)
{
    if (!has(PRESIM_PLANT_TRUSTING)) {
        __real_classic_triples_refused(c, t, now_ns);
    }
}

/* ---- of orders ---- */

enum err __wrap_mesh_drop(struct mesh *m, unsigned node, uint32_t incarnation,
                          const uint8_t *identity)
{
    return has(PRESIM_PLANT_HEARS) ? ERR_OK : __real_mesh_drop(m, node, incarnation, identity);
}

enum err __wrap_reenrol_roster_take(struct reenrol_roster *r, struct plan *p,
                                    const uint8_t *epoch_id, const struct reenrol_order *o)
{
    if (has(PRESIM_PLANT_THIRD)) {
        r->epoch.repaired = 0;
    }
    return __real_reenrol_roster_take(r, p, epoch_id, o);
}
