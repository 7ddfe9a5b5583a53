/* The float kernels of the CPU backend, one simulation a lane, one table of functions for each instruction set.
 *
 * Arrays of a block of attempts are [row][stride] floats: row i holds the i-th asset's number of every attempt.
 * `count`, the attempts of a block, is a multiple of MXSI_LANES_MULTIPLE; arrays are 64-byte aligned. */
#ifndef MAXSHARPE_LANES_H
#define MAXSHARPE_LANES_H

#include <stddef.h>
#include <stdint.h>

enum { MXSI_LANES_MULTIPLE = 16 };

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

    /* upper[i]: the upper bound of screen_bound.h where mask[i] is set, else -HUGE_VALF. Returns the largest. */
    float (*bound)(const float *excess, const float *variance, const float *sum, const int32_t *mask, uint32_t count,
                   float excess_slack, float variance_slack, float *upper);
};

/* The best table for this processor. Never NULL. */
const struct mxsi_lanes *mxsi_lanes_best(void);

/* The i-th table that this build has and this processor runs, slowest first; NULL past the last. */
const struct mxsi_lanes *mxsi_lanes_at(unsigned i);

#endif
