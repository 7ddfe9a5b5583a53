/* The definition of a simulation: its weights, in double, from its identity alone. */
#ifndef MAXSHARPE_DRAW_H
#define MAXSHARPE_DRAW_H

#include <stddef.h>

#include "problem/search_inputs.h"

/* Doubles of scratch that mxsi_draw_weights needs for K assets. */
size_t mxsi_draw_scratch(uint32_t k);

/* Draws the weights of one attempt into weights[K]: sum 1 to 1e-12, within the bounds.
 * scratch: [mxsi_draw_scratch(K)]. Returns 1, or 0 where the rejection sampler rejects the attempt. */
int mxsi_draw_weights(const struct mxsi_inputs *inputs, const struct mxsi_identity *identity, double *weights,
                      double *scratch);

/* The assets of the portfolio of the given rank, ascending, into assets[K]. chosen: scratch [K]. */
void mxsi_portfolio_assets(const struct mxsi_inputs *inputs, uint64_t rank, uint32_t *assets, uint32_t *chosen);

/* The same from the subset of the free assets that it has chosen: [K - forced_count] positions among them. */
void mxsi_portfolio_merge(const struct mxsi_inputs *inputs, const uint32_t *chosen, uint32_t *assets);

#endif
