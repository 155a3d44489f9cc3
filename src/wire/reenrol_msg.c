#include "wire/reenrol_msg.h"

#include <string.h>

void reenrol_show_signed(const struct tecdsa_repair_show *show, uint8_t out[REENROL_SIGNED_LEN])
{
    static const char label[] = "quorate-repair-v1";

    memcpy(out, label, sizeof label - 1);
    memcpy(out + sizeof label - 1, show, sizeof *show);
}
