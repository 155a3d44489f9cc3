/* The accelerator. What each party draws, its share and its zero seeds are secret, and so is
 * all that comes of them but what src/crypto/tecdsa itself calls public. */
#include "../tecdsa_accel_kit.h"

static void misreport(struct accel_world *w, struct tecdsa_accel *a)
{
    (void)w;
    if (a->round == TECDSA_ACCEL_TEST) {
        a->from[a->party].test[1][0][0] ^= 1;
    }
}

int main(void)
{
    struct accel_world *w = accel_world_new(1);
    int result = accel_batch(w, 3) == ERR_OK ? 0 : 1;

    w->liar = 2;
    w->lie = misreport;
    accel_begin(w, 1);
    accel_run(w);
    if (w->a[0].fate != TECDSA_ACCEL_EARLY || w->a[0].culprit != 2) {
        result = 2;
    }
    accel_world_free(w);
    return result;
}
