/* The definition of a simulation: its weights, in double, from its identity alone. */
#ifndef MAXSHARPE_DRAW_H
#define MAXSHARPE_DRAW_H

#include <stddef.h>

#include "problem/problem.h"
#include "sampling/sampling.h"

/* Doubles of scratch that mxsi_draw_weights needs for K assets. */
size_t mxsi_draw_scratch(uint32_t k);

/* Draws the weights of one attempt into weights[K]: sum 1 to 1e-12, within the bounds.
 * scratch: [mxsi_draw_scratch(K)]. Returns 1, or 0 where the sampler rejects the attempt. */
int mxsi_draw_weights(const struct mxsi_problem *problem, const struct mxsi_sampling *sampling,
                      const struct mxsi_identity *identity, double *weights, double *scratch);

#endif
