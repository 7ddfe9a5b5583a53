/* CUDA's device functions of numbers, on the CPU: those that the kernels use, with the same results to the last bit.
 * (rsqrtf is the exception: the GPU's is within 2 units in the last place, here it is rounded twice.) */
#ifndef MAXSHARPE_ARITHMETIC_FUNCTIONS_H
#define MAXSHARPE_ARITHMETIC_FUNCTIONS_H

#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>

static_assert(FLT_EVAL_METHOD == 0, "a float operation rounds to float");

namespace mxsi_cpu {

template <class To, class From>
inline To same_bits(From from) {
    static_assert(sizeof(To) == sizeof(From), "as many bits");
    To to;
    std::memcpy(&to, &from, sizeof to);
    return to;
}

}  // namespace mxsi_cpu

inline unsigned int __float_as_uint(float x) {
    return mxsi_cpu::same_bits<unsigned int>(x);
}
inline float __uint_as_float(unsigned int x) {
    return mxsi_cpu::same_bits<float>(x);
}
inline int __float_as_int(float x) {
    return mxsi_cpu::same_bits<int>(x);
}
inline float __int_as_float(int x) {
    return mxsi_cpu::same_bits<float>(x);
}

inline float __fmaf_rn(float a, float b, float c) {
    return std::fma(a, b, c);
}
inline float __fadd_rn(float a, float b) {
    return a + b;
}
inline float __fsub_rn(float a, float b) {
    return a - b;
}
inline float __fmul_rn(float a, float b) {
    return a * b;
}
inline float __fdiv_rn(float a, float b) {
    return a / b;
}
inline float __frcp_rn(float a) {
    return 1.0f / a;
}
inline float __fsqrt_rn(float a) {
    return std::sqrt(a);
}
inline float rsqrtf(float a) {
    return 1.0f / std::sqrt(a);
}
inline double __fma_rn(double a, double b, double c) {
    return std::fma(a, b, c);
}
inline double __dadd_rn(double a, double b) {
    return a + b;
}
inline double __dmul_rn(double a, double b) {
    return a * b;
}
inline float __uint2float_rn(unsigned int x) {
    return static_cast<float>(x);
}
inline float __int2float_rn(int x) {
    return static_cast<float>(x);
}

inline int __popc(unsigned int x) {
    return __builtin_popcount(x);
}
inline int __popcll(unsigned long long x) {
    return __builtin_popcountll(x);
}
inline int __ffs(int x) {
    return __builtin_ffs(x);
}
inline int __ffsll(long long x) {
    return __builtin_ffsll(x);
}
inline int __clz(int x) {
    return x == 0 ? 32 : __builtin_clz(static_cast<unsigned int>(x));
}
inline int __clzll(long long x) {
    return x == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(x));
}
inline unsigned int __umulhi(unsigned int a, unsigned int b) {
    return static_cast<unsigned int>((static_cast<uint64_t>(a) * b) >> 32);
}
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    __extension__ typedef unsigned __int128 wide;
    return static_cast<unsigned long long>((static_cast<wide>(a) * b) >> 64);
}

inline int min(int a, int b) {
    return b < a ? b : a;
}
inline unsigned int min(unsigned int a, unsigned int b) {
    return b < a ? b : a;
}
inline long min(long a, long b) {
    return b < a ? b : a;
}
inline unsigned long min(unsigned long a, unsigned long b) {
    return b < a ? b : a;
}
inline long long min(long long a, long long b) {
    return b < a ? b : a;
}
inline unsigned long long min(unsigned long long a, unsigned long long b) {
    return b < a ? b : a;
}
inline float min(float a, float b) {
    return std::fmin(a, b);
}
inline double min(double a, double b) {
    return std::fmin(a, b);
}
inline int max(int a, int b) {
    return a < b ? b : a;
}
inline unsigned int max(unsigned int a, unsigned int b) {
    return a < b ? b : a;
}
inline long max(long a, long b) {
    return a < b ? b : a;
}
inline unsigned long max(unsigned long a, unsigned long b) {
    return a < b ? b : a;
}
inline long long max(long long a, long long b) {
    return a < b ? b : a;
}
inline unsigned long long max(unsigned long long a, unsigned long long b) {
    return a < b ? b : a;
}
inline float max(float a, float b) {
    return std::fmax(a, b);
}
inline double max(double a, double b) {
    return std::fmax(a, b);
}

#endif
