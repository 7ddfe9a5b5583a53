/* Fresh draws in one pass: drawing, the rejection test and the slope of volatility_floor.h in registers; expected
 * returns and variances, from the first-level cache, only where that leaves a simulation a chance. */
#include <stdio.h>

#include "base/arena.h"
#include "base/monotonic_clock.h"
#include "engines/cpu/evaluators/drawn_block.h"
#include "engines/cpu/evaluators/evaluator.h"
#include "engines/cpu/evaluators/fused_screen.h"
#include "maxsharpe/search.h"

/* Rejection: a whole tile at 50 % acceptance or more, since nothing of it stays but the bounds. The other samplers draw
 * into memory first. */
enum { MAX_SPACINGS = 2048 };

struct mxsi_evaluator {
    struct mxsi_inputs inputs;
    const struct mxsi_lanes *lanes;
    struct mxsi_fused_screen fused;
    struct mxsi_drawn_block drawn;
    const uint32_t *assets; /* [K] of the portfolio; the caller's */
    int has_slope;          /* of the portfolio, for the bar */
    float *slope;           /* [K] */
    float *pair;            /* [K][2 MXSI_LANES_MULTIPLE] spacings */
    float *upper;           /* [MAX_SPACINGS] */
};

static uintptr_t lay_out(struct mxsi_evaluator *e, const struct mxsi_problem *problem, uintptr_t at) {
    const size_t k = problem->assets_per_portfolio;
    at = mxsi_fused_screen_lay_out(&e->fused, problem, at);
    e->slope = mxsi_take_lines(&at, k * sizeof(float));
    e->pair = mxsi_take_lines(&at, k * 2 * MXSI_LANES_MULTIPLE * sizeof(float));
    e->upper = mxsi_take_lines(&at, MAX_SPACINGS * sizeof(float));
    return problem->sampler == MXS_SAMPLER_REJECTION ? at : mxsi_drawn_block_lay_out(&e->drawn, problem, at);
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
    if (inputs->problem->sampler != MXS_SAMPLER_REJECTION) {
        mxsi_drawn_block_init(&e->drawn, &e->inputs, lanes);
    }
    return e;
}

static uint32_t max_attempts(const struct mxsi_evaluator *e) {
    return e->inputs.problem->sampler == MXS_SAMPLER_REJECTION ? MAX_SPACINGS : MXSI_DRAWN_ATTEMPTS;
}

static void select_portfolio(struct mxsi_evaluator *e, const uint32_t *assets) {
    e->assets = assets;
    e->has_slope = 0;
}

static void screen_block(struct mxsi_evaluator *e, const struct mxsi_block *block, struct mxsi_screen *screen,
                         struct mxsi_worker_times *times) {
    const struct mxsi_problem *problem = e->inputs.problem;
    const int draws_spacings = problem->sampler == MXS_SAMPLER_REJECTION;
    const uint64_t begin = mxsi_now_ns();
    if (mxsi_fused_screen_set_bar(&e->fused, block->bar) || !e->has_slope) {
        mxsi_volatility_floor_slope(&e->fused.floor, problem, e->assets, draws_spacings, e->slope);
        e->has_slope = 1;
    }
    const struct mxsi_lanes_screen fused = mxsi_fused_screen_of(&e->fused, e->assets, e->slope, block->wanted);
    screen->upper = e->upper;
    if (draws_spacings) {
        const struct mxsi_lanes_draw draw = mxsi_block_draw(problem, block);
        screen->accepted = e->lanes->screen_spacings(&draw, &fused, e->pair, e->upper, &screen->highest);
        times->sampling += mxsi_now_ns() - begin;
        return;
    }
    mxsi_drawn_block_draw(&e->drawn, block);
    const uint64_t drawn = mxsi_now_ns();
    screen->accepted = e->lanes->screen_drawn(e->drawn.x, e->drawn.sum, problem->assets_per_portfolio,
                                              MXSI_DRAWN_STRIDE, block->attempts, &fused, e->upper, &screen->highest);
    times->sampling += drawn - begin;
    times->variances += mxsi_now_ns() - drawn;
}

static void describe(const struct mxsi_evaluator *e, char *text, size_t text_size) {
    (void)snprintf(text, text_size, "%s", e->lanes->name);
}

const struct mxsi_evaluator_kind mxsi_evaluator_fused = {
    .name = "fused",
    .memory_size = memory_size,
    .create = create,
    .max_attempts = max_attempts,
    .select_portfolio = select_portfolio,
    .screen = screen_block,
    .describe = describe,
};

const struct mxsi_evaluator_kind mxsi_evaluator_fused_full = {
    .name = "fused-full",
    .every_variance = 1,
    .memory_size = memory_size,
    .create = create,
    .max_attempts = max_attempts,
    .select_portfolio = select_portfolio,
    .screen = screen_block,
    .describe = describe,
};
