#include "engines/cpu/evaluators/drawn_block.h"

#include <math.h>

#include "base/arena.h"
#include "maxsharpe/types.h"
#include "sampling/fixed_sum.h"
#include "sampling/simulation_counter.h"

/* What the lanes have for a sampler: the kernels that draw what sampling/sampler.h defines. */
struct lanes_sampler {
    int draws_spacings; /* 1: weights are spacings but for a scale and a shift */
    int has_tail;       /* 1: it works in height, tail and words */
    void (*draw)(struct mxsi_drawn_block *drawn, const struct mxsi_lanes_draw *draw);
};

static void draw_rejection(struct mxsi_drawn_block *drawn, const struct mxsi_lanes_draw *draw) {
    const struct mxsi_sampling *sampling = drawn->task.sampling;
    drawn->lanes->draw_spacings(draw, drawn->x, drawn->sum, drawn->largest);
    if (sampling->min_weight_f > 0.0f) {
        drawn->lanes->raise_to_minimum(draw, sampling->min_weight_f, sampling->spare_f, drawn->sum, drawn->x);
    }
}

static void draw_fixed_sum(struct mxsi_drawn_block *drawn, const struct mxsi_lanes_draw *draw) {
    const struct mxsi_lanes_box box = {
        .chance = drawn->task.sampling->table,
        .height = drawn->height,
        .min_weight = drawn->task.sampling->min_weight_f,
        .width = drawn->task.sampling->width_f,
        .tail = drawn->tail,
        .words = drawn->words,
    };
    drawn->lanes->draw_fixed_sum(draw, &box, drawn->x, drawn->sum);
}

static void draw_equal_weights(struct mxsi_drawn_block *drawn, const struct mxsi_lanes_draw *draw) {
    for (uint32_t attempt = 0; attempt < draw->count; ++attempt) {
        for (uint32_t i = 0; i < draw->k; ++i) {
            drawn->x[i * MXSI_DRAWN_STRIDE + attempt] = 1.0f;
        }
        drawn->sum[attempt] = (float)draw->k;
    }
}

static const struct lanes_sampler samplers[] = {
    [MXS_SAMPLER_REJECTION] = {.draws_spacings = 1, .draw = draw_rejection},
    [MXS_SAMPLER_FIXED_SUM] = {.has_tail = 1, .draw = draw_fixed_sum},
    [MXS_SAMPLER_EQUAL_WEIGHTS] = {.draw = draw_equal_weights},
};

int mxsi_draws_spacings(const struct mxsi_sampling *sampling) {
    return samplers[sampling->sampler].draws_spacings;
}

uintptr_t mxsi_drawn_block_lay_out(struct mxsi_drawn_block *drawn, const struct mxsi_task *task, uintptr_t at) {
    const size_t k = task->problem->assets_per_portfolio;
    const size_t matrix = k * MXSI_DRAWN_STRIDE * sizeof(float);
    const size_t has_tail = (size_t)samplers[task->sampling->sampler].has_tail;
    drawn->x = mxsi_take_cache_lines(&at, matrix);
    drawn->sum = mxsi_take_cache_lines(&at, MXSI_DRAWN_ATTEMPTS * sizeof(float));
    drawn->largest = mxsi_take_cache_lines(&at, MXSI_DRAWN_ATTEMPTS * sizeof(float));
    drawn->height = mxsi_take_cache_lines(&at, has_tail * k * k * sizeof(float));
    drawn->tail = mxsi_take_cache_lines(&at, has_tail * matrix);
    drawn->words = mxsi_take_cache_lines(&at, has_tail * 2 * matrix);
    return at;
}

void mxsi_drawn_block_init(struct mxsi_drawn_block *drawn, const struct mxsi_task *task,
                           const struct mxsi_lanes *lanes) {
    drawn->task = *task;
    drawn->lanes = lanes;
    if (samplers[task->sampling->sampler].has_tail) {
        mxsi_fixed_sum_heights(task->problem->assets_per_portfolio, task->sampling->box_sum, drawn->height);
    }
}

struct mxsi_lanes_draw mxsi_block_draw(const struct mxsi_task *task, const struct mxsi_block *block) {
    const struct mxsi_sampling *sampling = task->sampling;
    const struct mxsi_lanes_draw draw = {
        .seed = sampling->seed,
        .stream = sampling->shared_draws ? MXSI_SHARED_STREAM : block->rank,
        .tile = block->tile,
        .first_attempt = block->first_attempt,
        .blocks_per_attempt = sampling->blocks_per_attempt,
        .count = block->attempts,
        .k = task->problem->assets_per_portfolio,
        .stride = MXSI_DRAWN_STRIDE,
    };
    return draw;
}

void mxsi_drawn_block_draw(struct mxsi_drawn_block *drawn, const struct mxsi_block *block) {
    const struct mxsi_lanes_draw draw = mxsi_block_draw(&drawn->task, block);
    samplers[drawn->task.sampling->sampler].draw(drawn, &draw);
}

uint32_t mxsi_drawn_block_accept(const struct mxsi_drawn_block *drawn, const struct mxsi_block *block, int32_t *mask) {
    const uint32_t rejects = drawn->task.sampling->rejects;
    return drawn->lanes->accept(rejects ? drawn->largest : drawn->sum, drawn->sum,
                                rejects ? drawn->task.sampling->cap : HUGE_VALF, block->attempts, block->wanted, mask);
}
