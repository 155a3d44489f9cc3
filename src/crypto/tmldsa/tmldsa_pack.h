/* tmldsa_pack.h - what parties show one another as bytes: w without its low bits, and the parts
 * of t. Coefficients stand lowest bit first. */
#ifndef CRYPTO_TMLDSA_TMLDSA_PACK_H
#define CRYPTO_TMLDSA_TMLDSA_PACK_H

#include "base/bytes.h"
#include "crypto/tmldsa/tmldsa_path.h"

#define TMLDSA_T_POLY_LEN 736 /* 23 bits a coefficient */

/* Bytes of w of one repetition, 23 - drop bits a coefficient; of a batch. */
size_t tmldsa_pack_w_len(const struct tmldsa_params *p);
size_t tmldsa_pack_batch_len(const struct tmldsa_params *p);

/* One polynomial of w. u: coefficients in [0, 2^(23 - drop)). */
void tmldsa_pack_w(const struct tmldsa_path *path, unsigned drop, const struct mldsa_poly *u,
                   uint8_t *out);

/* Adds one polynomial of w, with drop bits left out, to sum. All-ones if a coefficient is not
 * one of a w in [0, q), else zero. The sum of TMLDSA_PARTIES_MAX of them fits. */
uint32_t tmldsa_pack_add_w(const struct tmldsa_path *path, unsigned drop, const uint8_t *in,
                           struct mldsa_poly *sum);

/* Bytes of one t_I. */
size_t tmldsa_pack_t_len(const struct tmldsa_params *p);

/* One polynomial of a t_I, coefficients in [0, q). Decoding: all-ones if one is not, else zero.
 */
void tmldsa_pack_t(const struct mldsa_poly *t, uint8_t out[TMLDSA_T_POLY_LEN]);
uint32_t tmldsa_unpack_t(const uint8_t in[TMLDSA_T_POLY_LEN], struct mldsa_poly *t);

#endif
