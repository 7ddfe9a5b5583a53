/* Blocks of attempts as matrices for OpenBLAS. X is [K][stride], a row an asset, a column an attempt:
 *
 *     expected excess returns   n = X' g            one sgemv
 *     variances                 q_j = x_j' r x_j    Y = r X by one sgemm, then the dot product of each column pair
 *
 * so a block of S simulations costs S x K numbers, never S x S. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cpu/evaluator.h"
#include "cpu/openblas_library.h"
#include "maxsharpe/search.h"
#include "shared/monotonic_clock.h"
#include "shared/simulation_counter.h"
#include "simulation/fixed_sum.h"

/* X and Y of 256 attempts stay in the second-level cache up to K of some hundreds; more attempts gain nothing. The
 * stride is a line longer, or the rows of X would fall into the same few sets of the first-level cache. */
enum { MAX_ATTEMPTS = 256, STRIDE = MAX_ATTEMPTS + 16 };

struct mxsi_evaluator {
    struct mxsi_inputs inputs;
    const struct mxsi_lanes *lanes;
    struct mxsi_openblas openblas;
    float *x;        /* [K][STRIDE] weights times their sum */
    float *y;        /* [K][STRIDE] risk times x */
    float *excess;   /* [K] of the portfolio */
    float *risk;     /* [K][K] of the portfolio */
    float *height;   /* [K][K] for the fixed-sum sampler, as the following */
    float *tail;     /* [K][STRIDE] scratch */
    uint32_t *words; /* [2 K][STRIDE] scratch */
    float *sum;      /* [MAX_ATTEMPTS] this and the following */
    float *largest;
    float *numerator;
    float *variance;
    float *upper;
    int32_t *mask;
};

static uintptr_t lay_out(struct mxsi_evaluator *e, const struct mxsi_problem *problem, uintptr_t at) {
    const size_t k = problem->assets_per_portfolio;
    const size_t matrix = k * STRIDE * sizeof(float);
    e->x = mxsi_take_lines(&at, matrix);
    e->y = mxsi_take_lines(&at, matrix);
    e->excess = mxsi_take_lines(&at, k * sizeof(float));
    e->risk = mxsi_take_lines(&at, k * k * sizeof(float));
    const size_t is_fixed_sum = problem->sampler == MXS_SAMPLER_FIXED_SUM;
    e->height = mxsi_take_lines(&at, is_fixed_sum * k * k * sizeof(float));
    e->tail = mxsi_take_lines(&at, is_fixed_sum * matrix);
    e->words = mxsi_take_lines(&at, is_fixed_sum * 2 * matrix);
    e->sum = mxsi_take_lines(&at, MAX_ATTEMPTS * sizeof(float));
    e->largest = mxsi_take_lines(&at, MAX_ATTEMPTS * sizeof(float));
    e->numerator = mxsi_take_lines(&at, MAX_ATTEMPTS * sizeof(float));
    e->variance = mxsi_take_lines(&at, MAX_ATTEMPTS * sizeof(float));
    e->upper = mxsi_take_lines(&at, MAX_ATTEMPTS * sizeof(float));
    e->mask = mxsi_take_lines(&at, MAX_ATTEMPTS * sizeof(int32_t));
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
    uintptr_t at = (uintptr_t)memory;
    struct mxsi_evaluator *e = mxsi_take_lines(&at, sizeof *e);
    e->inputs = *inputs;
    e->lanes = lanes;
    (void)lay_out(e, inputs->problem, at);
    if (inputs->problem->sampler == MXS_SAMPLER_FIXED_SUM) {
        mxsi_fixed_sum_heights(inputs->problem->assets_per_portfolio, inputs->problem->box_sum, e->height);
    }
    return mxsi_openblas_open(&e->openblas, reason, reason_size) == 0 ? e : NULL;
}

static uint32_t max_attempts(const struct mxsi_evaluator *e) {
    (void)e;
    return MAX_ATTEMPTS;
}

