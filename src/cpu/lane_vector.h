/* Vectors of simulations: one lane, one simulation. GCC's vector extensions (Clang has them too) with the three
 * operations that they lack or compile badly: the fused multiply-add, the 32 x 32 -> 64 bit product and the maximum.
 * lanes.c is compiled once for each instruction set; the compiler's own macros say which one this is. */
#ifndef MAXSHARPE_LANE_VECTOR_H
#define MAXSHARPE_LANE_VECTOR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
enum { LANES = 16 };
#elif defined(__AVX2__)
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

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
#else
    lane_float r;
    for (int i = 0; i < LANES; ++i) {
        r[i] = fmaf(a[i], b[i], c[i]);
    }
    return r;
#endif
}

/* the larger; neither is NaN */
static inline lane_float lane_max(lane_float a, lane_float b) {
#if defined(__AVX512F__)
    return _mm512_max_ps(a, b);
#elif defined(__AVX2__)
    return _mm256_max_ps(a, b);
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
#else
    const lane_pair low = (lane_pair){0} + 0xffffffffu;
    return (a & low) * (b & low);
#endif
}

/* The low halves of even and odd, interleaved: lane 2i is even[i], lane 2i + 1 is odd[i]. */
static inline lane_word lane_interleave(lane_pair even, lane_pair odd) {
#if defined(__AVX512F__)
    return (lane_word)_mm512_mask_blend_epi32(0xaaaa, (__m512i)even, _mm512_slli_epi64((__m512i)odd, 32));
#elif defined(__AVX2__)
    return (lane_word)_mm256_blend_epi32((__m256i)even, _mm256_slli_epi64((__m256i)odd, 32), 0xaa);
#else
    const lane_pair low = (lane_pair){0} + 0xffffffffu;
    return (lane_word)((even & low) | (odd << 32));
#endif
}

static inline lane_float lane_square_root(lane_float a) {
#if defined(__AVX512F__)
    return _mm512_sqrt_ps(a);
#elif defined(__AVX2__)
    return _mm256_sqrt_ps(a);
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

/* the largest lane */
static inline float lane_reduce_max(lane_float a) {
    float largest = a[0];
    for (int i = 1; i < LANES; ++i) {
        largest = a[i] > largest ? a[i] : largest;
    }
    return largest;
}

#endif
