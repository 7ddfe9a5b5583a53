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

/* Whether there is such a tile in the search, whoever says so. */
static inline int mxsi_task_has_tile(const struct mxsi_task *task, uint64_t rank, uint32_t tile) {
    return rank >= task->sampling->first_portfolio && rank < task->sampling->end_portfolio &&
           tile < task->sampling->tiles_per_portfolio;
}

/* How many portfolios lead. */
static inline uint32_t mxsi_task_top(const struct mxsi_task *task) {
    const uint64_t range = task->sampling->end_portfolio - task->sampling->first_portfolio;
    return task->problem->top < range ? task->problem->top : (uint32_t)range;
}

#endif
