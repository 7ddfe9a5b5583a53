/* Shared draws as products. With Z the K (K + 1)/2 products x_i x_j of every simulation of the table, packed once a
 * tile, and a block of portfolios:
 *
 *     expected excess returns  N = G X    [portfolios] x [simulations], one sgemm over K
 *     variances                Q = C Z    likewise over K (K + 1)/2, C the packed covariances
 *
 * some simulations at a time, so that Z's part, N and Q stay in the second-level cache until the bounds are formed. For
 * more assets the products would not fit any cache, and there would be little to share: variances cost K^2 however they
 * are formed. */
#include <math.h>

#include "base/arena.h"
#include "base/monotonic_clock.h"
#include "engines/cpu/evaluators/evaluator.h"
#include "engines/cpu/evaluators/weight_table.h"
#include "engines/cpu/openblas_library.h"
#include "screening/screen_bound.h"

/* N and Q are 0.25 MB each, and Z's part for 25 assets 0.33 MB; smaller products are slower ones. */
enum { PORTFOLIOS = 256, SIMULATIONS = 256 };

struct table_products {
    struct mxsi_evaluator_base base;
    const struct mxsi_weight_table *table;
    float *products;   /* Z [K (K + 1)/2][MXSI_TABLE_STRIDE] */
    float *excess;     /* G [PORTFOLIOS][K] */
    float *covariance; /* C [PORTFOLIOS][K (K + 1)/2] */
    float *numerator;  /* N [PORTFOLIOS][SIMULATIONS] */
    float *variance;   /* Q, likewise */
    float *upper;      /* [PORTFOLIOS][MXSI_TABLE_STRIDE] */
    int32_t *mask;     /* [MXSI_TABLE_STRIDE] -1 for simulations, 0 behind them */
};
_Static_assert(sizeof(struct table_products) <= MXSI_EVALUATOR_MAX_SIZE, "too large to be measured");

static size_t pairs_of(const struct mxsi_problem *problem) {
    const size_t k = problem->assets_per_portfolio;
    return k * (k + 1) / 2;
}

static uintptr_t lay_out(struct mxsi_evaluator_base *base, uintptr_t at) {
    struct table_products *e = (void *)base;
    const struct mxsi_problem *problem = base->task.problem;
    const size_t row = MXSI_TABLE_STRIDE * sizeof(float);
    const size_t pairs = pairs_of(problem);
    e->products = mxsi_take_cache_lines(&at, pairs * row);
    e->excess = mxsi_take_cache_lines(&at, (size_t)PORTFOLIOS * problem->assets_per_portfolio * sizeof(float));
    e->covariance = mxsi_take_cache_lines(&at, PORTFOLIOS * pairs * sizeof(float));
    e->numerator = mxsi_take_cache_lines(&at, PORTFOLIOS * SIMULATIONS * sizeof(float));
    e->variance = mxsi_take_cache_lines(&at, PORTFOLIOS * SIMULATIONS * sizeof(float));
    e->upper = mxsi_take_cache_lines(&at, PORTFOLIOS * row);
    e->mask = mxsi_take_cache_lines(&at, row);
    return at;
}

static void load_table(void *evaluator, const struct mxsi_weight_table *table, struct mxsi_worker_times *times) {
    struct table_products *e = evaluator;
    const uint64_t begin = mxsi_now_ns();
    const uint32_t k = e->base.task.problem->assets_per_portfolio;
    float *product = e->products;
    e->table = table;
    for (uint32_t i = 0; i < k; ++i) {
        const float *left = table->x + (size_t)i * MXSI_TABLE_STRIDE;
        for (uint32_t j = i; j < k; ++j) {
            const float *right = table->x + (size_t)j * MXSI_TABLE_STRIDE;
            for (uint32_t s = 0; s < MXSI_TABLE_STRIDE; ++s) {
                product[s] = left[s] * right[s];
            }
            product += MXSI_TABLE_STRIDE;
        }
    }
    for (uint32_t s = 0; s < MXSI_TABLE_STRIDE; ++s) {
        e->mask[s] = s < table->count ? -1 : 0;
    }
    times->sampling += mxsi_now_ns() - begin;
}

