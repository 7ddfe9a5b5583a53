/* A problem's life: created from a market and options, borrowed by whatever looks for its best portfolios. */
#include "api/problem.h"

#include "base/errors.h"
#include "base/options_struct.h"
#include "data/market/dropped_assets.h"
#include "problem/problem_build.h"

static const mxs_problem_options defaults = MXS_PROBLEM_OPTIONS;

void mxs_problem_options_init(mxs_problem_options *options, size_t struct_size) {
    mxsi_options_init(options, struct_size, &defaults, sizeof defaults);
}

static void describe(struct mxs_problem *made, const mxsi_messages *warnings) {
    const struct mxsi_problem *problem = &made->problem;
    made->info = (mxs_problem_info){
        .assets = problem->assets,
        .assets_per_portfolio = problem->assets_per_portfolio,
        .portfolios = problem->portfolios,
        .min_weight = problem->min_weight,
        .max_weight = problem->max_weight,
        .risk_free = problem->risk_free,
        .periods_per_year = problem->periods_per_year,
        .top = problem->top,
        .objective = (mxs_objective)problem->objective,
        .warning_count = warnings->count,
        .warnings = warnings->items,
    };
}

static mxs_status build(struct mxs_problem *made, const mxs_problem_options *options, mxs_error *error) {
    const mxs_market_info *market = mxs_market_describe(made->market);
    const size_t included = options->include == NULL ? 0 : options->include_count;
    mxs_status status = mxsi_market_refuse_dropped(made->market, options->include, included, error);
    if (status == MXS_OK) {
        status = mxsi_problem_build(market, options, made->arena, &made->problem, error);
    }
    mxsi_messages warnings = {0};
    if (status == MXS_OK && mxsi_problem_warn(&made->problem, made->arena, &warnings) != 0) {
        status = mxsi_fail_memory(error, "the problem");
    }
    if (status == MXS_OK) {
        describe(made, &warnings);
    }
    return status;
}

mxs_status mxs_problem_create(const mxs_market *market, const mxs_problem_options *options, mxs_problem **problem,
                              mxs_error *error) {
    *problem = NULL;
    mxs_problem_options known = defaults;
    mxs_status status = mxsi_options_read(&known, sizeof known, options, "the problem options", error);
    if (status != MXS_OK) {
        return status;
    }
    mxsi_arena *arena = mxsi_arena_create();
    struct mxs_problem *made = arena == NULL ? NULL : mxsi_arena_allocate(arena, 1, sizeof *made);
    if (made == NULL) {
        mxsi_arena_destroy(arena);
        return mxsi_fail_memory(error, "the problem");
    }
    made->arena = arena;
    made->market = market;
    status = build(made, &known, error);
    if (status != MXS_OK) {
        mxsi_arena_destroy(arena);
        return status;
    }
    *problem = made;
    return MXS_OK;
}

void mxs_problem_destroy(mxs_problem *problem) {
    if (problem != NULL) {
        mxsi_arena_destroy(problem->arena);
    }
}

const mxs_problem_info *mxs_problem_describe(const mxs_problem *problem) {
    return &problem->info;
}
