#include "silicon/silicon_policy.h"

#include "base/hex.h"

#include <string.h>

static const char head[] = "# SIMULATED: software plays the processors, nothing is protected.\n"
                           "version = 1\n"
                           "[guest]\n"
                           "measurement = ";
/* FAMILY_ID is "SIMULATED-TEE" */
static const char rest[] =
    "\n"
    "host_data = 0000000000000000000000000000000000000000000000000000000000000000\n"
    "vmpl = 0\n"
    "guest_svn = 0\n"
    "abi = 1.51\n"
    "smt = refused\n"
    "id_key = any\n"
    "author_key = any\n"
    "family_id = 53494d554c415445442d544545000000\n"
    "image_id = 00000000000000000000000000000000\n"
    "[platform]\n"
    "signer = vcek\n"
    "crl = required\n"
    "masked_chip = refused\n"
    "provisional = refused\n";
static const char line_values[] = "mitigations = 0x1\n"
                                  "policy_set = 0x0\n"
                                  "platform_set = 0x20\n"
                                  "platform_clear = 0x1\n";

static void write_text(struct writer *w, const char *text)
{
    wr_bytes(w, text, strlen(text));
}

void silicon_policy_write(struct writer *w, const uint8_t measurement[SNP_MEASUREMENT_LEN])
{
    char hex[2 * SNP_MEASUREMENT_LEN + 1];

    hex_write((struct view){measurement, SNP_MEASUREMENT_LEN}, hex);
    write_text(w, head);
    write_text(w, hex);
    write_text(w, rest);
    for (size_t i = 0; i < SILICON_LINES; i++) {
        const enum snp_line line = silicon_lines[i].line;

        write_text(w, "[line ");
        write_text(w, snp_line_name(line));
        write_text(w, snp_line_layout(line) == SNP_LINE_TURIN ? "]\ntcb = 1.4.1.27.222\n"
                                                              : "]\ntcb = 0.4.1.27.222\n");
        write_text(w, line_values);
    }
}
