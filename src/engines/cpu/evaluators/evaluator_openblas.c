/* Blocks of attempts as matrices for OpenBLAS. X is [K][stride], a row an asset, a column an attempt:
 *
 *     expected excess returns   n = X' g            one sgemv
 *     variances                 q_j = x_j' r x_j    Y = r X by one sgemm, then the dot product of each column pair
 *
 * so a block of S simulations costs S x K numbers, never S x S. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/monotonic_clock.h"
#include "engines/cpu/evaluators/drawn_block.h"
#include "engines/cpu/evaluators/evaluator.h"
#include "engines/cpu/openblas_library.h"

struct mxsi_evaluator {
    struct mxsi_inputs inputs;
    const struct mxsi_lanes *lanes;
    struct mxsi_openblas openblas;
    struct mxsi_drawn_block drawn;
    float *y;         /* [K][MXSI_DRAWN_STRIDE] risk times x */
    float *excess;    /* [K] of the portfolio */
    float *risk;      /* [K][K] of the portfolio */
    float *numerator; /* [MXSI_DRAWN_ATTEMPTS] this and the following */
    float *variance;
    float *upper;
    int32_t *mask;
};

static uintptr_t lay_out(struct mxsi_evaluator *e, const struct mxsi_problem *problem, uintptr_t at) {
    const size_t k = problem->assets_per_portfolio;
    at = mxsi_drawn_block_lay_out(&e->drawn, problem, at);
    e->y = mxsi_take_lines(&at, k * MXSI_DRAWN_STRIDE * sizeof(float));
    e->excess = mxsi_take_lines(&at, k * sizeof(float));
    e->risk = mxsi_take_lines(&at, k * k * sizeof(float));
    e->numerator = mxsi_take_lines(&at, MXSI_DRAWN_ATTEMPTS * sizeof(float));
    e->variance = mxsi_take_lines(&at, MXSI_DRAWN_ATTEMPTS * sizeof(float));
    e->upper = mxsi_take_lines(&at, MXSI_DRAWN_ATTEMPTS * sizeof(float));
    e->mask = mxsi_take_lines(&at, MXSI_DRAWN_ATTEMPTS * sizeof(int32_t));
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
    mxsi_drawn_block_init(&e->drawn, &e->inputs, lanes);
    return mxsi_openblas_open(&e->openblas, reason, reason_size) == 0 ? e : NULL;
}

static uint32_t max_attempts(const struct mxsi_evaluator *e) {
    (void)e;
    return MXSI_DRAWN_ATTEMPTS;
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

static void screen_block(struct mxsi_evaluator *e, const struct mxsi_block *block, struct mxsi_screen *screen,
                         struct mxsi_worker_times *times) {
    const struct mxsi_problem *problem = e->inputs.problem;
    const int k = (int)problem->assets_per_portfolio;
    const int attempts = (int)block->attempts;
    const uint64_t begin = mxsi_now_ns();
    mxsi_drawn_block_draw(&e->drawn, block);
    screen->accepted = mxsi_drawn_block_accept(&e->drawn, block, e->mask);
    const uint64_t drawn = mxsi_now_ns();
    e->openblas.sgemv(CblasColMajor, CblasNoTrans, attempts, k, 1.0f, e->drawn.x, MXSI_DRAWN_STRIDE, e->excess, 1, 0.0f,
                      e->numerator, 1);
    const uint64_t returned = mxsi_now_ns();
    e->openblas.sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, attempts, k, k, 1.0f, e->drawn.x, MXSI_DRAWN_STRIDE,
                      e->risk, k, 0.0f, e->y, MXSI_DRAWN_STRIDE);
    e->lanes->row_dot(e->drawn.x, e->y, (uint32_t)k, MXSI_DRAWN_STRIDE, block->attempts, e->variance);
    screen->highest = e->lanes->bound(e->numerator, e->variance, e->drawn.sum, e->mask, block->attempts,
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
