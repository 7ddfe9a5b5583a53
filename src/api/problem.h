/* A problem as the other public handles see it. */
#ifndef MAXSHARPE_PROBLEM_HANDLE_H
#define MAXSHARPE_PROBLEM_HANDLE_H

#include "base/arena.h"
#include "maxsharpe/problem.h"
#include "problem/problem.h"

struct mxs_problem {
    mxsi_arena *arena;
    const mxs_market *market;
    struct mxsi_problem problem;
    mxs_problem_info info;
};

#endif
