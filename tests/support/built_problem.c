#include "support/built_problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "problem/problem_build.h"
#include "sampling/sampling_build.h"
#include "screening/screening_build.h"
#include "support/made_market.h"

void build_problem(struct built_problem *built, mxs_market *market, const asked *options) {
    built->market = market;
    built->arena = mxsi_arena_create();
    assert_non_null(built->arena);
    mxs_error error = {.message = ""};
    if (mxsi_problem_build(mxs_market_describe(market), &options->problem, built->arena, &built->problem, &error) !=
            MXS_OK ||
        mxsi_sampling_build(&built->problem, &options->sampling, built->arena, &built->sampling, &error) != MXS_OK ||
        mxsi_screening_build(&built->problem, built->arena, &built->screening, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    built->task = (struct mxsi_task){&built->problem, &built->sampling, &built->screening};
}

void build_sampler(struct built_problem *built, uint32_t k, double min_weight, double max_weight, uint64_t seed) {
    struct seeded_random random = {k};
    asked options = asked_defaults();
    options.problem.min_weight = min_weight;
    options.problem.max_weight = max_weight;
    options.sampling.seed = seed;
    build_problem(built, random_market(&random, k, 1), &options);
}

void build_full_problem(struct built_problem *built) {
    static const char *const INCLUDE[] = {"A7", "A2"};
    enum { ROWS = 40, ASSETS = 11 };
    struct seeded_random random = {17};
    double returns[ROWS * ASSETS];
    for (size_t i = 0; i < ROWS * ASSETS; ++i) {
        returns[i] = 0.01 * random_normal(&random);
    }
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 7;
    options.problem.max_weight = 0.2;
    options.problem.include = INCLUDE;
    options.problem.include_count = 2;
    options.problem.top = 13;
    build_problem(built, market_of_returns(returns, ROWS, ASSETS), &options);
    assert_int_equal(built->sampling.sampler, MXS_SAMPLER_FIXED_SUM);
    assert_true(built->sampling.table_size > 0);
}

void destroy_problem(struct built_problem *built) {
    mxsi_arena_destroy(built->arena);
    mxs_market_destroy(built->market);
    *built = (struct built_problem){0};
}
