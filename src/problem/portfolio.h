/* Portfolios and their ranks: the subsets of a problem's assets that qualify, in lexicographic order. */
#ifndef MAXSHARPE_PORTFOLIO_H
#define MAXSHARPE_PORTFOLIO_H

#include "problem/problem.h"

/* The assets of the portfolio of the given rank, ascending, into assets[K]. chosen: scratch [K]. */
void mxsi_portfolio_assets(const struct mxsi_problem *problem, uint64_t rank, uint32_t *assets, uint32_t *chosen);

/* The same from the subset of the free assets that it has chosen: [K - forced_count] positions among them. */
void mxsi_portfolio_merge(const struct mxsi_problem *problem, const uint32_t *chosen, uint32_t *assets);

#endif
