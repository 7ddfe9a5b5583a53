#include "engines/cpu/evaluators/drawn_block.h"

#include <math.h>

#include "base/arena.h"
#include "maxsharpe/search.h"
#include "sampling/fixed_sum.h"
#include "sampling/simulation_counter.h"

uintptr_t mxsi_drawn_block_lay_out(struct mxsi_drawn_block *drawn, const struct mxsi_problem *problem, uintptr_t at) {
    const size_t k = problem->assets_per_portfolio;
    const size_t matrix = k * MXSI_DRAWN_STRIDE * sizeof(float);
    const size_t is_fixed_sum = problem->sampler == MXS_SAMPLER_FIXED_SUM;
    drawn->x = mxsi_take_lines(&at, matrix);
    drawn->sum = mxsi_take_lines(&at, MXSI_DRAWN_ATTEMPTS * sizeof(float));
    drawn->largest = mxsi_take_lines(&at, MXSI_DRAWN_ATTEMPTS * sizeof(float));
    drawn->height = mxsi_take_lines(&at, is_fixed_sum * k * k * sizeof(float));
    drawn->tail = mxsi_take_lines(&at, is_fixed_sum * matrix);
    drawn->words = mxsi_take_lines(&at, is_fixed_sum * 2 * matrix);
    return at;
}

void mxsi_drawn_block_init(struct mxsi_drawn_block *drawn, const struct mxsi_inputs *inputs,
                           const struct mxsi_lanes *lanes) {
    drawn->inputs = inputs;
    drawn->lanes = lanes;
    if (inputs->problem->sampler == MXS_SAMPLER_FIXED_SUM) {
        mxsi_fixed_sum_heights(inputs->problem->assets_per_portfolio, inputs->problem->box_sum, drawn->height);
    }
}

struct mxsi_lanes_draw mxsi_block_draw(const struct mxsi_problem *problem, const struct mxsi_block *block) {
    const struct mxsi_lanes_draw draw = {
        .seed = problem->seed,
        .stream = problem->shared_draws ? MXSI_SHARED_STREAM : block->rank,
        .tile = block->tile,
        .first_attempt = block->first_attempt,
        .blocks_per_attempt = problem->blocks_per_attempt,
        .count = block->attempts,
        .k = problem->assets_per_portfolio,
        .stride = MXSI_DRAWN_STRIDE,
    };
    return draw;
}

void mxsi_drawn_block_draw(struct mxsi_drawn_block *drawn, const struct mxsi_block *block) {
    const struct mxsi_problem *problem = drawn->inputs->problem;
    const struct mxsi_lanes_draw draw = mxsi_block_draw(problem, block);
    const struct mxsi_lanes_box box = {
        .chance = drawn->inputs->fixed_sum_chance,
        .height = drawn->height,
        .min_weight = problem->min_weight_f,
        .width = problem->width_f,
        .tail = drawn->tail,
        .words = drawn->words,
    };
    switch ((mxs_sampler)problem->sampler) {
    case MXS_SAMPLER_REJECTION:
        drawn->lanes->draw_spacings(&draw, drawn->x, drawn->sum, drawn->largest);
        if (problem->min_weight_f > 0.0f) {
            drawn->lanes->raise_to_minimum(&draw, problem->min_weight_f, problem->spare_f, drawn->sum, drawn->x);
        }
        return;
    case MXS_SAMPLER_FIXED_SUM:
        drawn->lanes->draw_fixed_sum(&draw, &box, drawn->x, drawn->sum);
        return;
    case MXS_SAMPLER_EQUAL_WEIGHTS:
        break;
    }
    for (uint32_t attempt = 0; attempt < block->attempts; ++attempt) {
        for (uint32_t i = 0; i < draw.k; ++i) {
            drawn->x[i * MXSI_DRAWN_STRIDE + attempt] = 1.0f;
        }
        drawn->sum[attempt] = (float)draw.k;
    }
}

uint32_t mxsi_drawn_block_accept(const struct mxsi_drawn_block *drawn, const struct mxsi_block *block, int32_t *mask) {
    const int rejects = drawn->inputs->problem->sampler == MXS_SAMPLER_REJECTION;
    return drawn->lanes->accept(rejects ? drawn->largest : drawn->sum, drawn->sum,
                                rejects ? drawn->inputs->problem->cap : HUGE_VALF, block->attempts, block->wanted,
                                mask);
}
