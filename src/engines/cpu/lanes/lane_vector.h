/* Vectors of simulations: one lane, one simulation. GCC's vector extensions (Clang has them too) with the operations
 * that they lack or compile badly, such as the fused multiply-add and the 32 x 32 -> 64 bit product. The files that
 * include it are compiled once for each instruction set; the compiler's own macros say which one this is. */
#ifndef MAXSHARPE_LANE_VECTOR_H
#define MAXSHARPE_LANE_VECTOR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include "engines/cpu/lanes/lane_fma_sse2.h"
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__AVX512F__)
enum { LANES = 16, LANE_REGISTERS = 32 };
#elif defined(__AVX2__)
enum { LANES = 8, LANE_REGISTERS = 16 };
#else
enum { LANES = 4, LANE_REGISTERS = 16 };
#endif

/* What must be inlined, with the constants that it is called with, however often it is. */
#define LANE_INLINE static inline __attribute__((always_inline))

typedef float lane_float __attribute__((vector_size(4 * LANES)));
typedef uint32_t lane_word __attribute__((vector_size(4 * LANES)));
typedef int32_t lane_int __attribute__((vector_size(4 * LANES)));
typedef uint64_t lane_pair __attribute__((vector_size(4 * LANES))); /* half as many 64-bit lanes */

static inline lane_float lane_broadcast(float value) {
    return value - (lane_float){0};
}

static inline lane_word lane_broadcast_word(uint32_t value) {
    return value - (lane_word){0};
}

/* A constant that the compiler takes for a variable: it keeps it in a register over a loop, and does not fetch whole
 * vectors of it again and again, for which there are fewer units than for multiplying. */
static inline lane_float lane_constant(float value) {
    lane_float all = lane_broadcast(value);
#if defined(__AVX512F__)
    __asm__("" : "+v"(all));
#elif defined(__AVX2__)
    __asm__("" : "+x"(all));
#endif
    return all;
}

static inline lane_pair lane_broadcast_pair(uint64_t value) {
    return value - (lane_pair){0};
}

static inline lane_float lane_load(const float *from) {
    lane_float value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline void lane_store(float *to, lane_float value) {
    memcpy(to, &value, sizeof value);
}

/* a b + c, rounded once */
static inline lane_float lane_fma(lane_float a, lane_float b, lane_float c) {
#if defined(__AVX512F__)
    return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__) && defined(__FMA__)
    return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
    return vfmaq_f32(c, a, b);
#elif defined(__SSE2__) && !defined(__AVX2__)
    return lane_fma_sse2(a, b, c);
#else
    lane_float r;
    for (int i = 0; i < LANES; ++i) {
        r[i] = fmaf(a[i], b[i], c[i]);
    }
    return r;
#endif
}

/* a b + c where it does not matter whether it is rounded once or twice */
static inline lane_float lane_multiply_add(lane_float a, lane_float b, lane_float c) {
#if defined(__FMA__) || defined(__aarch64__)
    return lane_fma(a, b, c);
#else
    return a * b + c;
#endif
}

/* the larger; neither is NaN */
static inline lane_float lane_max(lane_float a, lane_float b) {
#if defined(__AVX512F__)
    return _mm512_max_ps(a, b);
#elif defined(__AVX2__)
    return _mm256_max_ps(a, b);
#elif defined(__aarch64__)
    return vmaxq_f32(a, b);
#elif defined(__SSE2__)
    return _mm_max_ps(a, b);
#else
    const lane_int larger = a > b;
    return (lane_float)((larger & (lane_int)a) | (~larger & (lane_int)b));
#endif
}

/* the full products of the low halves of 64-bit lanes; the high halves are ignored */
static inline lane_pair lane_multiply_low(lane_pair a, lane_pair b) {
#if defined(__AVX512F__)
    return (lane_pair)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (lane_pair)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__aarch64__)
    return (lane_pair)vmull_u32(vmovn_u64((uint64x2_t)a), vmovn_u64((uint64x2_t)b));
#elif defined(__SSE2__)
    return (lane_pair)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
    const lane_pair low = (lane_pair){0} + 0xffffffffu;
    return (a & low) * (b & low);
#endif
}

static inline lane_pair lane_xor3(lane_pair a, lane_pair b, lane_pair c) {
#if defined(__AVX512F__)
    return (lane_pair)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0x96);
#else
    return a ^ b ^ c;
#endif
}

static inline lane_word lane_xor3_word(lane_word a, lane_word b, lane_word c) {
    return (lane_word)lane_xor3((lane_pair)a, (lane_pair)b, (lane_pair)c);
}

/* The low halves of even and odd, interleaved: lane 2i is even[i], lane 2i + 1 is odd[i]. */
static inline lane_word lane_merge_low(lane_pair even, lane_pair odd) {
#if defined(__AVX512F__)
    const __m512 low = _mm512_castsi512_ps((__m512i)even);
    return (lane_word)_mm512_castps_si512(_mm512_mask_moveldup_ps(low, 0xaaaa, _mm512_castsi512_ps((__m512i)odd)));
#elif defined(__AVX2__)
    return (lane_word)_mm256_blend_epi32((__m256i)even, _mm256_slli_epi64((__m256i)odd, 32), 0xaa);
#elif defined(__aarch64__)
    return (lane_word)vtrn1q_u32((uint32x4_t)even, (uint32x4_t)odd);
#else
    const lane_pair low = lane_broadcast_pair(0xffffffffu);
    return (lane_word)((even & low) | (odd << 32));
#endif
}

