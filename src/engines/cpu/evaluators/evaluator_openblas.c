/* Blocks of attempts as matrices for OpenBLAS. X is [K][stride], a row an asset, a column an attempt:
 *
 *     expected excess returns   n = X' g            one sgemv
 *     variances                 q_j = x_j' r x_j    Y = r X by one sgemm, then the dot product of each column pair
 *
 * so a block of S simulations costs S x K numbers, never S x S. */
#include <string.h>

#include "base/arena.h"
#include "base/monotonic_clock.h"
#include "engines/cpu/evaluators/drawn_block.h"
#include "engines/cpu/evaluators/evaluator.h"
#include "engines/cpu/openblas_library.h"

struct products {
    struct mxsi_evaluator_base base;
    struct mxsi_drawn_block drawn;
    float *y;         /* [K][MXSI_DRAWN_STRIDE] risk times x */
    float *excess;    /* [K] of the portfolio */
    float *risk;      /* [K][K] of the portfolio */
    float *numerator; /* [MXSI_DRAWN_ATTEMPTS] this and the following */
    float *variance;
    float *upper;
    int32_t *mask;
};
_Static_assert(sizeof(struct products) <= MXSI_EVALUATOR_MAX_SIZE, "too large to be measured");

static uintptr_t lay_out(struct mxsi_evaluator_base *base, uintptr_t at) {
    struct products *e = (void *)base;
    const size_t k = base->task.problem->assets_per_portfolio;
    at = mxsi_drawn_block_lay_out(&e->drawn, &base->task, at);
    e->y = mxsi_take_cache_lines(&at, k * MXSI_DRAWN_STRIDE * sizeof(float));
    e->excess = mxsi_take_cache_lines(&at, k * sizeof(float));
    e->risk = mxsi_take_cache_lines(&at, k * k * sizeof(float));
    e->numerator = mxsi_take_cache_lines(&at, MXSI_DRAWN_ATTEMPTS * sizeof(float));
    e->variance = mxsi_take_cache_lines(&at, MXSI_DRAWN_ATTEMPTS * sizeof(float));
    e->upper = mxsi_take_cache_lines(&at, MXSI_DRAWN_ATTEMPTS * sizeof(float));
    e->mask = mxsi_take_cache_lines(&at, MXSI_DRAWN_ATTEMPTS * sizeof(int32_t));
    return at;
}

static void init(struct mxsi_evaluator_base *base) {
    struct products *e = (void *)base;
    mxsi_drawn_block_init(&e->drawn, &base->task, base->lanes);
}

static uint32_t max_attempts(const struct mxsi_task *task) {
    (void)task;
    return MXSI_DRAWN_ATTEMPTS;
}

static void select_portfolio(void *evaluator, const uint32_t *assets) {
    struct products *e = evaluator;
    const struct mxsi_screening *screening = e->base.task.screening;
    const size_t n = e->base.task.problem->assets;
    const size_t k = e->base.task.problem->assets_per_portfolio;
    for (size_t i = 0; i < k; ++i) {
        e->excess[i] = screening->excess[assets[i]];
        const float *row = screening->risk + assets[i] * n;
        for (size_t j = 0; j < k; ++j) {
            e->risk[i * k + j] = row[assets[j]];
        }
    }
}

static void screen_block(void *evaluator, const struct mxsi_block *block, struct mxsi_screen *screen,
                         struct mxsi_worker_times *times) {
    struct products *e = evaluator;
    const struct mxsi_lanes *lanes = e->base.lanes;
    const struct mxsi_openblas *openblas = &e->base.openblas;
    const struct mxsi_screening *screening = e->base.task.screening;
    const int k = (int)e->base.task.problem->assets_per_portfolio;
    const int attempts = (int)block->attempts;
    const uint64_t begin = mxsi_now_ns();
    mxsi_drawn_block_draw(&e->drawn, block);
    screen->accepted = mxsi_drawn_block_accept(&e->drawn, block, e->mask);
    const uint64_t drawn = mxsi_now_ns();
    openblas->sgemv(CblasColMajor, CblasNoTrans, attempts, k, 1.0f, e->drawn.x, MXSI_DRAWN_STRIDE, e->excess, 1, 0.0f,
                    e->numerator, 1);
    const uint64_t returned = mxsi_now_ns();
    openblas->sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, attempts, k, k, 1.0f, e->drawn.x, MXSI_DRAWN_STRIDE,
                    e->risk, k, 0.0f, e->y, MXSI_DRAWN_STRIDE);
    lanes->row_dot(e->drawn.x, e->y, (uint32_t)k, MXSI_DRAWN_STRIDE, block->attempts, e->variance);
    screen->highest = lanes->bound(e->numerator, e->variance, e->drawn.sum, e->mask, block->attempts,
                                   screening->excess_slack, screening->variance_slack, e->upper);
    screen->upper = e->upper;
    times->sampling += drawn - begin;
    times->returns += returned - drawn;
    times->variances += mxsi_now_ns() - returned;
}

const struct mxsi_block_evaluator_kind mxsi_evaluator_openblas = {
    .base = {.name = "openblas", .by_openblas = 1, .size = sizeof(struct products), .lay_out = lay_out, .init = init},
    .max_attempts = max_attempts,
    .select_portfolio = select_portfolio,
    .screen = screen_block,
};
