#include "host/coord/coord.h"

const char *coord_triple_text(unsigned s, char text[COORD_TRIPLE_TEXT])
{
    size_t n = 0;

    for (unsigned i = 0; i < COORD_CORES_MAX && n + 2 < COORD_TRIPLE_TEXT; i++) {
        if ((s >> i & 1) != 0) {
            if (n > 0) {
                text[n++] = ',';
            }
            text[n++] = (char)('1' + i);
        }
    }
    text[n] = '\0';
    return text;
}

const char *coord_fault_text(enum coord_fault fault)
{
    switch (fault) {
    case COORD_FITS:
        return "";
    case COORD_NO_EPOCH:
        return "there is no ceremony yet";
    case COORD_STRANGER:
        return "not a node of the ceremony";
    case COORD_OTHER_EPOCH:
        return "of another epoch";
    case COORD_TWICE:
        return "another connection is the same node";
    case COORD_ENDED:
        return "its boot has ended";
    }
    return "";
}
