/* The float kernels of the CPU backend, one simulation a lane, one table of functions for each instruction set.
 *
 * Arrays of a block of attempts are [row][stride] floats: row i holds the i-th asset's number of every attempt.
 * `count`, the attempts of a block, is a multiple of MXSI_LANES_MULTIPLE; arrays are 64-byte aligned. */
#ifndef MAXSHARPE_LANES_H
#define MAXSHARPE_LANES_H

#include <stddef.h>
#include <stdint.h>

enum { MXSI_LANES_MULTIPLE = 16 };

static inline uint32_t mxsi_whole_vectors(uint32_t count) {
    return (count + MXSI_LANES_MULTIPLE - 1) / MXSI_LANES_MULTIPLE * MXSI_LANES_MULTIPLE;
}

/* Which random words, and how many. */
struct mxsi_lanes_draw {
    uint64_t seed;
    uint64_t stream;
    uint32_t tile;
    uint32_t first_attempt;
    uint32_t blocks_per_attempt;
    uint32_t count;
    uint32_t k;
    size_t stride;
};

/* The fixed-sum sampler's parameters: see struct mxsi_problem. */
struct mxsi_lanes_box {
    const uint32_t *chance; /* [k - 1][k] */
    const float *height;    /* [k][k]: row `left - 1`, column `ups` is (box_sum - ups) / left */
    float min_weight;
    float width;
    float *tail;     /* scratch [k][stride] */
    uint32_t *words; /* scratch [2 k][stride] */
};

/* What a fused screen knows of a portfolio. */
struct mxsi_lanes_screen {
    /* Simulations whose sum of slope_i x_i is below zero are ruled out: see volatility_floor.h. x are the spacings
     * where they are drawn, else the weights times their sum. */
    const float *slope; /* [k] */
    int rules_out;      /* 0: the slopes rule nothing out */

    const float *excess;   /* [k] */
    const float *triangle; /* see triangle.h */
    float cap;             /* of the rejection test; infinite where there is none */
    float excess_slack;
    float variance_slack;
    float min_weight; /* spacings become weights times their sum: x = spare spacing + min_weight sum */
    float spare;
    uint32_t wanted; /* so many accepted simulations, no more */

    /* Called before the first use of `excess` and `triangle`, which few portfolios need. */
    void (*prepare)(void *context);
    void *context;
};

struct mxsi_lanes {
    const char *name;

    /* Exponential spacings into x[k][stride], their sum in index order and their maximum into sum, largest [count]. */
    void (*draw_spacings)(const struct mxsi_lanes_draw *draw, float *x, float *sum, float *largest);

    /* x = spare x + min_weight sum: the weights, times the sum, where there is a minimum weight. */
    void (*raise_to_minimum)(const struct mxsi_lanes_draw *draw, float min_weight, float spare, const float *sum,
                             float *x);

    /* The fixed-sum sampler: weights times sum into x, the sum of the spacings into sum. */
    void (*draw_fixed_sum)(const struct mxsi_lanes_draw *draw, const struct mxsi_lanes_box *box, float *x, float *sum);

    /* mask[i] = -1 where largest[i] <= cap * sum[i], else 0; only the first `wanted` such attempts keep theirs.
     * Returns how many did. */
    uint32_t (*accept)(const float *largest, const float *sum, float cap, uint32_t count, uint32_t wanted,
                       int32_t *mask);

    /* variance[i] = sum over rows of x y, for i < count. */
    void (*row_dot)(const float *x, const float *y, uint32_t k, size_t stride, uint32_t count, float *variance);

    /* Draws, tests and screens attempt after attempt until the tile is full: spacings, the rejection test, the slope,
     * and only where that leaves a chance the expected return, the variance and the upper bound, else -HUGE_VALF.
     * x: scratch [k][2 MXSI_LANES_MULTIPLE]; upper [count]. Returns how many simulations were accepted. */
    uint32_t (*screen_spacings)(const struct mxsi_lanes_draw *draw, const struct mxsi_lanes_screen *screen, float *x,
                                float *upper, float *highest);

    /* The same for weights times their sum that are there already, all accepted: x[k][stride], sum[count], with
     * stride >= count + MXSI_LANES_MULTIPLE. */
    uint32_t (*screen_drawn)(const float *x, const float *sum, uint32_t k, size_t stride, uint32_t count,
                             const struct mxsi_lanes_screen *screen, float *upper, float *highest);

    /* largest[p]: the largest sum of slope[p][j] x[j][i] over i < count, for `portfolios` rows of slopes, each [k].
     * x[k][stride] as for screen_drawn. */
    void (*project)(const float *x, uint32_t k, size_t stride, uint32_t count, const float *slope, uint32_t portfolios,
                    float *largest);

    /* upper[i]: the upper bound of screen_bound.h where mask[i] is set, else -HUGE_VALF. Returns the largest. */
    float (*bound)(const float *excess, const float *variance, const float *sum, const int32_t *mask, uint32_t count,
                   float excess_slack, float variance_slack, float *upper);
};

/* The best table for this processor. Never NULL. */
const struct mxsi_lanes *mxsi_lanes_best(void);

/* The i-th table that this build has and this processor runs, slowest first; NULL past the last. */
const struct mxsi_lanes *mxsi_lanes_at(unsigned i);

#endif
