/* dkg_plant.h - faults that are planted in one node, as plant.h says. */
#ifndef TESTS_SIM_DKG_PLANT_H
#define TESTS_SIM_DKG_PLANT_H

enum dkg_plant {
    DKG_PLANT_NONE,
    DKG_PLANT_NORM,      /* takes sums that are too long */
    DKG_PLANT_ECHO,      /* does not compare what the others saw */
    DKG_PLANT_OPENING,   /* leaves an opening out of its secrets */
    DKG_PLANT_COMPLAINT, /* believes every complaint */
    DKG_PLANT_SHARE,     /* takes any share of the P-384 key */
    DKG_PLANT_ID,        /* begins a ceremony of an old nonce */
    DKG_PLANT_COUNT
};

extern const char *const dkg_plant_names[DKG_PLANT_COUNT];

struct dkg_world;

/* The fault of one node; DKG_PLANT_NONE: nobody has one. */
void dkg_plant_in(struct dkg_world *w, enum dkg_plant what, unsigned node);
/* The node that is driven from here on until dkg_plant_leave(). */
void dkg_plant_enter(unsigned node);
void dkg_plant_leave(void);

#endif
