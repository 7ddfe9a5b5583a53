/* Fresh draws in one pass: drawing, the rejection test and the slope of volatility_floor.h in registers; expected
 * returns and variances, from the first-level cache, only where that leaves a simulation a chance. */
#include "base/arena.h"
#include "base/monotonic_clock.h"
#include "engines/cpu/evaluators/drawn_block.h"
#include "engines/cpu/evaluators/evaluator.h"
#include "engines/cpu/evaluators/fused_screen.h"

/* Spacings: a whole tile at 50 % acceptance or more, since nothing of it stays but the bounds. The other samplers draw
 * into memory first. */
enum { MAX_SPACINGS = 2048 };

struct fused {
    struct mxsi_evaluator_base base;
    struct mxsi_fused_screen fused;
    struct mxsi_drawn_block drawn;
    const uint32_t *assets; /* [K] of the portfolio; the caller's */
    int has_slope;          /* of the portfolio, for the bar */
    float *slope;           /* [K] */
    float *pair;            /* [K][2 MXSI_LANES_MULTIPLE] spacings */
    float *upper;           /* [MAX_SPACINGS] */
};
_Static_assert(sizeof(struct fused) <= MXSI_EVALUATOR_MAX_SIZE, "too large to be measured");

static uintptr_t lay_out(struct mxsi_evaluator_base *base, uintptr_t at) {
    struct fused *e = (void *)base;
    const size_t k = base->task.problem->assets_per_portfolio;
    at = mxsi_fused_screen_lay_out(&e->fused, &base->task, at);
    e->slope = mxsi_take_cache_lines(&at, k * sizeof(float));
    e->pair = mxsi_take_cache_lines(&at, k * 2 * MXSI_LANES_MULTIPLE * sizeof(float));
    e->upper = mxsi_take_cache_lines(&at, MAX_SPACINGS * sizeof(float));
    return mxsi_draws_spacings(base->task.sampling) ? at : mxsi_drawn_block_lay_out(&e->drawn, &base->task, at);
}

static void init(struct mxsi_evaluator_base *base) {
    struct fused *e = (void *)base;
    mxsi_fused_screen_init(&e->fused, &base->task);
    if (!mxsi_draws_spacings(base->task.sampling)) {
        mxsi_drawn_block_init(&e->drawn, &base->task, base->lanes);
    }
}

static uint32_t max_attempts(const struct mxsi_task *task) {
    return mxsi_draws_spacings(task->sampling) ? MAX_SPACINGS : MXSI_DRAWN_ATTEMPTS;
}

static void select_portfolio(void *evaluator, const uint32_t *assets) {
    struct fused *e = evaluator;
    e->assets = assets;
    e->has_slope = 0;
}

static void screen_block(void *evaluator, const struct mxsi_block *block, struct mxsi_screen *screen,
                         struct mxsi_worker_times *times) {
    struct fused *e = evaluator;
    const struct mxsi_lanes *lanes = e->base.lanes;
    const struct mxsi_problem *problem = e->base.task.problem;
    const int draws_spacings = mxsi_draws_spacings(e->base.task.sampling);
    const uint64_t begin = mxsi_now_ns();
    if (mxsi_fused_screen_set_bar(&e->fused, block->bar) || !e->has_slope) {
        mxsi_volatility_floor_slope(&e->fused.floor, problem, e->assets, draws_spacings, e->slope);
        e->has_slope = 1;
    }
    const struct mxsi_lanes_screen fused = mxsi_fused_screen_of(&e->fused, e->assets, e->slope, block->wanted);
    screen->upper = e->upper;
    if (draws_spacings) {
        const struct mxsi_lanes_draw draw = mxsi_block_draw(&e->base.task, block);
        screen->accepted = lanes->screen_spacings(&draw, &fused, e->pair, e->upper, &screen->highest);
        times->sampling += mxsi_now_ns() - begin;
        return;
    }
    mxsi_drawn_block_draw(&e->drawn, block);
    const uint64_t drawn = mxsi_now_ns();
    screen->accepted = lanes->screen_drawn(e->drawn.x, e->drawn.sum, problem->assets_per_portfolio, MXSI_DRAWN_STRIDE,
                                           block->attempts, &fused, e->upper, &screen->highest);
    times->sampling += drawn - begin;
    times->variances += mxsi_now_ns() - drawn;
}

#define FUSED_KIND(text, all_variances)                                                            \
    {                                                                                              \
        .base = {.name = (text),                                                                   \
                 .every_variance = (all_variances),                                                \
                 .size = sizeof(struct fused),                                                     \
                 .lay_out = lay_out,                                                               \
                 .init = init},                                                                    \
        .max_attempts = max_attempts, .select_portfolio = select_portfolio, .screen = screen_block \
    }

const struct mxsi_block_evaluator_kind mxsi_evaluator_fused = FUSED_KIND("fused", 0);
const struct mxsi_block_evaluator_kind mxsi_evaluator_fused_full = FUSED_KIND("fused-full", 1);
