/* From a market and a caller's options to a checked problem. */
#ifndef MAXSHARPE_PROBLEM_BUILD_H
#define MAXSHARPE_PROBLEM_BUILD_H

#include "base/arena.h"
#include "maxsharpe/search.h"
#include "problem/search_inputs.h"

/* Fills *problem and *inputs, whose arrays are allocated from arena or are the market's. Statuses: as
 * mxs_search_create. */
MXS_NODISCARD mxs_status mxsi_problem_build(const mxs_market_info *market, const mxs_search_options *options,
                                            mxsi_arena *arena, struct mxsi_problem *problem, struct mxsi_inputs *inputs,
                                            mxs_error *error);

/* Appends the lines that the caller should read before a run. 0, or -1: out of memory. */
int mxsi_problem_warn(const mxs_market_info *market, const struct mxsi_problem *problem, mxsi_arena *arena,
                      mxsi_lines *warnings);

#endif
