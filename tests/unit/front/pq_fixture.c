#include "pq_fixture.h"

#include "chain_fixture.h"
#include "pq_certs.h"

struct view pq_fixture_pem(void)
{
    static uint8_t pem[2 * PQ_CERT_MAX];
    const struct pq_cert_spec leaf = pq_cert_leaf(FIXTURE_NOW);
    const struct pq_cert_spec root = pq_cert_root(FIXTURE_NOW);
    struct writer w = wr_init(pem, sizeof pem);
    struct view out;

    pq_certs_pem(&leaf, &w);
    pq_certs_pem(&root, &w);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

void pq_fixture_sign(struct view message, uint8_t *out)
{
    static struct pq_certs_room room;
    static struct mldsa_sign_scratch scratch;
    static const uint8_t rnd[MLDSA_SEED_LEN];
    uint8_t pk[PQ_CERTS_PK_LEN];

    pq_certs_key(&room, pq_cert_leaf(FIXTURE_NOW).key, pk);
    assert_int_equal(mldsa_sign(&room.key, (struct view){NULL, 0}, message, rnd, &scratch, out),
                     ERR_OK);
}

static const struct mldsa_public_key *public_key(void)
{
    static struct mldsa_key_scratch key_scratch;
    static struct mldsa_public_key key;
    uint8_t pk[PQ_CERTS_PK_LEN];

    assert_int_equal(
        mldsa_public_key_parse(mldsa_best(), &mldsa_65,
                               pq_certs_public_key(pq_cert_leaf(FIXTURE_NOW).key, pk),
                               &key_scratch, &key),
        ERR_OK);
    return &key;
}

bool pq_fixture_verifies(struct view message, struct view sig)
{
    static struct mldsa_verify_scratch scratch;

    return mldsa_verify(public_key(), (struct view){NULL, 0}, message, sig, &scratch) == ERR_OK;
}

bool pq_fixture_verifies_mu(const uint8_t *mu, struct view sig)
{
    static struct mldsa_verify_scratch scratch;

    return mldsa_verify_mu(public_key(), mu, sig, &scratch) == ERR_OK;
}
