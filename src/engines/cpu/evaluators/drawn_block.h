/* A block of attempts drawn into memory, by whichever sampler the problem has: for evaluators that form products of
 * them. X is [K][MXSI_DRAWN_STRIDE], a row an asset, a column an attempt. */
#ifndef MAXSHARPE_DRAWN_BLOCK_H
#define MAXSHARPE_DRAWN_BLOCK_H

#include <stdint.h>

#include "engines/cpu/evaluators/evaluator.h"

/* X and a product of the same size stay in the second-level cache up to K of some hundreds; more attempts gain nothing.
 * The stride is a line longer, or the rows of X would fall into the same few sets of the first-level cache. */
enum { MXSI_DRAWN_ATTEMPTS = 256, MXSI_DRAWN_STRIDE = MXSI_DRAWN_ATTEMPTS + 16 };

struct mxsi_drawn_block {
    struct mxsi_task task;
    const struct mxsi_lanes *lanes;
    float *x;        /* [K][STRIDE] weights times their sum */
    float *sum;      /* [ATTEMPTS] */
    float *largest;  /* [ATTEMPTS] spacing, for the rejection test */
    float *height;   /* [K][K] for the fixed-sum sampler, as the following */
    float *tail;     /* [K][STRIDE] scratch */
    uint32_t *words; /* [2 K][STRIDE] scratch */
};

/* Places the arrays from address `at` on; returns the first address behind them. */
uintptr_t mxsi_drawn_block_lay_out(struct mxsi_drawn_block *drawn, const struct mxsi_task *task, uintptr_t at);

/* After the arrays are placed, in zeroed memory. What the task points to is borrowed. */
void mxsi_drawn_block_init(struct mxsi_drawn_block *drawn, const struct mxsi_task *task,
                           const struct mxsi_lanes *lanes);

/* The random words of a block's attempts. */
struct mxsi_lanes_draw mxsi_block_draw(const struct mxsi_task *task, const struct mxsi_block *block);

/* Whether its sampler's attempts are spacings, so that they can be screened as they are drawn, without a block. */
int mxsi_draws_spacings(const struct mxsi_sampling *sampling);

/* Draws. Only samplers that reject write `largest`. */
void mxsi_drawn_block_draw(struct mxsi_drawn_block *drawn, const struct mxsi_block *block);

/* Which attempts count: -1 or 0 into mask[attempts]. Returns how many do. */
uint32_t mxsi_drawn_block_accept(const struct mxsi_drawn_block *drawn, const struct mxsi_block *block, int32_t *mask);

#endif
