/* The seam at which samplers differ: one table of functions each. This is the definition, in double; an engine has
 * kernels of its own for each of them, which draw the same simulations (engines/cpu/evaluators/drawn_block.c,
 * kernels/engine.cuh). */
#ifndef MAXSHARPE_SAMPLER_H
#define MAXSHARPE_SAMPLER_H

#include <stdint.h>

#include "maxsharpe/types.h"
#include "problem/problem.h"
#include "sampling/random_words.h"
#include "sampling/sampling.h"

struct mxsi_sampler {
    int rejects;     /* 1: an attempt may be no simulation */
    int is_constant; /* 1: all simulations of a portfolio are the same, so that one of them is evaluated */

    /* Whether it draws this problem, where none before it in the order of choice does. All of *sampling is set but what
     * depends on the sampler. */
    int (*applies)(const struct mxsi_problem *problem, const struct mxsi_sampling *sampling);

    /* Random words of one attempt for K assets. */
    uint32_t (*words)(uint32_t k);

    /* Bytes of the table that it draws by, and their contents. NULL: it has none. fill_table returns 0, or -1: out of
     * memory. */
    uint64_t (*table_size)(uint32_t k);
    int (*fill_table)(uint32_t k, const struct mxsi_sampling *sampling, uint32_t *table);

    /* Draws weights[K]: sum 1 to 1e-12, within the bounds. scratch: [2 K]. Returns 1, or 0 where the attempt is
     * rejected. */
    int (*draw)(const struct mxsi_problem *problem, const struct mxsi_sampling *sampling,
                struct mxsi_random_words *words, double *weights, double *scratch);
};

extern const struct mxsi_sampler mxsi_sampler_rejection;
extern const struct mxsi_sampler mxsi_sampler_fixed_sum;
extern const struct mxsi_sampler mxsi_sampler_equal_weights;

const struct mxsi_sampler *mxsi_sampler_of(mxs_sampler sampler);

/* The one that draws a problem. */
mxs_sampler mxsi_sampler_choose(const struct mxsi_problem *problem, const struct mxsi_sampling *sampling);

#endif
