/* The way here: the original method, and the three steps that lead from it to blocks of OpenBLAS in float. They are for
 * comparisons, so each does what its name says and no more. W is [S][K], the weights of a whole tile of simulations of
 * one portfolio; R, mu and Sigma are those of its K assets.
 *
 *     full-product   returns: the mean of the columns of R W'    variances: the diagonal of W Sigma W', all S x S of it
 *     row-wise       the same                                    the rows of W Sigma, each times its row of W
 *     mean-first     W mu                                        the same
 *     single         the same in float                           the same in float
 *
 * Weights are those of the definition, drawn one attempt after the other. What comes out is scaled to the n and q of
 * screen_bound.h, with a sum of 1, and bounded with the slacks proven there for a computation in float. `single` is
 * one. The others compute in double and round to float once, at the end: less than those slacks allow. One thing is not
 * in them: a mean over T daily returns adds up terms that are larger than their mean, whether they are summed to mu
 * first or as portfolio returns. See daily_slack. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/monotonic_clock.h"
#include "engines/cpu/evaluators/evaluator.h"
#include "engines/cpu/openblas_library.h"
#include "sampling/draw.h"
#include "sampling/simulation_counter.h"

/* A tile is one block, at the lowest acceptance of the rejection sampler, 25 %, too. Matrices are kept as [K][STRIDE],
 * so that loops run along the simulations; the stride is a line longer, or rows would fall into the same few sets of
 * the first-level cache. */
enum { MAX_ATTEMPTS = 4 * MXSI_TILE_SIZE + 256, STRIDE = MXSI_TILE_SIZE + 16 };

struct method {
    int has_daily_returns; /* expected returns from R, where there is one */
    int has_full_product;  /* variances from the S x S product */
    int is_single;         /* all in float */
};

struct rung {
    struct mxsi_evaluator_base base;
    struct method method;
    double largest_excess;   /* G of screen_bound.h */
    double largest_variance; /* V */
    float excess_slack;
    double *draw;    /* [K] the weights of one attempt */
    double *scratch; /* of mxsi_draw_weights */

    double *weights;    /* [K][STRIDE] W', and the following in double */
    double *product;    /* [K][STRIDE] Sigma W' */
    double *mean;       /* [K] of the portfolio */
    double *covariance; /* [K][K] of the portfolio */
    double *returns;    /* [T][K] of the portfolio */
    double *daily;      /* [T][STRIDE] R W' */
    double *square;     /* [S][STRIDE] W Sigma W' */
    double *expected;   /* [STRIDE] W mu */
    double *quadratic;  /* [STRIDE] w' Sigma w */

    float *weights_single; /* [K][STRIDE] the same in float; mean and covariance scaled as in screening.h */
    float *product_single;
    float *excess;
    float *risk;

    float *numerator; /* [STRIDE] n, of one simulation after the other, as the following */
    float *variance;  /* q */
    float *sum;       /* 1 */
    float *bound;
    int32_t *mask;
    uint32_t *attempt; /* which attempt of the block it is */
    float *upper;      /* [MAX_ATTEMPTS] the bounds where the attempts stand */
};
_Static_assert(sizeof(struct rung) <= MXSI_EVALUATOR_MAX_SIZE, "too large to be measured");

