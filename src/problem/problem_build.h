/* From a market and a caller's options to a checked problem. */
#ifndef MAXSHARPE_PROBLEM_BUILD_H
#define MAXSHARPE_PROBLEM_BUILD_H

#include "base/arena.h"
#include "maxsharpe/problem.h"
#include "problem/problem.h"

/* What K max_weight may fall short of 1, and K min_weight exceed it, by rounding. */
#define MXSI_WEIGHT_SUM_TOLERANCE 1e-12

/* Fills *problem, whose arrays are allocated from arena or are the market's. Statuses: as mxs_problem_create. */
MXS_NODISCARD mxs_status mxsi_problem_build(const mxs_market_info *market, const mxs_problem_options *options,
                                            mxsi_arena *arena, struct mxsi_problem *problem, mxs_error *error);

/* Whether the bounds leave one point, every weight 1/K, but for rounding. */
int mxsi_problem_has_equal_weights(const struct mxsi_problem *problem);

/* Whether an asset returns more than the risk-free rate: where none does, no portfolio can. */
int mxsi_problem_can_beat_risk_free(const struct mxsi_problem *problem);

/* Appends the lines that the caller should read before a run. 0, or -1: out of memory. */
int mxsi_problem_warn(const struct mxsi_problem *problem, mxsi_arena *arena, mxsi_messages *warnings);

#endif
