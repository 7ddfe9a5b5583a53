/* a b + c rounded once, four floats at a time, for processors that have no such instruction (the baseline of x86-64;
 * libm's fmaf there is a function call for every lane).
 *
 * The product of two floats is exact in double: 24 + 24 bits are below 53, and its exponent, -298 to 256, is far inside
 * the range. So only s = a b + c is rounded, and then s to a float, and two roundings may differ from one. They do so
 * only where s stands exactly half-way between two floats though a b + c does not. (Rounding is monotonic and every
 * half-way point is a double: if a b + c is on one side of such a point, so is s, or it is the point itself.)
 *
 * - Half-way points between normal floats have a 1 and then 28 zeros behind the 24 bits of a float.
 * - Where the result is subnormal, or the smallest normal number, half-way points look otherwise: all such results but
 *   zero are doubtful. A result of zero is not: it means |a b + c| <= 2^-150, c is a multiple of 2^-149 and so c is 0
 *   or |a b| >= 2^-150, whose lowest bit is at least 2^-150-47; so the sum has 48 bits at most, and s is exact.
 *
 * What is doubtful is done again with s rounded to odd: where s is not exact, of the two doubles around a b + c the one
 * with an odd last bit. Rounding that to nearest, to a format of at least two bits less, is rounding a b + c to
 * nearest: S. Boldo, G. Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms using rounding to
 * odd", IEEE Transactions on Computers 57(4), 2008, theorem 1 (subnormal results included: the wider format has more
 * exponents). The error of s, which says whether it is exact and on which side it lies, is found by Knuth's TwoSum; it
 * is exact, because nothing overflows. */
#ifndef MAXSHARPE_LANE_FMA_SSE2_H
#define MAXSHARPE_LANE_FMA_SSE2_H

#include <emmintrin.h>

/* Two lanes of double: a b + c, rounded to odd. */
static inline __m128d lane_sum_to_odd(__m128d product, __m128d c) {
    const __m128d s = _mm_add_pd(product, c);
    const __m128d added = _mm_sub_pd(s, product);
    const __m128d error = _mm_add_pd(_mm_sub_pd(product, _mm_sub_pd(s, added)), _mm_sub_pd(c, added));
    /* An infinite or missing s has a NaN for its error, which is neither below nor above zero. */
    const __m128d zero = _mm_setzero_pd();
    const __m128i inexact = _mm_castpd_si128(_mm_or_pd(_mm_cmplt_pd(error, zero), _mm_cmpgt_pd(error, zero)));
    const __m128i bits = _mm_castpd_si128(s);
    const __m128i is_even = _mm_sub_epi64(_mm_and_si128(bits, _mm_set1_epi64x(1)), _mm_set1_epi64x(1)); /* 0 or -1 */
    /* The neighbour away from zero is one more in its bits, the one towards zero, where the error's sign is not that of
     * s, one less. */
    const __m128i sign = _mm_srli_epi64(_mm_castpd_si128(_mm_xor_pd(error, s)), 63);
    const __m128i step = _mm_sub_epi64(_mm_set1_epi64x(1), _mm_add_epi64(sign, sign));
    return _mm_castsi128_pd(_mm_add_epi64(bits, _mm_and_si128(step, _mm_and_si128(inexact, is_even))));
}

static inline __m128d lane_low_as_double(__m128 a) {
    return _mm_cvtps_pd(a);
}

static inline __m128d lane_high_as_double(__m128 a) {
    return _mm_cvtps_pd(_mm_movehl_ps(a, a));
}

static inline __m128 lane_as_float(__m128d low, __m128d high) {
    return _mm_movelh_ps(_mm_cvtpd_ps(low), _mm_cvtpd_ps(high));
}

/* Out of the way of what surrounds the common case. */
static __attribute__((noinline, cold)) __m128 lane_fma_to_odd(__m128 a, __m128 b, __m128 c) {
    const __m128d low = _mm_mul_pd(lane_low_as_double(a), lane_low_as_double(b));
    const __m128d high = _mm_mul_pd(lane_high_as_double(a), lane_high_as_double(b));
    return lane_as_float(lane_sum_to_odd(low, lane_low_as_double(c)), lane_sum_to_odd(high, lane_high_as_double(c)));
}

static inline __m128 lane_fma_sse2(__m128 a, __m128 b, __m128 c) {
    const __m128d low = _mm_add_pd(_mm_mul_pd(lane_low_as_double(a), lane_low_as_double(b)), lane_low_as_double(c));
    const __m128d high = _mm_add_pd(_mm_mul_pd(lane_high_as_double(a), lane_high_as_double(b)), lane_high_as_double(c));
    const __m128 result = lane_as_float(low, high);
    /* The lower words of both halves, and what stands behind a float's bits in them. */
    const __m128i words = _mm_castps_si128(_mm_shuffle_ps(_mm_castpd_ps(low), _mm_castpd_ps(high), 0x88));
    const __m128i is_half_way =
        _mm_cmpeq_epi32(_mm_and_si128(words, _mm_set1_epi32(0x1fffffff)), _mm_set1_epi32(0x10000000));
    /* 1 .. 0x00800000 without the sign: one less is the same as an unsigned comparison, whose order is that of signed
     * numbers once 2^31 is taken off both sides. */
    const __m128i size = _mm_and_si128(_mm_castps_si128(result), _mm_set1_epi32(0x7fffffff));
    const __m128i is_small =
        _mm_cmplt_epi32(_mm_add_epi32(size, _mm_set1_epi32(0x7fffffff)), _mm_set1_epi32((int)0x80800000u));
    if (__builtin_expect(_mm_movemask_epi8(_mm_or_si128(is_half_way, is_small)) != 0, 0)) {
        return lane_fma_to_odd(a, b, c);
    }
    return result;
}

#endif
