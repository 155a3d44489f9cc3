#include "host/authority/dev_policy_io.h"

#if defined(QUORATE_SIMULATED)

#include "bundle/recipe.h"
#include "silicon/silicon_measure_io.h"
#include "silicon/silicon_policy.h"

#include "os/file_replace.h"

#include <string.h>

#define POLICY_MODE 0644
#define RECIPE_TEXT_MAX 1024 /* of three programs */

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

enum err dev_recipe_write(const char *folder, const char *path)
{
    uint8_t hashes[SNP_MANIFEST_FILES][SILICON_HASH_LEN];
    uint8_t text[RECIPE_TEXT_MAX];
    struct writer w = wr_init(text, sizeof text);
    struct recipe r = {.simulated = true};
    struct view recipe;

    TRY(silicon_hash_programs(folder, hashes));
    for (size_t i = 0; i < SNP_MANIFEST_FILES; i++) {
        const char *const name = snp_manifest_files[i];

        r.programs[i].name = (struct view){(const uint8_t *)name, strlen(name)};
        memcpy(r.programs[i].hash, hashes[i], sizeof r.programs[i].hash);
    }
    recipe_encode(&w, &r);
    TRY(wr_finish(&w, &recipe));
    return file_replace(path, recipe, POLICY_MODE);
}

#else

enum err dev_policy_write(const char *folder, const char *path)
{
    (void)folder;
    (void)path;
    return ERR_POLICY;
}

enum err dev_recipe_write(const char *folder, const char *path)
{
    (void)folder;
    (void)path;
    return ERR_POLICY;
}

#endif
