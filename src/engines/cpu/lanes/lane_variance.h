/* Variances of simulations side by side: quadratic forms over the triangle of the covariance, packed by
 * mxsi_triangle_pack, and the upper bounds of Sharpe ratios that follow from them. */
#ifndef MAXSHARPE_LANE_VARIANCE_H
#define MAXSHARPE_LANE_VARIANCE_H

#include "engines/cpu/lanes/lane_vector.h"
#include "engines/cpu/lanes/triangle.h"

/* The upper bound of screen_bound.h. */
static inline lane_float lane_upper_bound(lane_float excess, lane_float variance, lane_float sum, float excess_slack,
                                          float variance_slack) {
    const lane_float infinite = lane_broadcast(HUGE_VALF);
    const lane_float zero = {0};
    const lane_float n = excess + sum * excess_slack;
    const lane_float slack = sum * sum * variance_slack;
    const lane_float least = variance - slack;
    const lane_int known = least > zero;
    const lane_float q = lane_select(n < zero, variance + slack, least);
    const lane_float ratio = n / lane_square_root(lane_select(known, q, infinite));
    return lane_select(known, ratio, infinite);
}

/* Two vectors of simulations at a time, x[k][stride]: every number of the triangle is fetched once for both. */
struct lane_two {
    lane_float of[2];
};

static inline struct lane_two lane_load_two(const float *x) {
    const struct lane_two two = {{lane_load(x), lane_load(x + LANES)}};
    return two;
}

/* rows of a block += the first `rows` coefficients times x */
static inline void lane_add_column(struct lane_two *block, int rows, const float *coefficients, const float *x) {
    const struct lane_two column = lane_load_two(x);
#pragma GCC unroll 4
    for (int row = 0; row < rows; ++row) {
        const lane_float c = lane_broadcast(coefficients[row]);
        block[row].of[0] = lane_multiply_add(c, column.of[0], block[row].of[0]);
        block[row].of[1] = lane_multiply_add(c, column.of[1], block[row].of[1]);
    }
}

/* total += sum of rows times their x */
static inline void lane_add_rows(struct lane_two *total, const struct lane_two *block, uint32_t rows, const float *x,
                                 size_t stride) {
    for (uint32_t row = 0; row < rows; ++row) {
        const struct lane_two factor = lane_load_two(x + row * stride);
        total->of[0] = lane_multiply_add(block[row].of[0], factor.of[0], total->of[0]);
        total->of[1] = lane_multiply_add(block[row].of[1], factor.of[1], total->of[1]);
    }
}

/* sum over i <= j of triangle_ij x_i x_j */
static inline struct lane_two lane_quadratic_form(const float *triangle, uint32_t k, const float *x, size_t stride) {
    struct lane_two total = {{{0}, {0}}};
    uint32_t first = 0;
    for (; first + MXSI_TRIANGLE_ROWS <= k; first += MXSI_TRIANGLE_ROWS) {
        struct lane_two block[MXSI_TRIANGLE_ROWS] = {{{{0}, {0}}}};
        const float *column = x + first * stride;
#pragma GCC unroll 4
        for (int rows = 1; rows <= MXSI_TRIANGLE_ROWS; ++rows) { /* the diagonal: nothing below it */
            lane_add_column(block, rows, triangle, column);
            triangle += MXSI_TRIANGLE_ROWS;
            column += stride;
        }
        for (uint32_t j = first + MXSI_TRIANGLE_ROWS; j < k; ++j) {
            lane_add_column(block, MXSI_TRIANGLE_ROWS, triangle, column);
            triangle += MXSI_TRIANGLE_ROWS;
            column += stride;
        }
        lane_add_rows(&total, block, MXSI_TRIANGLE_ROWS, x + first * stride, stride);
    }
    struct lane_two block[MXSI_TRIANGLE_ROWS] = {{{{0}, {0}}}};
    for (uint32_t j = first; j < k; ++j) {
        lane_add_column(block, MXSI_TRIANGLE_ROWS, triangle, x + j * stride);
        triangle += MXSI_TRIANGLE_ROWS;
    }
    lane_add_rows(&total, block, k - first, x + first * stride, stride);
    return total;
}

/* sum of factor_i x_i */
static inline struct lane_two lane_dot(const float *factor, uint32_t k, const float *x, size_t stride) {
    struct lane_two total = {{{0}, {0}}};
    for (uint32_t i = 0; i < k; ++i) {
        lane_add_column(&total, 1, factor + i, x + i * stride);
    }
    return total;
}

#endif
