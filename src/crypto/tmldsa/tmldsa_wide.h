/* tmldsa_wide.h - what tmldsa_avx2.c gives to tmldsa_portable.c; nobody else uses it. */
#ifndef CRYPTO_TMLDSA_TMLDSA_WIDE_H
#define CRYPTO_TMLDSA_TMLDSA_WIDE_H

#include "crypto/tmldsa/tmldsa_path.h"

extern const struct tmldsa_path tmldsa_avx2_path;

#endif