static void gather_portfolio(struct table_products *e, const uint32_t *assets, uint32_t portfolio) {
    const struct mxsi_problem *problem = e->base.task.problem;
    const uint32_t k = problem->assets_per_portfolio;
    float *excess = e->excess + (size_t)portfolio * k;
    float *covariance = e->covariance + portfolio * pairs_of(problem);
    for (uint32_t i = 0; i < k; ++i) {
        const float *row = e->base.task.screening->risk + (size_t)assets[i] * problem->assets;
        excess[i] = e->base.task.screening->excess[assets[i]];
        *covariance++ = row[assets[i]];
        for (uint32_t j = i + 1; j < k; ++j) {
            *covariance++ = 2.0f * row[assets[j]];
        }
    }
}

/* Row-major [portfolios][SIMULATIONS] = left [portfolios][terms] times `columns` of right [terms][MXSI_TABLE_STRIDE].
 */
static void multiply(const struct table_products *e, uint32_t portfolios, size_t terms, uint32_t columns,
                     const float *left, const float *right, float *product) {
    e->base.openblas.sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)portfolios, (int)columns, (int)terms, 1.0f,
                           left, (int)terms, right, MXSI_TABLE_STRIDE, 0.0f, product, SIMULATIONS);
}

/* The bounds of the simulations first and the following `columns`. */
static void bound_simulations(struct table_products *e, uint32_t portfolios, uint32_t first, uint32_t columns,
                              float *highest) {
    const struct mxsi_screening *screening = e->base.task.screening;
    const float variance_slack = mxsi_packed_variance_slack(e->base.task.problem->assets_per_portfolio);
    for (size_t p = 0; p < portfolios; ++p) {
        const float most = e->base.lanes->bound(
            e->numerator + p * SIMULATIONS, e->variance + p * SIMULATIONS, e->table->sum + first, e->mask + first,
            columns, screening->excess_slack, variance_slack, e->upper + p * MXSI_TABLE_STRIDE + first);
        highest[p] = most > highest[p] ? most : highest[p];
    }
}

static void screen_portfolios(void *evaluator, const uint32_t *assets, uint32_t portfolios, float bar, float *highest,
                              struct mxsi_worker_times *times) {
    struct table_products *e = evaluator;
    (void)bar;
    const uint32_t k = e->base.task.problem->assets_per_portfolio;
    for (uint32_t p = 0; p < portfolios; ++p) {
        gather_portfolio(e, assets + (size_t)p * k, p);
        highest[p] = -HUGE_VALF;
    }
    for (uint32_t first = 0; first < e->table->count; first += SIMULATIONS) {
        const uint32_t left = mxsi_whole_vectors(e->table->count - first);
        const uint32_t columns = left < SIMULATIONS ? left : SIMULATIONS;
        const uint64_t begin = mxsi_now_ns();
        multiply(e, portfolios, k, columns, e->excess, e->table->x + first, e->numerator);
        const uint64_t returned = mxsi_now_ns();
        multiply(e, portfolios, pairs_of(e->base.task.problem), columns, e->covariance, e->products + first,
                 e->variance);
        bound_simulations(e, portfolios, first, columns, highest);
        times->returns += returned - begin;
        times->variances += mxsi_now_ns() - returned;
    }
}

static const float *portfolio_bounds(void *evaluator, uint32_t portfolio) {
    const struct table_products *e = evaluator;
    return e->upper + (size_t)portfolio * MXSI_TABLE_STRIDE;
}

const struct mxsi_table_evaluator_kind mxsi_evaluator_openblas_table = {
    .base = {.name = "openblas", .by_openblas = 1, .size = sizeof(struct table_products), .lay_out = lay_out},
    .max_portfolios = PORTFOLIOS,
    .load_table = load_table,
    .screen_portfolios = screen_portfolios,
    .portfolio_bounds = portfolio_bounds,
};
_Static_assert((int)PORTFOLIOS <= (int)MXSI_TABLE_MAX_PORTFOLIOS, "a worker has no room for so many");