static uintptr_t lay_out(struct mxsi_evaluator_base *base, uintptr_t at) {
    struct rung *e = (void *)base;
    const struct method *method = base->kind->method;
    const struct mxsi_problem *problem = base->task.problem;
    const size_t k = problem->assets_per_portfolio;
    const size_t in_double = method->is_single ? 0 : sizeof(double);
    const size_t in_single = method->is_single ? sizeof(float) : 0;
    const size_t periods = method->has_daily_returns ? problem->periods : 0;
    e->draw = mxsi_take_cache_lines(&at, k * sizeof(double));
    e->scratch = mxsi_take_cache_lines(&at, mxsi_draw_scratch(problem->assets_per_portfolio) * sizeof(double));
    e->weights = mxsi_take_cache_lines(&at, in_double * k * STRIDE);
    e->product = mxsi_take_cache_lines(&at, in_double * k * STRIDE);
    e->mean = mxsi_take_cache_lines(&at, in_double * k);
    e->covariance = mxsi_take_cache_lines(&at, in_double * k * k);
    e->returns = mxsi_take_cache_lines(&at, in_double * periods * k);
    e->daily = mxsi_take_cache_lines(&at, in_double * periods * STRIDE);
    e->square = mxsi_take_cache_lines(&at, method->has_full_product ? in_double * MXSI_TILE_SIZE * STRIDE : 0);
    e->expected = mxsi_take_cache_lines(&at, in_double * STRIDE);
    e->quadratic = mxsi_take_cache_lines(&at, in_double * STRIDE);
    e->weights_single = mxsi_take_cache_lines(&at, in_single * k * STRIDE);
    e->product_single = mxsi_take_cache_lines(&at, in_single * k * STRIDE);
    e->excess = mxsi_take_cache_lines(&at, in_single * k);
    e->risk = mxsi_take_cache_lines(&at, in_single * k * k);
    e->numerator = mxsi_take_cache_lines(&at, STRIDE * sizeof(float));
    e->variance = mxsi_take_cache_lines(&at, STRIDE * sizeof(float));
    e->sum = mxsi_take_cache_lines(&at, STRIDE * sizeof(float));
    e->bound = mxsi_take_cache_lines(&at, STRIDE * sizeof(float));
    e->mask = mxsi_take_cache_lines(&at, STRIDE * sizeof(int32_t));
    e->attempt = mxsi_take_cache_lines(&at, STRIDE * sizeof(uint32_t));
    e->upper = mxsi_take_cache_lines(&at, MAX_ATTEMPTS * sizeof(float));
    return at;
}

/* What the expected return of screen_bound.h, from mu, and the mean of T daily portfolio returns may differ by, in
 * units of G. With u = 2^-53 and B the largest mean |R_ti| of an asset: mu is off by (T + 2) u B, a portfolio's daily
 * returns by K u, their mean by (T + 2) u more; the other roundings are in the slack that this is added to. */
static double daily_slack(const struct mxsi_problem *problem, double largest_excess) {
    const double periods = (double)problem->periods;
    double largest = 0.0;
    for (size_t i = 0; i < problem->assets; ++i) {
        double total = 0.0;
        for (size_t t = 0; t < problem->periods; ++t) {
            total += fabs(problem->returns[t * problem->assets + i]);
        }
        largest = fmax(largest, total / periods);
    }
    const double terms = 2.0 * periods + problem->assets_per_portfolio + 16.0;
    return 1.1 * terms * 0x1p-53 * problem->periods_per_year * largest / largest_excess;
}

static void init(struct mxsi_evaluator_base *base) {
    struct rung *e = (void *)base;
    const struct mxsi_problem *problem = base->task.problem;
    e->method = *(const struct method *)base->kind->method;
    for (size_t i = 0; i < problem->assets; ++i) {
        e->largest_variance = fmax(e->largest_variance, problem->covariance[i * problem->assets + i]);
    }
    e->largest_excess = base->task.screening->value_scale * sqrt(problem->periods_per_year * e->largest_variance);
    e->excess_slack = base->task.screening->excess_slack;
    if (e->method.has_daily_returns && problem->returns == NULL) {
        e->method.has_daily_returns = 0; /* the file held moments */
    } else if (e->method.has_daily_returns) {
        e->excess_slack += (float)daily_slack(problem, e->largest_excess);
    }
    for (size_t s = 0; s < STRIDE; ++s) {
        e->sum[s] = 1.0f;
    }
}

static uint32_t max_attempts(const struct mxsi_task *task) {
    (void)task;
    return MAX_ATTEMPTS;
}

