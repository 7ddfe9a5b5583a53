/* From a problem and a caller's options to a checked sampling. */
#ifndef MAXSHARPE_SAMPLING_BUILD_H
#define MAXSHARPE_SAMPLING_BUILD_H

#include "base/arena.h"
#include "maxsharpe/search.h"
#include "problem/problem.h"
#include "sampling/sampling.h"

/* Fills *sampling, whose table is allocated from arena. Statuses: as mxs_search_create. */
MXS_NODISCARD mxs_status mxsi_sampling_build(const struct mxsi_problem *problem, const mxs_sampling_options *options,
                                             mxsi_arena *arena, struct mxsi_sampling *sampling, mxs_error *error);

#endif
