#include "engines/cpu/lanes/lanes.h"

#ifdef MXSI_HAVE_LANES_NEON
extern const struct mxsi_lanes mxsi_lanes_neon;
#define LANES_ANYWHERE mxsi_lanes_neon /* on any processor that runs this build */
#else
extern const struct mxsi_lanes mxsi_lanes_baseline;
#define LANES_ANYWHERE mxsi_lanes_baseline
#endif
#ifdef MXSI_HAVE_LANES_AVX2
extern const struct mxsi_lanes mxsi_lanes_avx2;
#endif
#ifdef MXSI_HAVE_LANES_AVX512
extern const struct mxsi_lanes mxsi_lanes_avx512;
#endif

const struct mxsi_lanes *mxsi_lanes_at(unsigned i) {
    const struct mxsi_lanes *usable[3] = {&LANES_ANYWHERE};
    unsigned count = 1;
#ifdef MXSI_HAVE_LANES_AVX2
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        usable[count++] = &mxsi_lanes_avx2;
    }
#endif
#ifdef MXSI_HAVE_LANES_AVX512
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl")) {
        usable[count++] = &mxsi_lanes_avx512;
    }
#endif
    return i < count ? usable[i] : NULL;
}
