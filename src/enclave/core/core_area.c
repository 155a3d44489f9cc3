#include "enclave/core/core_area.h"

void core_areas_init(struct core_areas *a, uint8_t *p, size_t n)
{
    *a = (struct core_areas){.n = n};
    a->p = p;
}

bool core_areas_has_for(const struct core_areas *a, size_t held)
{
    size_t left = 0;

    for (size_t i = 0; i < a->n; i++) {
        left += !a->lent[i];
    }
    return left > held;
}

uint8_t *core_areas_lend(struct core_areas *a, size_t held)
{
    if (!core_areas_has_for(a, held)) {
        return NULL;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (!a->lent[i]) {
            a->lent[i] = true;
            return a->p + i * LIMIT_AREA_LEN;
        }
    }
    return NULL;
}

void core_areas_give_back(struct core_areas *a, const uint8_t *area)
{
    a->lent[(size_t)(area - a->p) / LIMIT_AREA_LEN] = false;
}