/* The high halves, likewise. */
static inline lane_word lane_merge_high(lane_pair even, lane_pair odd) {
#if defined(__AVX512F__)
    const __m512 high = _mm512_castsi512_ps((__m512i)odd);
    return (lane_word)_mm512_castps_si512(_mm512_mask_movehdup_ps(high, 0x5555, _mm512_castsi512_ps((__m512i)even)));
#elif defined(__AVX2__)
    return (lane_word)_mm256_blend_epi32(_mm256_srli_epi64((__m256i)even, 32), (__m256i)odd, 0xaa);
#elif defined(__aarch64__)
    return (lane_word)vtrn2q_u32((uint32x4_t)even, (uint32x4_t)odd);
#else
    const lane_pair low = lane_broadcast_pair(0xffffffffu);
    return (lane_word)((even >> 32) | (odd & ~low));
#endif
}

/* (word & mask) | bits */
static inline lane_word lane_bits_or(lane_word word, uint32_t mask, lane_word bits) {
#if defined(__AVX512F__)
    return (lane_word)_mm512_ternarylogic_epi32((__m512i)word, _mm512_set1_epi32((int)mask), (__m512i)bits, 0xea);
#else
    return (word & mask) | bits;
#endif
}

/* u 2^LANE_EXACT_SHIFT with u = (2 k + 1) / 2^24 and k the word's upper 23 bits: exact. */
#if defined(__AVX512F__)
enum { LANE_EXACT_SHIFT = 32 };
#else
enum { LANE_EXACT_SHIFT = 24 };
#endif
static inline lane_float lane_exact_uniform(lane_word word) {
#if defined(__AVX512F__)
    return (lane_float)_mm512_cvtepu32_ps((__m512i)lane_bits_or(word, 0xfffffe00u, lane_broadcast_word(0x100u)));
#else
    return __builtin_convertvector((lane_int)((word >> 8) | 1u), lane_float);
#endif
}

/* u = mantissa 2^q with mantissa in [3/4, 3/2): returns q. For normal numbers u > 0. */
static inline lane_float lane_split_at_three_quarters(lane_float u, lane_float *mantissa) {
#if defined(__AVX512F__)
    /* As bits, 3/4 2^q and 2^q are a quarter of the exponent's unit apart for every q. */
    const lane_word from_one = (lane_word)u + (0x3f800000u - 0x3f400000u);
    *mantissa = (lane_float)_mm512_getmant_ps((__m512)u, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_src);
    return (lane_float)_mm512_getexp_ps((__m512)from_one);
#else
    const lane_word bits = (lane_word)u;
    const lane_int exponent = (lane_int)((bits - 0x3f400000u) & 0xff800000u); /* 3/4; the exponent field: q 2^23 */
    *mantissa = (lane_float)(bits - (lane_word)exponent);
    return __builtin_convertvector(exponent, lane_float) * 0x1p-23f;
#endif
}

static inline lane_float lane_square_root(lane_float a) {
#if defined(__AVX512F__)
    return _mm512_sqrt_ps(a);
#elif defined(__AVX2__)
    return _mm256_sqrt_ps(a);
#elif defined(__aarch64__)
    return vsqrtq_f32(a);
#elif defined(__SSE2__)
    return _mm_sqrt_ps(a);
#else
    lane_float r;
    for (int i = 0; i < LANES; ++i) {
        r[i] = sqrtf(a[i]);
    }
    return r;
#endif
}

/* table[index], lane by lane */
static inline lane_float lane_gather(const float *table, lane_int index) {
#if defined(__AVX512F__)
    return _mm512_i32gather_ps((__m512i)index, table, 4);
#elif defined(__AVX2__)
    return _mm256_i32gather_ps(table, (__m256i)index, 4);
#else
    lane_float r;
    for (int i = 0; i < LANES; ++i) {
        r[i] = table[index[i]];
    }
    return r;
#endif
}

static inline lane_float lane_select(lane_int mask, lane_float yes, lane_float no) {
    return (lane_float)((mask & (lane_int)yes) | (~mask & (lane_int)no));
}

/* Bit i is set where lane i of a mask (0 or -1) is. */
static inline uint32_t lane_bits(lane_int mask) {
#if defined(__AVX512DQ__)
    return _mm512_movepi32_mask((__m512i)mask);
#elif defined(__AVX2__)
    return (uint32_t)_mm256_movemask_ps((__m256)mask);
#else
    uint32_t bits = 0;
    for (int i = 0; i < LANES; ++i) {
        bits |= (uint32_t)(mask[i] & 1) << i;
    }
    return bits;
#endif
}

/* The mask of which lane i is set where bit i is. */
static inline lane_int lane_mask_of_bits(uint32_t bits) {
    lane_int lanes;
    for (int i = 0; i < LANES; ++i) {
        lanes[i] = -(int32_t)(bits >> i & 1);
    }
    return lanes;
}

/* the largest lane */
static inline float lane_reduce_max(lane_float a) {
    float largest = a[0];
    for (int i = 1; i < LANES; ++i) {
        largest = a[i] > largest ? a[i] : largest;
    }
    return largest;
}

#endif
