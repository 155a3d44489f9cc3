#include "testing.h"

#include "format/ber.h"
#include "format/cert_ids.h"
#include "format/cms_attrs.h"
#include "format/pem.h"
#include "format/tsp_req.h"
#include "format/tsp_resp.h"
#include "format/tst_info_parse.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Folders of others' files: malformed ones (08-der) go through every reader, the certificates
 * of PKITS (09-x509-pkits) are all read. */

#define FILE_MAX ((size_t)1 << 18)

static uint8_t out_bytes[BER_ROOM(FILE_MAX)];

/* A block of the file's own size, so that the sanitizer sees a read past its end. The caller
 * frees it. */
static uint8_t *read_file(const char *path, size_t *n)
{
    uint8_t *big = malloc(FILE_MAX);
    FILE *f = fopen(path, "rb");
    uint8_t *exact = NULL;

    assert_true(big != NULL && f != NULL);
    *n = fread(big, 1, FILE_MAX, f);
    assert_true(*n < FILE_MAX);
    (void)fclose(f);
    exact = malloc(*n > 0 ? *n : 1);
    assert_non_null(exact);
    memcpy(exact, big, *n);
    free(big);
    return exact;
}

/* Calls each for every file of the folder; returns how many. No folder: the test is skipped. */
static size_t for_each_file(const char *folder, bool (*each)(struct view in), size_t *accepted)
{
    char path[4096];
    const struct dirent *entry = NULL;
    size_t files = 0;
    DIR *dir = NULL;

    (void)snprintf(path, sizeof path, "%s/%s", QUORATE_VECTORS, folder);
    dir = opendir(path);
    if (dir == NULL) {
        printf("SKIP no vectors %s\n", path);
        exit(77);
    }
    while ((entry = readdir(dir)) != NULL) {
        size_t n = 0;
        uint8_t *bytes = NULL;

        if (entry->d_name[0] == '.') {
            continue;
        }
        (void)snprintf(path, sizeof path, "%s/%s/%s", QUORATE_VECTORS, folder, entry->d_name);
        bytes = read_file(path, &n);
        *accepted += each((struct view){bytes, n}) ? 1 : 0;
        files++;
        free(bytes);
    }
    (void)closedir(dir);
    return files;
}

/* Whether any reader took it. */
static bool through_every_reader(struct view in)
{
    struct tsp_req req;
    struct tsp_resp resp;
    struct tst_info_view tst_info;
    struct signed_data sd;
    struct cms_attrs attrs;
    struct cert_ids cert;
    struct view der;
    struct reader r = rd_init(in);
    uint32_t flaws = 0;
    bool any = pem_parse(&r, "CERTIFICATE", out_bytes, sizeof out_bytes, &der) == ERR_OK;

    if (ber_to_der(in, out_bytes, sizeof out_bytes, &der, &flaws) != ERR_OK) {
        der = in; /* let them refuse it themselves */
    }
    any = (tsp_req_parse(der, &req) == ERR_OK) || any;
    any = (tsp_resp_parse(der, &resp) == ERR_OK) || any;
    any = (tst_info_parse(der, &tst_info) == ERR_OK) || any;
    any = (cms_attrs_parse(der, &attrs) == ERR_OK && attrs.n_attrs > 0) || any;
    any = (cert_ids_parse(der, &cert) == ERR_OK) || any;
    if (cms_parse(der, &sd) == ERR_OK) {
        any = true;
        (void)!cms_attrs_parse(sd.signer.signed_attrs, &attrs);
        (void)!tst_info_parse(sd.content, &tst_info);
    }
    return any;
}

static void malformed_files(void **state)
{
    static const char *const folders[] = {"asn1", "cms", "crl", "pem", "smime"};

    (void)state;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char folder[64];
        size_t accepted = 0;
        size_t files = 0;

        (void)snprintf(folder, sizeof folder, "08-der/openssl-fuzz/%s", folders[i]);
        files = for_each_file(folder, through_every_reader, &accepted);
        print_message("%s: %zu of %zu files accepted by a reader\n", folder, accepted, files);
        assert_true(files > 0);
    }
}

static bool is_certificate(struct view in)
{
    struct cert_ids c;
    struct view der;
    uint32_t flaws = 0;

    assert_int_equal(ber_to_der(in, out_bytes, sizeof out_bytes, &der, &flaws), ERR_OK);
    assert_int_equal(flaws, 0);
    return cert_ids_parse(in, &c) == ERR_OK && c.serial.n > 0;
}

static void certificates_of_pkits(void **state)
{
    size_t accepted = 0;
    const size_t files = for_each_file("09-x509-pkits/certs", is_certificate, &accepted);

    (void)state;
    print_message("%zu of %zu certificates read\n", accepted, files);
    assert_true(files > 0);
    assert_int_equal(accepted, files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_files),
        cmocka_unit_test(certificates_of_pkits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