static void select_portfolio(struct mxsi_evaluator *e, const uint32_t *assets) {
    const size_t n = e->inputs.problem->assets;
    const size_t k = e->inputs.problem->assets_per_portfolio;
    for (size_t i = 0; i < k; ++i) {
        e->excess[i] = e->inputs.excess[assets[i]];
        const float *row = e->inputs.risk + assets[i] * n;
        for (size_t j = 0; j < k; ++j) {
            e->risk[i * k + j] = row[assets[j]];
        }
    }
}

/* Weights times their sum into x, the sum into sum, which attempts count into mask. Returns how many count. */
static uint32_t draw_block(struct mxsi_evaluator *e, const struct mxsi_block *block) {
    const struct mxsi_problem *problem = e->inputs.problem;
    const struct mxsi_lanes_draw draw = {
        .seed = problem->seed,
        .stream = problem->shared_draws ? MXSI_SHARED_STREAM : block->rank,
        .tile = block->tile,
        .first_attempt = block->first_attempt,
        .blocks_per_attempt = problem->blocks_per_attempt,
        .count = block->attempts,
        .k = problem->assets_per_portfolio,
        .stride = STRIDE,
    };
    const struct mxsi_lanes_box box = {
        .chance = e->inputs.fixed_sum_chance,
        .height = e->height,
        .min_weight = problem->min_weight_f,
        .width = problem->width_f,
        .tail = e->tail,
        .words = e->words,
    };
    switch ((mxs_sampler)problem->sampler) {
    case MXS_SAMPLER_REJECTION:
        e->lanes->draw_spacings(&draw, e->x, e->sum, e->largest);
        if (problem->min_weight_f > 0.0f) {
            e->lanes->raise_to_minimum(&draw, problem->min_weight_f, problem->spare_f, e->sum, e->x);
        }
        return e->lanes->accept(e->largest, e->sum, problem->cap, block->attempts, block->wanted, e->mask);
    case MXS_SAMPLER_FIXED_SUM:
        e->lanes->draw_fixed_sum(&draw, &box, e->x, e->sum);
        break;
    case MXS_SAMPLER_EQUAL_WEIGHTS:
        for (uint32_t attempt = 0; attempt < block->attempts; ++attempt) {
            for (uint32_t i = 0; i < draw.k; ++i) {
                e->x[i * STRIDE + attempt] = 1.0f;
            }
            e->sum[attempt] = (float)draw.k;
        }
        break;
    }
    return e->lanes->accept(e->sum, e->sum, HUGE_VALF, block->attempts, block->wanted, e->mask);
}

static void screen_block(struct mxsi_evaluator *e, const struct mxsi_block *block, struct mxsi_screen *screen,
                         struct mxsi_worker_times *times) {
    const struct mxsi_problem *problem = e->inputs.problem;
    const int k = (int)problem->assets_per_portfolio;
    const int attempts = (int)block->attempts;
    const uint64_t begin = mxsi_now_ns();
    screen->accepted = draw_block(e, block);
    const uint64_t drawn = mxsi_now_ns();
    e->openblas.sgemv(CblasColMajor, CblasNoTrans, attempts, k, 1.0f, e->x, STRIDE, e->excess, 1, 0.0f, e->numerator,
                      1);
    const uint64_t returned = mxsi_now_ns();
    e->openblas.sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, attempts, k, k, 1.0f, e->x, STRIDE, e->risk, k, 0.0f,
                      e->y, STRIDE);
    e->lanes->row_dot(e->x, e->y, (uint32_t)k, STRIDE, block->attempts, e->variance);
    screen->highest = e->lanes->bound(e->numerator, e->variance, e->sum, e->mask, block->attempts,
                                      problem->excess_slack, problem->variance_slack, e->upper);
    screen->upper = e->upper;
    times->sampling += drawn - begin;
    times->returns += returned - drawn;
    times->variances += mxsi_now_ns() - returned;
}

static void describe(const struct mxsi_evaluator *e, char *text, size_t text_size) {
    (void)snprintf(text, text_size, "%s, OpenBLAS %s", e->lanes->name, e->openblas.core_name());
}

const struct mxsi_evaluator_kind mxsi_evaluator_openblas = {
    .name = "openblas",
    .memory_size = memory_size,
    .create = create,
    .max_attempts = max_attempts,
    .select_portfolio = select_portfolio,
    .screen = screen_block,
    .describe = describe,
};
