#include "host/authority/dev_policy_io.h"

#if defined(QUORATE_SIMULATED)

#include "silicon/silicon_measure_io.h"
#include "silicon/silicon_policy.h"

#include "os/file_replace.h"

#define POLICY_MODE 0644

enum err dev_policy_write(const char *folder, const char *path)
{
    uint8_t measurement[SNP_MEASUREMENT_LEN];
    uint8_t text[SILICON_POLICY_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct view policy;

    TRY(silicon_measure(folder, measurement));
    silicon_policy_write(&w, measurement);
    TRY(wr_finish(&w, &policy));
    return file_replace(path, policy, POLICY_MODE);
}

#else

enum err dev_policy_write(const char *folder, const char *path)
{
    (void)folder;
    (void)path;
    return ERR_POLICY;
}

#endif
