/* What screening needs of a problem: computed once, for all workers. */
#ifndef MAXSHARPE_SCREENING_BUILD_H
#define MAXSHARPE_SCREENING_BUILD_H

#include "base/arena.h"
#include "maxsharpe/status.h"
#include "problem/problem.h"
#include "screening/screening.h"

/* Fills *screening, whose arrays are allocated from arena, for the problem's objective. Returns MXS_OK,
 * MXS_ERROR_MEMORY. */
MXS_NODISCARD mxs_status mxsi_screening_build(const struct mxsi_problem *problem, mxsi_arena *arena,
                                              struct mxsi_screening *screening, mxs_error *error);

#endif
