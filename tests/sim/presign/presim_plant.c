/* Faults of one honest node, put before what it calls by the linker (--wrap): nothing of them
 * is in src/. */
#include "presim.h"
#include "sim_level.h"

const char *const presim_plants[PRESIM_PLANTS] = {"none",  "sid2", "keep",  "counter",
                                                  "proof", "void", "silent"};

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
    if (!has(PRESIM_PLANT_VOID)) {
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
