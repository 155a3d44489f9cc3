#include "base/cpu.h"

bool cpu_has_avx2(void)
{
#if CPU_BUILD_AVX2
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2");
#else
    return false;
#endif
}

bool cpu_has_avx512(void)
{
#if CPU_BUILD_AVX2
    return cpu_has_avx2() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

bool cpu_has_aes(void)
{
#if CPU_BUILD_AVX2
    return __builtin_cpu_supports("aes");
#else
    return false;
#endif
}
