/* A SignedData cut to one of its SignerInfos is a SignedData with that one. */
#include "promise.h"

#include "format/cms_one_signer.h"
#include "format/cms_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[1 << 16];
    const struct view in = {data, size};
    struct signed_data sd;

    if (size > sizeof room || cms_parse(in, &sd) != ERR_OK) {
        return 0;
    }
    struct reader r = rd_init(sd.signer_infos);

    for (size_t i = 0; i <= sd.n_signers; i++) {
        struct writer w = wr_init(room, size);
        const enum err e = cms_one_signer(&w, in, i);
        struct signed_data one;
        struct signer_info si;
        struct view out;

        promise((e == ERR_OK) == (i < sd.n_signers));
        if (e != ERR_OK) {
            break;
        }
        promise(wr_finish(&w, &out) == ERR_OK && cms_parse(out, &one) == ERR_OK);
        promise(cms_parse_signer(&r, &si) == ERR_OK && one.n_signers == 1);
        promise(view_equal(one.signer.signature, si.signature));
        promise(view_equal(one.signer.signed_attrs, si.signed_attrs));
        promise(view_equal(one.content, sd.content) &&
                view_equal(one.certificates, sd.certificates));
    }
    return 0;
}
