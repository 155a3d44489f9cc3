/* MACs of R1s: the keys are secret; the MACs that go out are not, nor is what becomes of one.
 */
#include "base/secret.h"
#include "enclave/presign/r1_macs.h"

#include <string.h>

static struct work_stack stack;
static struct r1_macs ends[2];
static uint8_t r1s[2 * R1_PROVEN_LEN];

/* Both ends of a pair have its key. */
static void meet(void)
{
    uint8_t key[R1_MAC_KEY_LEN] = {7};

    CT_SECRET(key, sizeof key);
    for (unsigned i = 0; i < 2; i++) {
        r1_macs_init(&ends[i], i);
        r1_macs_meet(&ends[i], 1 - i, key);
    }
}

static enum err check(void)
{
    static const struct r2_head head = {.t = 2, .signers = {1, 2}};

    return r1_macs_check(&ends[1], &stack, &head, (struct view){r1s, sizeof r1s});
}

int main(void)
{
    work_stack_init(&stack);
    meet();
    for (unsigned i = 0; i < 2; i++) {
        if (r1_macs_write(&ends[i], &stack, r1s + (size_t)i * R1_PROVEN_LEN) != ERR_OK) {
            return 1;
        }
    }
    if (check() != ERR_OK) {
        return 2;
    }
    r1s[0] ^= 1;
    return check() == ERR_SIGNATURE ? 0 : 3;
}
