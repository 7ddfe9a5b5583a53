#include "engines/cpu/openblas_kernel.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/* The names of OpenBLAS's x86-64 kernels (driver/others/dynamic.c there), those with AVX-512 apart. */
static const char *const without_avx512[] = {
    "Katmai",     "Coppermine", "Northwood",  "Prescott", "Banias",       "Atom",      "Core2", "Penryn",
    "Dunnington", "Nehalem",    "Athlon",     "Opteron",  "Opteron_SSE3", "Barcelona", "Nano",  "Sandybridge",
    "Bobcat",     "Bulldozer",  "Piledriver", "Haswell",  "Steamroller",  "Excavator", "Zen",
};
static const char *const with_avx512[] = {"SkylakeX", "Cooperlake", "Sapphirerapids"};

static int is_among(const char *name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        if (strcasecmp(name, names[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

const char *mxsi_openblas_kernel_asked_for(char *const *environment) {
    static const char prefix[] = MXSI_OPENBLAS_KERNEL_VARIABLE "=";
    for (; environment != NULL && *environment != NULL; ++environment) {
        if (strncmp(*environment, prefix, sizeof prefix - 1) == 0) {
            return *environment + sizeof prefix - 1;
        }
    }
    return NULL;
}

int mxsi_openblas_kernel_has_avx512(const char *core) {
    return is_among(core, with_avx512, sizeof with_avx512 / sizeof with_avx512[0]);
}

int mxsi_openblas_kernel_lacks_avx512(const char *core) {
    return is_among(core, without_avx512, sizeof without_avx512 / sizeof without_avx512[0]);
}

static int avx512_runs_here(void) {
#if defined(__x86_64__)
    /* What compilers emit for skylake-avx512; a hypervisor may mask any of it. */
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
#else
    return 0;
#endif
}

int mxsi_openblas_kernel_passes_over_avx512(const char *core) {
    return mxsi_openblas_kernel_lacks_avx512(core) && avx512_runs_here();
}
