/* cuRAND's own device header, compiled for the host, where the CUDA toolkit was found when this was built; else
 * Random123, which gives the same bits (test_curand_bits.c). */
#include "gpu_on_cpu/cpu_kernel_language.h"

#ifdef MXSI_CPU_HAVE_CURAND_HEADER
#define QUALIFIERS static inline
#include <curand_philox4x32_x.h>
#else
#include <Random123/philox.h>
#endif

uint4 mxsi_philox(uint4 counter, uint2 key) {
#ifdef MXSI_CPU_HAVE_CURAND_HEADER
    return curand_Philox4x32_10(counter, key);
#else
    const philox4x32_ctr_t random_counter = {{counter.x, counter.y, counter.z, counter.w}};
    const philox4x32_key_t random_key = {{key.x, key.y}};
    const philox4x32_ctr_t words = philox4x32(random_counter, random_key);
    return make_uint4(words.v[0], words.v[1], words.v[2], words.v[3]);
#endif
}

extern "C" const char *mxsi_cpu_philox_source(void) {
#ifdef MXSI_CPU_HAVE_CURAND_HEADER
    return "cuRAND";
#else
    return "Random123";
#endif
}
