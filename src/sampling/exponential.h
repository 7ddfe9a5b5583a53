/* One standard exponential from one random word: the same bits wherever this header is compiled.
 *
 * The word's upper 23 bits k give u = (2k + 1) / 2^24, uniform on the odd multiples of 2^-24 in (0, 1): every value is
 * a float, none is 0 or 1. Then e = -log(u), with u = m 2^q, m in [3/4, 3/2), as
 *
 *     e = -q log(2) + t P(t),   t = m - 1,   P(t) ~ -log(1 + t) / t
 *
 * P is the minimax polynomial of degree 6 on [-1/4, 1/2] (Remez exchange; largest error 1.1e-6, so e is -log(u) to a
 * relative 2.0e-6, which no run can tell from an exact logarithm: it would take more than 1e11 draws of one weight).
 * Only exact operations, single roundings and explicit fused multiply-adds are used, so that no compiler has a choice
 * to make; the file must be compiled without fast-math. e lies in [5.9e-8, 16.7].
 *
 * The constants are macros because src/engines/cpu/lanes/lane_random.h writes the same steps on vectors; a test holds
 * the two against each other for every u. */
#ifndef MAXSHARPE_EXPONENTIAL_H
#define MAXSHARPE_EXPONENTIAL_H

#include <stdint.h>

#ifdef __CUDACC__
#define MXSI_HOST_DEVICE __host__ __device__ __forceinline__
#else
#include <math.h>
#include <string.h>
#define MXSI_HOST_DEVICE inline
#endif

#define MXSI_EXPONENTIAL_ONE 0x3f800000u          /* the bits of 1.0f */
#define MXSI_EXPONENTIAL_BELOW_ONE 0x1.fffffep-1f /* the float below 1 */
#define MXSI_EXPONENTIAL_SPLIT 0x3f400000u        /* the bits of 0.75f: m begins there */
#define MXSI_EXPONENTIAL_EXPONENT_FIELD 0xff800000u
#define MXSI_EXPONENTIAL_MINUS_LOG2 (-0x1.62e430p-24f) /* -log(2) 2^-23: the exponent field still stands at bit 23 */
#define MXSI_EXPONENTIAL_P0 (-0x1.000010p+0f)
#define MXSI_EXPONENTIAL_P1 0x1.fffd2cp-2f
#define MXSI_EXPONENTIAL_P2 (-0x1.5520f0p-2f)
#define MXSI_EXPONENTIAL_P3 0x1.007cb6p-2f
#define MXSI_EXPONENTIAL_P4 (-0x1.a789b4p-3f)
#define MXSI_EXPONENTIAL_P5 0x1.5b9f46p-3f
#define MXSI_EXPONENTIAL_P6 (-0x1.5ca78ap-4f)

static MXSI_HOST_DEVICE float mxsi_float_of_bits(uint32_t bits) {
#ifdef __CUDA_ARCH__
    return __uint_as_float(bits);
#else
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
#endif
}

static MXSI_HOST_DEVICE uint32_t mxsi_bits_of_float(float value) {
#ifdef __CUDA_ARCH__
    return __float_as_uint(value);
#else
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
#endif
}

static MXSI_HOST_DEVICE float mxsi_fused_multiply_add(float a, float b, float c) {
#ifdef __CUDA_ARCH__
    return __fmaf_rn(a, b, c);
#else
    return fmaf(a, b, c);
#endif
}

static MXSI_HOST_DEVICE float mxsi_exponential(uint32_t word) {
    /* [1, 2) in steps of 2^-23, minus the float below one: exact, because the difference is a float. */
    const float u = mxsi_float_of_bits((word >> 9) | MXSI_EXPONENTIAL_ONE) - MXSI_EXPONENTIAL_BELOW_ONE;
    const uint32_t bits = mxsi_bits_of_float(u);
    /* q 2^23, zero or negative. */
    const int32_t exponent = (int32_t)((bits - MXSI_EXPONENTIAL_SPLIT) & MXSI_EXPONENTIAL_EXPONENT_FIELD);
    const float t = mxsi_float_of_bits(bits - (uint32_t)exponent) - 1.0f;
    float p = MXSI_EXPONENTIAL_P6;
    p = mxsi_fused_multiply_add(p, t, MXSI_EXPONENTIAL_P5);
    p = mxsi_fused_multiply_add(p, t, MXSI_EXPONENTIAL_P4);
    p = mxsi_fused_multiply_add(p, t, MXSI_EXPONENTIAL_P3);
    p = mxsi_fused_multiply_add(p, t, MXSI_EXPONENTIAL_P2);
    p = mxsi_fused_multiply_add(p, t, MXSI_EXPONENTIAL_P1);
    p = mxsi_fused_multiply_add(p, t, MXSI_EXPONENTIAL_P0);
    const float minus_q_log2 = (float)exponent * MXSI_EXPONENTIAL_MINUS_LOG2;
    return mxsi_fused_multiply_add(t, p, minus_q_log2);
}

#endif
