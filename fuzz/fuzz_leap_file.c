/* leap-seconds.list: what is taken from it is a leap table's text, with as many entries. */
#include "promise.h"

#include "host/authority/leap_file.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[LEAP_FILE_TEXT_MAX];
    int64_t expires_s = 1;
    const enum err e = leap_file_parse((struct view){data, size}, text, &expires_s);

    promise(memchr(text, '\0', sizeof text) != NULL);
    promise((e == ERR_OK) == (text[0] != '\0') && (e == ERR_OK || expires_s == 0));
    promise(strspn(text, "0123456789:,@") == strlen(text));
    promise(e != ERR_OK || (strchr(text, '@') != NULL && strchr(text, ':') != NULL));
    return 0;
}
