#include "host/config/config_table.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every type of value takes or refuses the text; what is refused leaves the field as it was. */
static void try_values(const uint8_t *data, size_t size)
{
    static struct config c;
    static struct config before;
    char text[CONFIG_LINE_MAX] = {0};

    if (size >= sizeof text || memchr(data, 0, size) != NULL) {
        return;
    }
    memcpy(text, data, size);
    for (size_t i = 0; i < CONFIG_ROWS; i++) {
        void *sections[] = {&c.front,     &c.journal, &c.policies[0],
                            &c.authority, &c.time,    &c.presign};
        const struct config_row *row = &config_rows[i];

        _Static_assert(sizeof sections / sizeof sections[0] == CONFIG_SECTION_COUNT, "all");

        before = c;
        if (config_value_parse(row, text, "/etc", false, sections[row->section]) != ERR_OK &&
            memcmp(&c, &before, sizeof c) != 0) {
            abort();
        }
    }
}

/* What is accepted prints to a file that reads to the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t text[CONFIG_FILE_MAX];
    static struct config first;
    static struct config again;
    struct writer w = wr_init(text, sizeof text);
    struct view printed;
    char error[CONFIG_ERROR_MAX];

    if (size > 0) {
        try_values(data, size);
    }
    if (config_parse((struct view){data, size}, "fuzz", "/etc", &first, error) != ERR_OK) {
        if (error[0] == '\0') {
            abort();
        }
        return 0;
    }
    config_print(&first, &w);
    if (wr_finish(&w, &printed) != ERR_OK ||
        config_parse(printed, "printed", "", &again, error) != ERR_OK ||
        memcmp(&first, &again, sizeof first) != 0) {
        abort();
    }
    return 0;
}
