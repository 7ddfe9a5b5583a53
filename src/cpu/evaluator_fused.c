/* One pass over a block: drawing, the rejection test and the slope of volatility_floor.h in registers; expected returns
 * and variances, from the first-level cache, only where that leaves a simulation a chance. */
#include <math.h>
#include <stdio.h>

#include "base/arena.h"
#include "cpu/drawn_block.h"
#include "cpu/evaluator.h"
#include "cpu/triangle.h"
#include "maxsharpe/search.h"
#include "shared/monotonic_clock.h"
#include "simulation/volatility_floor.h"

/* Rejection: a whole tile at 50 % acceptance or more, since nothing of it stays but the bounds. The other samplers draw
 * into memory first. */
enum { MAX_SPACINGS = 2048 };

struct mxsi_evaluator {
    struct mxsi_inputs inputs;
    const struct mxsi_lanes *lanes;
    struct mxsi_volatility_floor floor;
    float bar;              /* of the slopes */
    int is_full;            /* 1: nothing is ruled out */
    int has_slope;          /* of the portfolio, for the bar */
    const uint32_t *assets; /* [K] of the portfolio; the caller's */
    float *slope;           /* [K] this and the following: of the portfolio */
    float *excess;          /* [K] */
    float *triangle;
    float *pair;  /* [K][2 MXSI_LANES_MULTIPLE] spacings */
    float *upper; /* [MAX_SPACINGS] */
    struct mxsi_drawn_block drawn;
};

static uintptr_t lay_out(struct mxsi_evaluator *e, const struct mxsi_problem *problem, uintptr_t at) {
    const size_t k = problem->assets_per_portfolio;
    const int draws_spacings = problem->sampler == MXS_SAMPLER_REJECTION;
    e->slope = mxsi_take_lines(&at, k * sizeof(float));
    e->excess = mxsi_take_lines(&at, k * sizeof(float));
    e->triangle = mxsi_take_lines(&at, mxsi_triangle_size(problem->assets_per_portfolio) * sizeof(float));
    e->pair = mxsi_take_lines(&at, k * 2 * MXSI_LANES_MULTIPLE * sizeof(float));
    e->upper = mxsi_take_lines(&at, MAX_SPACINGS * sizeof(float));
    return draws_spacings ? at : mxsi_drawn_block_lay_out(&e->drawn, problem, at);
}

static size_t memory_size(const struct mxsi_problem *problem) {
    struct mxsi_evaluator unplaced;
    uintptr_t at = 0;
    (void)mxsi_take_lines(&at, sizeof unplaced);
    (void)mxsi_take_lines(&at, mxsi_volatility_floor_size(problem->assets));
    return (size_t)lay_out(&unplaced, problem, at);
}

static struct mxsi_evaluator *create(const struct mxsi_inputs *inputs, const struct mxsi_lanes *lanes, void *memory,
                                     char *reason, size_t reason_size) {
    (void)reason;
    (void)reason_size;
    uintptr_t at = (uintptr_t)memory;
    struct mxsi_evaluator *e = mxsi_take_lines(&at, sizeof *e);
    e->inputs = *inputs;
    e->lanes = lanes;
    e->bar = -HUGE_VALF;
    mxsi_volatility_floor_init(&e->floor, inputs,
                               mxsi_take_lines(&at, mxsi_volatility_floor_size(inputs->problem->assets)));
    (void)lay_out(e, inputs->problem, at);
    if (inputs->problem->sampler != MXS_SAMPLER_REJECTION) {
        mxsi_drawn_block_init(&e->drawn, &e->inputs, lanes);
    }
    return e;
}

static struct mxsi_evaluator *create_full(const struct mxsi_inputs *inputs, const struct mxsi_lanes *lanes,
                                          void *memory, char *reason, size_t reason_size) {
    struct mxsi_evaluator *e = create(inputs, lanes, memory, reason, reason_size);
    e->is_full = 1;
    return e;
}

static uint32_t max_attempts(const struct mxsi_evaluator *e) {
    return e->inputs.problem->sampler == MXS_SAMPLER_REJECTION ? MAX_SPACINGS : MXSI_DRAWN_ATTEMPTS;
}

static void select_portfolio(struct mxsi_evaluator *e, const uint32_t *assets) {
    e->assets = assets;
    e->has_slope = 0;
}

/* What only a simulation with a chance needs. */
static void prepare(void *context) {
    struct mxsi_evaluator *e = context;
    const struct mxsi_problem *problem = e->inputs.problem;
    for (uint32_t i = 0; i < problem->assets_per_portfolio; ++i) {
        e->excess[i] = e->inputs.excess[e->assets[i]];
    }
    mxsi_triangle_pack(e->inputs.risk, problem->assets, e->assets, problem->assets_per_portfolio, e->triangle);
}

static void set_slope(struct mxsi_evaluator *e, float bar) {
    if (bar != e->bar && !e->is_full) {
        mxsi_volatility_floor_set_bar(&e->floor, &e->inputs, bar);
        e->bar = bar;
        e->has_slope = 0;
    }
    if (!e->has_slope) {
        mxsi_volatility_floor_slope(&e->floor, e->inputs.problem, e->assets,
                                    e->inputs.problem->sampler == MXS_SAMPLER_REJECTION, e->slope);
        e->has_slope = 1;
    }
}

static void screen_block(struct mxsi_evaluator *e, const struct mxsi_block *block, struct mxsi_screen *screen,
                         struct mxsi_worker_times *times) {
    const struct mxsi_problem *problem = e->inputs.problem;
    const uint64_t begin = mxsi_now_ns();
    set_slope(e, block->bar);
    const struct mxsi_lanes_screen fused = {
        .slope = e->slope,
        .excess = e->excess,
        .triangle = e->triangle,
        .cap = problem->cap,
        .excess_slack = problem->excess_slack,
        .variance_slack = problem->variance_slack,
        .min_weight = problem->min_weight_f,
        .spare = problem->spare_f,
        .wanted = block->wanted,
        .prepare = prepare,
        .context = e,
    };
    screen->upper = e->upper;
    if (problem->sampler == MXS_SAMPLER_REJECTION) {
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
    .memory_size = memory_size,
    .create = create_full,
    .max_attempts = max_attempts,
    .select_portfolio = select_portfolio,
    .screen = screen_block,
    .describe = describe,
};
