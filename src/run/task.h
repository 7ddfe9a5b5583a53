/* A search as an engine sees it: what is asked, how it is sampled, how it is screened. */
#ifndef MAXSHARPE_TASK_H
#define MAXSHARPE_TASK_H

#include "problem/problem.h"
#include "sampling/sampling.h"
#include "screening/screening.h"

struct mxsi_task {
    const struct mxsi_problem *problem;
    const struct mxsi_sampling *sampling;
    const struct mxsi_screening *screening;
};

/* How many portfolios lead. */
static inline uint32_t mxsi_task_top(const struct mxsi_task *task) {
    const uint64_t range = task->sampling->end_portfolio - task->sampling->first_portfolio;
    return task->problem->top < range ? task->problem->top : (uint32_t)range;
}

#endif
