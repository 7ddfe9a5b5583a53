/* The language in which the kernels are written: CUDA C++, less what only a GPU can run.
 *
 * nvcc compiles a kernel for a GPU; g++ or clang++ with MXSI_KERNELS_ON_CPU compile the same source for
 * tests/gpu_on_cpu, where a test runs it on the CPU and every misuse of shared memory, barriers and warps is reported.
 * A kernel therefore uses CUDA's own words (threadIdx, __syncthreads, __shfl_down_sync, atomicAdd, __fmaf_rn, float4
 * ...) and, where the two must differ, these:
 *
 *   MXSI_KERNEL name(...)                         a kernel; templates are fine
 *   MXSI_KERNEL_BOUNDS(threads, blocks) name(...) with __launch_bounds__
 *   MXSI_DEVICE, MXSI_DEVICE_INLINE               a function of the device
 *   MXSI_UNROLL, MXSI_NO_UNROLL                   before a loop
 *   MXSI_SHARED(type, name, count);               a static shared array, 16-byte aligned
 *   MXSI_DYNAMIC_SHARED(type, name);              the dynamic one, 16-byte aligned; one name for all of it
 *   MXSI_SHARED_POINTER(type)                     what a device function takes to reach a shared array
 *   mxsi_shared_slice(array, first, count)        a part of a shared array; on the CPU its bounds are checked
 *   mxsi_shared_cast<type>(array)                 the same bytes as another type
 *   mxsi_load2/4(array, index), mxsi_store2/4     8 or 16 bytes at once, from shared or global memory: index aligned
 *   mxsi_warp_max(value), mxsi_warp_min(value)    over all 32 lanes, unsigned
 *   mxsi_philox(counter, key)                     Philox4x32-10
 *
 * Elements of a shared array are read and written whole: `const float4 v = array[i]; use(v.x)`, not `array[i].x`. A
 * value read is given its type: `const float x = array[i]`, not `auto`. Every lane that a mask names must be there:
 * blocks are whole warps, and no thread leaves while others still meet. */
#ifndef MAXSHARPE_KERNEL_LANGUAGE_H
#define MAXSHARPE_KERNEL_LANGUAGE_H

#ifdef MXSI_KERNELS_ON_CPU

#include "gpu_on_cpu/cpu_kernel_language.h"

#else

#include <cuda_runtime.h>
#include <curand_philox4x32_x.h>
#include <stdint.h>

#define MXSI_KERNEL __global__ void
#define MXSI_KERNEL_BOUNDS(threads, blocks) __global__ void __launch_bounds__(threads, blocks)
#define MXSI_DEVICE __device__
#define MXSI_DEVICE_INLINE __device__ __forceinline__
#define MXSI_UNROLL _Pragma("unroll")
#define MXSI_NO_UNROLL _Pragma("unroll 1")

#define MXSI_SHARED(type, name, count) __shared__ __align__(16) type name[count]
#define MXSI_DYNAMIC_SHARED(type, name)                                        \
    extern __shared__ __align__(16) unsigned char mxsi_dynamic_shared_bytes[]; \
    type *const name = reinterpret_cast<type *>(mxsi_dynamic_shared_bytes)
template <class T>
using mxsi_shared_pointer = T *;
#define MXSI_SHARED_POINTER(type) mxsi_shared_pointer<type>

template <class T>
MXSI_DEVICE_INLINE T *mxsi_shared_slice(T *array, size_t first, size_t) {
    return array + first;
}

template <class U, class T>
MXSI_DEVICE_INLINE U *mxsi_shared_cast(T *array) {
    return reinterpret_cast<U *>(array);
}

MXSI_DEVICE_INLINE float2 mxsi_load2(const float *array, size_t index) {
    return *reinterpret_cast<const float2 *>(array + index);
}

MXSI_DEVICE_INLINE float4 mxsi_load4(const float *array, size_t index) {
    return *reinterpret_cast<const float4 *>(array + index);
}

MXSI_DEVICE_INLINE uint2 mxsi_load2(const unsigned int *array, size_t index) {
    return *reinterpret_cast<const uint2 *>(array + index);
}

MXSI_DEVICE_INLINE uint4 mxsi_load4(const unsigned int *array, size_t index) {
    return *reinterpret_cast<const uint4 *>(array + index);
}

MXSI_DEVICE_INLINE void mxsi_store2(float *array, size_t index, float2 value) {
    *reinterpret_cast<float2 *>(array + index) = value;
}

MXSI_DEVICE_INLINE void mxsi_store4(float *array, size_t index, float4 value) {
    *reinterpret_cast<float4 *>(array + index) = value;
}

MXSI_DEVICE_INLINE void mxsi_store2(unsigned int *array, size_t index, uint2 value) {
    *reinterpret_cast<uint2 *>(array + index) = value;
}

MXSI_DEVICE_INLINE void mxsi_store4(unsigned int *array, size_t index, uint4 value) {
    *reinterpret_cast<uint4 *>(array + index) = value;
}

/* One instruction from compute capability 8.0 on, five shuffles before. */
MXSI_DEVICE_INLINE unsigned int mxsi_warp_max(unsigned int value) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    return __reduce_max_sync(0xffffffffu, value);
#else
    for (int distance = 16; distance > 0; distance /= 2) {
        value = max(value, __shfl_xor_sync(0xffffffffu, value, distance));
    }
    return value;
#endif
}

MXSI_DEVICE_INLINE unsigned int mxsi_warp_min(unsigned int value) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    return __reduce_min_sync(0xffffffffu, value);
#else
    for (int distance = 16; distance > 0; distance /= 2) {
        value = min(value, __shfl_xor_sync(0xffffffffu, value, distance));
    }
    return value;
#endif
}

MXSI_DEVICE_INLINE uint4 mxsi_philox(uint4 counter, uint2 key) {
    return curand_Philox4x32_10(counter, key);
}

#endif
#endif
