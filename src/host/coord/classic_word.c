/* What a signature that is wrong says: of whom, if one of the three has not signed its answer;
 * else of the three, and their cores are shown it. */
#include "host/coord/classic_word.h"

#include "crypto/ed25519.h"
#include "host/coord/classic_promise.h"

#include <string.h>

unsigned classic_unproven(const struct quorum_roster *roster, const struct presign_word *word)
{
    uint8_t signed_part[PRESIGN_WORD_SIGNED_LEN];
    unsigned bad = 0;

    for (unsigned place = 0; place < TECDSA_T; place++) {
        const unsigned party = classic_party(word->triple, place);
        const uint8_t *const answer = word->answers[place];

        presign_word_signed(word, roster->epoch_id, answer, signed_part);
        if (ed25519_verify(NULL, roster->plan->nodes[party].signing_key,
                           (struct view){signed_part, sizeof signed_part},
                           answer + PRESIGN_SUM_LEN) != ERR_OK) {
            bad |= 1U << party;
        }
    }
    return bad;
}

void classic_words_add(struct classic_words *q, const struct presign_word *word)
{
    struct classic_word *const x = &q->at[q->n++ % CLASSIC_WORDS_MAX];

    x->unsent = word->triple;
    x->word = *word;
}

bool classic_words_pull(struct classic_words *q, unsigned party, struct presign_order *out)
{
    for (size_t i = 0; i < CLASSIC_WORDS_MAX; i++) {
        struct classic_word *const x = &q->at[i];

        if ((x->unsent >> party & 1) != 0) {
            x->unsent &= ~(1U << party);
            *out = (struct presign_order){.kind = PRESIGN_ORDER_WRONG, .word = x->word};
            return true;
        }
    }
    return false;
}
