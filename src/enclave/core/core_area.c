#include "enclave/core/core_area.h"

void core_areas_init(struct core_areas *a, uint8_t *p, size_t n)
{
    *a = (struct core_areas){.n = n};
    a->p = p;
}

uint8_t *core_areas_lend(struct core_areas *a)
{
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

bool core_areas_any_free(const struct core_areas *a)
{
    for (size_t i = 0; i < a->n; i++) {
        if (!a->lent[i]) {
            return true;
        }
    }
    return false;
}
