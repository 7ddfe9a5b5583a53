/* Shared draws: the slopes of some portfolios by the table of weights, a product of its own, of which only the largest
 * element of each row is kept; then what is left of a portfolio as with fresh draws. */
#include <math.h>

#include "base/arena.h"
#include "base/monotonic_clock.h"
#include "engines/cpu/evaluators/evaluator.h"
#include "engines/cpu/evaluators/fused_screen.h"
#include "engines/cpu/evaluators/weight_table.h"

enum { PORTFOLIOS = 16 }; /* few enough to profit from a bar that a candidate has raised */

struct fused_table {
    struct mxsi_evaluator_base base;
    struct mxsi_fused_screen fused;
    const struct mxsi_weight_table *table;
    const uint32_t *assets; /* [PORTFOLIOS][K] of the portfolios; the caller's */
    float *slope;           /* [PORTFOLIOS][K] */
    float *upper;           /* [PORTFOLIOS][MXSI_TABLE_STRIDE] of those that have a chance */
};
_Static_assert(sizeof(struct fused_table) <= MXSI_EVALUATOR_MAX_SIZE, "too large to be measured");

static uintptr_t lay_out(struct mxsi_evaluator_base *base, uintptr_t at) {
    struct fused_table *e = (void *)base;
    at = mxsi_fused_screen_lay_out(&e->fused, &base->task, at);
    e->slope =
        mxsi_take_cache_lines(&at, (size_t)PORTFOLIOS * base->task.problem->assets_per_portfolio * sizeof(float));
    e->upper = mxsi_take_cache_lines(&at, (size_t)PORTFOLIOS * MXSI_TABLE_STRIDE * sizeof(float));
    return at;
}

static void init(struct mxsi_evaluator_base *base) {
    struct fused_table *e = (void *)base;
    mxsi_fused_screen_init(&e->fused, &base->task);
}

static void load_table(void *evaluator, const struct mxsi_weight_table *table, struct mxsi_worker_times *times) {
    struct fused_table *e = evaluator;
    (void)times;
    e->table = table;
}

/* The bounds of a portfolio's simulations into its part of `upper`; returns the highest. */
static float bound_portfolio(struct fused_table *e, uint32_t portfolio) {
    const uint32_t k = e->base.task.problem->assets_per_portfolio;
    const uint32_t count = e->table->count;
    const struct mxsi_lanes_screen screen =
        mxsi_fused_screen_of(&e->fused, e->assets + portfolio * k, e->slope + portfolio * k, count);
    float highest;
    (void)e->base.lanes->screen_drawn(e->table->x, e->table->sum, k, MXSI_TABLE_STRIDE, mxsi_whole_vectors(count),
                                      &screen, e->upper + (size_t)portfolio * MXSI_TABLE_STRIDE, &highest);
    return highest;
}

static void screen_portfolios(void *evaluator, const uint32_t *assets, uint32_t portfolios, float bar, float *highest,
                              struct mxsi_worker_times *times) {
    struct fused_table *e = evaluator;
    const struct mxsi_problem *problem = e->base.task.problem;
    const uint32_t k = problem->assets_per_portfolio;
    const uint64_t begin = mxsi_now_ns();
    float largest[PORTFOLIOS];
    e->assets = assets;
    (void)mxsi_fused_screen_set_bar(&e->fused, bar);
    for (uint32_t p = 0; p < portfolios; ++p) {
        mxsi_volatility_floor_slope(&e->fused.floor, problem, assets + p * k, 0, e->slope + p * k);
    }
    e->base.lanes->project(e->table->x, k, MXSI_TABLE_STRIDE, mxsi_whole_vectors(e->table->count), e->slope, portfolios,
                           largest);
    const uint64_t projected = mxsi_now_ns();
    for (uint32_t p = 0; p < portfolios; ++p) {
        highest[p] = largest[p] >= 0.0f ? bound_portfolio(e, p) : -HUGE_VALF;
    }
    times->returns += projected - begin;
    times->variances += mxsi_now_ns() - projected;
}

static const float *portfolio_bounds(void *evaluator, uint32_t portfolio) {
    const struct fused_table *e = evaluator;
    return e->upper + (size_t)portfolio * MXSI_TABLE_STRIDE;
}

#define FUSED_TABLE_KIND(text, all_variances)                                                           \
    {                                                                                                   \
        .base = {.name = (text),                                                                        \
                 .every_variance = (all_variances),                                                     \
                 .size = sizeof(struct fused_table),                                                    \
                 .lay_out = lay_out,                                                                    \
                 .init = init},                                                                         \
        .max_portfolios = PORTFOLIOS, .load_table = load_table, .screen_portfolios = screen_portfolios, \
        .portfolio_bounds = portfolio_bounds                                                            \
    }

const struct mxsi_table_evaluator_kind mxsi_evaluator_fused_table = FUSED_TABLE_KIND("fused", 0);
const struct mxsi_table_evaluator_kind mxsi_evaluator_fused_full_table = FUSED_TABLE_KIND("fused-full", 1);
