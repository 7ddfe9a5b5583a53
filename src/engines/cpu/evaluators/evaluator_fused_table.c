/* Shared draws: the slopes of some portfolios by the table of weights, a product of its own, of which only the largest
 * element of each row is kept; then what is left of a portfolio as with fresh draws. */
#include <math.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/monotonic_clock.h"
#include "engines/cpu/evaluators/evaluator.h"
#include "engines/cpu/evaluators/fused_screen.h"
#include "engines/cpu/evaluators/weight_table.h"

enum { PORTFOLIOS = 16 }; /* few enough to profit from a bar that a candidate has raised */

struct mxsi_evaluator {
    struct mxsi_inputs inputs;
    const struct mxsi_lanes *lanes;
    struct mxsi_fused_screen fused;
    const struct mxsi_weight_table *table;
    const uint32_t *assets; /* [PORTFOLIOS][K] of the portfolios; the caller's */
    float *slope;           /* [PORTFOLIOS][K] */
    float *upper;           /* [MXSI_TABLE_STRIDE] */
};

static uintptr_t lay_out(struct mxsi_evaluator *e, const struct mxsi_problem *problem, uintptr_t at) {
    at = mxsi_fused_screen_lay_out(&e->fused, problem, at);
    e->slope = mxsi_take_lines(&at, (size_t)PORTFOLIOS * problem->assets_per_portfolio * sizeof(float));
    e->upper = mxsi_take_lines(&at, MXSI_TABLE_STRIDE * sizeof(float));
    return at;
}

static size_t memory_size(const struct mxsi_problem *problem) {
    struct mxsi_evaluator unplaced;
    uintptr_t at = 0;
    (void)mxsi_take_lines(&at, sizeof unplaced);
    return (size_t)lay_out(&unplaced, problem, at);
}

static struct mxsi_evaluator *create(const struct mxsi_inputs *inputs, const struct mxsi_lanes *lanes, void *memory,
                                     char *reason, size_t reason_size) {
    (void)snprintf(reason, reason_size, "%s", ""); /* nothing here can fail */
    uintptr_t at = (uintptr_t)memory;
    struct mxsi_evaluator *e = mxsi_take_lines(&at, sizeof *e);
    e->inputs = *inputs;
    e->lanes = lanes;
    (void)lay_out(e, inputs->problem, at);
    mxsi_fused_screen_init(&e->fused, &e->inputs);
    return e;
}

static uint32_t max_portfolios(const struct mxsi_evaluator *e) {
    (void)e;
    return PORTFOLIOS;
}

static void load_table(struct mxsi_evaluator *e, const struct mxsi_weight_table *table,
                       struct mxsi_worker_times *times) {
    (void)times;
    e->table = table;
}

/* The bounds of a portfolio's simulations into `upper`; returns the highest. */
static float bound_portfolio(struct mxsi_evaluator *e, uint32_t portfolio) {
    const uint32_t k = e->inputs.problem->assets_per_portfolio;
    const uint32_t count = e->table->count;
    const struct mxsi_lanes_screen screen =
        mxsi_fused_screen_of(&e->fused, e->assets + portfolio * k, e->slope + portfolio * k, count);
    float highest;
    (void)e->lanes->screen_drawn(e->table->x, e->table->sum, k, MXSI_TABLE_STRIDE, mxsi_whole_vectors(count), &screen,
                                 e->upper, &highest);
    return highest;
}

static void screen_portfolios(struct mxsi_evaluator *e, const uint32_t *assets, uint32_t portfolios, float bar,
                              float *highest, struct mxsi_worker_times *times) {
    const struct mxsi_problem *problem = e->inputs.problem;
    const uint32_t k = problem->assets_per_portfolio;
    const uint64_t begin = mxsi_now_ns();
    float largest[PORTFOLIOS];
    e->assets = assets;
    (void)mxsi_fused_screen_set_bar(&e->fused, bar);
    for (uint32_t p = 0; p < portfolios; ++p) {
        mxsi_volatility_floor_slope(&e->fused.floor, problem, assets + p * k, 0, e->slope + p * k);
    }
    e->lanes->project(e->table->x, k, MXSI_TABLE_STRIDE, mxsi_whole_vectors(e->table->count), e->slope, portfolios,
                      largest);
    const uint64_t projected = mxsi_now_ns();
    for (uint32_t p = 0; p < portfolios; ++p) {
        highest[p] = largest[p] >= 0.0f ? bound_portfolio(e, p) : -HUGE_VALF;
    }
    times->returns += projected - begin;
    times->variances += mxsi_now_ns() - projected;
}

static const float *portfolio_bounds(struct mxsi_evaluator *e, uint32_t portfolio) {
    (void)bound_portfolio(e, portfolio);
    return e->upper;
}

static void describe(const struct mxsi_evaluator *e, char *text, size_t text_size) {
    (void)snprintf(text, text_size, "%s", e->lanes->name);
}

const struct mxsi_evaluator_kind mxsi_evaluator_fused_table = {
    .name = "fused",
    .memory_size = memory_size,
    .create = create,
    .max_portfolios = max_portfolios,
    .load_table = load_table,
    .screen_portfolios = screen_portfolios,
    .portfolio_bounds = portfolio_bounds,
    .describe = describe,
};

const struct mxsi_evaluator_kind mxsi_evaluator_fused_full_table = {
    .name = "fused-full",
    .every_variance = 1,
    .memory_size = memory_size,
    .create = create,
    .max_portfolios = max_portfolios,
    .load_table = load_table,
    .screen_portfolios = screen_portfolios,
    .portfolio_bounds = portfolio_bounds,
    .describe = describe,
};
