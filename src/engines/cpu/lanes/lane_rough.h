/* A first look at attempts: exponentials good to LANE_ROUGH_ERROR for half the work. What they leave in doubt, an
 * attempt near the border of rejection or with a chance to win, is computed as it is defined; that is a vector in some
 * dozens.
 *
 * The bits of a positive float, as an integer, are its logarithm to base 2 but for a bend between powers of two; so
 * with x = u 2^s, of mantissa m in [1, 2),
 *
 *     -log(u) = -log(2) bits(x) 2^-23 + log(2) (m - 1) - log(m) + (127 + s) log(2)
 *
 * where a cubic (Remez exchange on [1, 2], largest error 4.42e-4) takes the place of the bend. With the roundings, the
 * largest of them that of bits(x) to a float, it is below 2^-11 for every u: tested. */
#ifndef MAXSHARPE_LANE_ROUGH_H
#define MAXSHARPE_LANE_ROUGH_H

#include "engines/cpu/lanes/lane_random.h"
#include "engines/cpu/lanes/lane_vector.h"

#define LANE_ROUGH_ERROR 0x1p-11f

struct lane_rough_constants {
    lane_float one, minus_log2;
    lane_float p[4];
};

static inline struct lane_rough_constants lane_rough_constants(void) {
    const struct lane_rough_constants constants = {
        .one = lane_constant(1.0f),
        .minus_log2 = lane_constant(-0x1.62e430p-24f), /* -log(2) 2^-23 */
        .p = {lane_constant((float)(0.79962894 + (127 + LANE_EXACT_SHIFT) * 0.693147180559945)),
              lane_constant(-1.41948512f), lane_constant(0.72910421f), lane_constant(-0.10968964f)},
    };
    return constants;
}

/* mxsi_exponential(word), to LANE_ROUGH_ERROR. */
static inline lane_float lane_rough_exponential(const struct lane_rough_constants *constants, lane_word word) {
    const lane_word bits = (lane_word)lane_exact_uniform(word);
    const lane_float mantissa = (lane_float)lane_bits_or(bits, 0x007fffffu, (lane_word)constants->one);
    const lane_float logarithm = __builtin_convertvector((lane_int)bits, lane_float);
    lane_float p = constants->p[3];
#pragma GCC unroll 3
    for (int i = 2; i >= 0; --i) {
        p = lane_multiply_add(p, mantissa, constants->p[i]);
    }
    return lane_multiply_add(logarithm, constants->minus_log2, p);
}

/* As lane_finish_rows, but roughly, and the words in x stay. */
static inline void lane_look_at_rows(int vectors, uint32_t rows, const float *slope, const float *x, size_t stride,
                                     struct lane_sums sums[2]) {
    const struct lane_rough_constants constants = lane_rough_constants();
    struct lane_sums own[2] = {sums[0], sums[1]};
    for (uint32_t row = 0; row < rows; ++row) {
#pragma GCC unroll 2
        for (int i = 0; i < vectors; ++i) {
            const lane_word word = (lane_word)lane_load(x + row * stride + (uint32_t)i * LANES);
            const lane_float e = lane_rough_exponential(&constants, word);
            own[i].sum += e;
            own[i].largest = lane_max(own[i].largest, e);
            own[i].projection = lane_multiply_add(e, lane_broadcast(slope[row]), own[i].projection);
        }
    }
    sums[0] = own[0];
    sums[1] = own[1];
}

/* The words of the next 2 LANES attempts into x[k][stride], and what they roughly come to. lane_finish_rows makes
 * spacings of them. The counters move on as in lane_draw_spacings. */
static inline void lane_draw_roughly(struct lane_counters *counters, const struct mxsi_lanes_draw *draw,
                                     const float *slope, float *x, size_t stride, struct lane_sums sums[2]) {
    sums[0] = sums[1] = (struct lane_sums){{0}, {0}, {0}};
    for (uint32_t first = 0; first < draw->k; first += LANE_ROWS_TOGETHER) {
        const uint32_t rows = draw->k - first < LANE_ROWS_TOGETHER ? draw->k - first : LANE_ROWS_TOGETHER;
        lane_draw_rows(counters, 2, rows, x + first * stride, stride);
        lane_look_at_rows(2, rows, slope + first, x + first * stride, stride, sums);
    }
    lane_counters_pass(counters, draw);
}

#endif