static void select_portfolio(void *evaluator, const uint32_t *assets) {
    struct rung *e = evaluator;
    const struct mxsi_problem *problem = e->base.task.problem;
    const struct mxsi_screening *screening = e->base.task.screening;
    const size_t n = problem->assets;
    const size_t k = problem->assets_per_portfolio;
    for (size_t i = 0; i < k && e->method.is_single; ++i) {
        e->excess[i] = screening->excess[assets[i]];
        for (size_t j = 0; j < k; ++j) {
            e->risk[i * k + j] = screening->risk[assets[i] * n + assets[j]];
        }
    }
    for (size_t i = 0; i < k && !e->method.is_single; ++i) {
        e->mean[i] = problem->mean[assets[i]];
        for (size_t j = 0; j < k; ++j) {
            e->covariance[i * k + j] = problem->covariance[assets[i] * n + assets[j]];
        }
    }
    for (size_t t = 0; t < problem->periods && e->method.has_daily_returns; ++t) {
        for (size_t i = 0; i < k; ++i) {
            e->returns[t * k + i] = problem->returns[t * n + assets[i]];
        }
    }
}

/* The weights of the simulations in a block, as columns. Returns how many there are. */
static uint32_t draw_block(struct rung *e, const struct mxsi_block *block) {
    const size_t k = e->base.task.problem->assets_per_portfolio;
    uint32_t count = 0;
    assert(block->wanted <= MXSI_TILE_SIZE);
    for (uint32_t i = 0; i < block->attempts && count < block->wanted; ++i) {
        const struct mxsi_identity identity = {block->rank, block->tile, block->first_attempt + i};
        if (!mxsi_draw_weights(e->base.task.problem, e->base.task.sampling, &identity, e->draw, e->scratch)) {
            continue;
        }
        for (size_t j = 0; j < k && e->method.is_single; ++j) {
            e->weights_single[j * STRIDE + count] = (float)e->draw[j];
        }
        for (size_t j = 0; j < k && !e->method.is_single; ++j) {
            e->weights[j * STRIDE + count] = e->draw[j];
        }
        e->attempt[count++] = i;
    }
    return count;
}

/* expected = the mean of each column of R W' */
static void average_daily_returns(struct rung *e, int count) {
    const int k = (int)e->base.task.problem->assets_per_portfolio;
    const int periods = (int)e->base.task.problem->periods;
    e->base.openblas.dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, count, periods, k, 1.0, e->weights, STRIDE,
                           e->returns, k, 0.0, e->daily, STRIDE);
    memset(e->expected, 0, STRIDE * sizeof *e->expected);
    for (int t = 0; t < periods; ++t) {
        const double *row = e->daily + (size_t)t * STRIDE;
        for (int s = 0; s < count; ++s) {
            e->expected[s] += row[s];
        }
    }
    for (int s = 0; s < count; ++s) {
        e->expected[s] /= periods;
    }
}

static void compute_returns(struct rung *e, int count) {
    const struct mxsi_problem *problem = e->base.task.problem;
    const int k = (int)problem->assets_per_portfolio;
    if (e->method.is_single) {
        e->base.openblas.sgemv(CblasColMajor, CblasNoTrans, count, k, 1.0f, e->weights_single, STRIDE, e->excess, 1,
                               0.0f, e->numerator, 1);
        return;
    }
    if (e->method.has_daily_returns) {
        average_daily_returns(e, count);
    } else {
        e->base.openblas.dgemv(CblasColMajor, CblasNoTrans, count, k, 1.0, e->weights, STRIDE, e->mean, 1, 0.0,
                               e->expected, 1);
    }
    for (int s = 0; s < count; ++s) {
        const double excess = problem->periods_per_year * e->expected[s] - problem->risk_free;
        e->numerator[s] = (float)(excess / e->largest_excess);
    }
}

/* quadratic = the diagonal of W Sigma W', after product = Sigma W' */
static void take_diagonal(struct rung *e, int count) {
    const int k = (int)e->base.task.problem->assets_per_portfolio;
    e->base.openblas.dgemm(CblasColMajor, CblasNoTrans, CblasTrans, count, count, k, 1.0, e->product, STRIDE,
                           e->weights, STRIDE, 0.0, e->square, STRIDE);
    for (size_t s = 0; s < (size_t)count; ++s) {
        e->quadratic[s] = e->square[s * STRIDE + s];
    }
}

