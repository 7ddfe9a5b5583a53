/* kernels/kernel_language.h for the CPU: the same words, run by block_runner.cpp. */
#ifndef MAXSHARPE_CPU_KERNEL_LANGUAGE_H
#define MAXSHARPE_CPU_KERNEL_LANGUAGE_H

#include "gpu_on_cpu/arithmetic_functions.h"
#include "gpu_on_cpu/block_runner.h"
#include "gpu_on_cpu/memory_functions.h"
#include "gpu_on_cpu/shared_memory.h"
#include "gpu_on_cpu/vector_types.h"
#include "gpu_on_cpu/warp_functions.h"

#ifdef __FAST_MATH__
#error "kernels are compiled without fast-math: their arithmetic is held against other compilers"
#endif

#define MXSI_KERNEL inline void
#define MXSI_KERNEL_BOUNDS(threads, blocks) inline void
#define MXSI_DEVICE inline
#define MXSI_DEVICE_INLINE inline
#define MXSI_UNROLL
#define MXSI_NO_UNROLL

/* One array for a block, as on the GPU, however often and from wherever the line is reached. */
#define MXSI_SHARED(type, name, count)                                                     \
    static mxsi_cpu::SharedArraySite name##_site = {#name, {__FILE__, __LINE__}, nullptr}; \
    const mxsi_cpu::SharedPointer<type> name = mxsi_cpu::static_shared_array<type, (count)>(&name##_site)
#define MXSI_DYNAMIC_SHARED(type, name) \
    const mxsi_cpu::SharedPointer<type> name = mxsi_cpu::dynamic_shared_array<type>(#name)
#define MXSI_SHARED_POINTER(type) mxsi_cpu::SharedPointer<type>

uint4 mxsi_philox(uint4 counter, uint2 key);

#endif
