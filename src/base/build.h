/* build.h - what kind of build this is, where code has to know. */
#ifndef BASE_BUILD_H
#define BASE_BUILD_H

/* 1 under AddressSanitizer, which keeps maps of stacks, and whose leak check traces the
 * process. */
#if defined(__SANITIZE_ADDRESS__)
#define BUILD_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BUILD_ASAN 1
#endif
#endif
#if !defined(BUILD_ASAN)
#define BUILD_ASAN 0
#endif

/* 1 in the builds that mark secrets and run under valgrind. */
#if defined(CT_CHECK)
#define BUILD_CT_CHECK 1
#else
#define BUILD_CT_CHECK 0
#endif

#endif