/* The same without the rest of the matrix. */
static void multiply_rows(struct rung *e, int count) {
    memset(e->quadratic, 0, STRIDE * sizeof *e->quadratic);
    for (size_t i = 0; i < e->base.task.problem->assets_per_portfolio; ++i) {
        const double *weights = e->weights + i * STRIDE;
        const double *product = e->product + i * STRIDE;
        for (int s = 0; s < count; ++s) {
            e->quadratic[s] += weights[s] * product[s];
        }
    }
}

static void compute_variances(struct rung *e, int count, uint32_t padded) {
    const int k = (int)e->base.task.problem->assets_per_portfolio;
    if (e->method.is_single) {
        e->base.openblas.sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, count, k, k, 1.0f, e->weights_single, STRIDE,
                               e->risk, k, 0.0f, e->product_single, STRIDE);
        e->base.lanes->row_dot(e->weights_single, e->product_single, (uint32_t)k, STRIDE, padded, e->variance);
        return;
    }
    e->base.openblas.dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, count, k, k, 1.0, e->weights, STRIDE,
                           e->covariance, k, 0.0, e->product, STRIDE);
    if (e->method.has_full_product) {
        take_diagonal(e, count);
    } else {
        multiply_rows(e, count);
    }
    for (int s = 0; s < count; ++s) {
        e->variance[s] = (float)(e->quadratic[s] / e->largest_variance);
    }
}

/* Upper bounds of the simulations to where their attempts stand. Returns the largest. */
static float bound_block(struct rung *e, uint32_t count, uint32_t padded) {
    for (uint32_t s = 0; s < padded; ++s) {
        e->mask[s] = s < count ? -1 : 0;
    }
    const float highest = e->base.lanes->bound(e->numerator, e->variance, e->sum, e->mask, padded, e->excess_slack,
                                               e->base.task.screening->variance_slack, e->bound);
    for (uint32_t s = 0; s < count; ++s) {
        e->upper[e->attempt[s]] = e->bound[s];
    }
    return highest;
}

static void screen_block(void *evaluator, const struct mxsi_block *block, struct mxsi_screen *screen,
                         struct mxsi_worker_times *times) {
    struct rung *e = evaluator;
    const uint64_t begin = mxsi_now_ns();
    const uint32_t count = draw_block(e, block);
    *screen = (struct mxsi_screen){.accepted = count, .highest = -HUGE_VALF, .upper = e->upper};
    for (uint32_t i = 0; i < block->attempts; ++i) {
        e->upper[i] = -HUGE_VALF;
    }
    const uint64_t drawn = mxsi_now_ns();
    times->sampling += drawn - begin;
    if (count == 0) {
        return;
    }
    const uint32_t padded = mxsi_whole_vectors(count);
    compute_returns(e, (int)count);
    const uint64_t returned = mxsi_now_ns();
    compute_variances(e, (int)count, padded);
    screen->highest = bound_block(e, count, padded);
    times->returns += returned - drawn;
    times->variances += mxsi_now_ns() - returned;
}

/* One kind: its name as a word of C, its name as it is printed, its method. */
#define LADDER_KIND(word, text, ...)                                 \
    static const struct method word##_method = {__VA_ARGS__};        \
    const struct mxsi_block_evaluator_kind mxsi_evaluator_##word = { \
        .base = {.name = (text),                                     \
                 .by_openblas = 1,                                   \
                 .method = &word##_method,                           \
                 .size = sizeof(struct rung),                        \
                 .lay_out = lay_out,                                 \
                 .init = init},                                      \
        .max_attempts = max_attempts,                                \
        .select_portfolio = select_portfolio,                        \
        .screen = screen_block,                                      \
    }

LADDER_KIND(full_product, "full-product", .has_daily_returns = 1, .has_full_product = 1);
LADDER_KIND(row_wise, "row-wise", .has_daily_returns = 1);
LADDER_KIND(mean_first, "mean-first", 0);
LADDER_KIND(single, "single", .is_single = 1);
