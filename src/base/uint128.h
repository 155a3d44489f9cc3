/* uint128.h - products and carries of 64-bit limbs; gcc and clang have the type on every 64-bit
 * machine. */
#ifndef BASE_UINT128_H
#define BASE_UINT128_H

__extension__ typedef unsigned __int128 uint128;

#endif
