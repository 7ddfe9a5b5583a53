/* Problems built as a search builds them, from moments made up by a test. */
#ifndef MAXSHARPE_TEST_BUILT_PROBLEM_H
#define MAXSHARPE_TEST_BUILT_PROBLEM_H

#include "base/arena.h"
#include "maxsharpe/maxsharpe.h"
#include "run/task.h"
#include "support/asked.h"
#include "support/seeded_random.h"

/* task points to the three, so it stays where it is. */
struct built_problem {
    mxs_market *market;
    mxsi_arena *arena;
    struct mxsi_problem problem;
    struct mxsi_sampling sampling;
    struct mxsi_screening screening;
    struct mxsi_task task;
};

/* Builds a problem; fails the test, printing the message, where that fails. The market becomes the problem's. */
void build_problem(struct built_problem *built, mxs_market *market, const asked *options);

/* For tests of the samplers alone, where the moments do not matter: K of K assets. */
void build_sampler(struct built_problem *built, uint32_t k, double min_weight, double max_weight, uint64_t seed);

/* One in which no array is empty: returns, tickers to include, and a sampler with a table. The same in every program.
 */
void build_full_problem(struct built_problem *built);

void destroy_problem(struct built_problem *built);

#endif
