#include "host/config/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted prints to a file that reads to the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t text[CONFIG_FILE_MAX];
    static struct config first;
    static struct config again;
    struct writer w = wr_init(text, sizeof text);
    struct view printed;
    char error[CONFIG_ERROR_MAX];

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
