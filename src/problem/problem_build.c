#include "problem/problem_build.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/errors.h"
#include "problem/objective.h"
#include "problem/subsets.h"

/* Near the least normal number products lose digits on which every proof of an error bound counts. */
#define LEAST_VARIANCE 0x1p-960

static mxs_status check_numbers(const mxs_problem_options *options, mxs_error *error) {
    if (!(options->min_weight >= 0.0 && options->min_weight <= 1.0)) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "a minimum weight of %.12g: must be 0 to 1", options->min_weight);
    }
    if (!(options->max_weight > 0.0 && options->max_weight <= 1.0)) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "a maximum weight of %.12g: must be above 0 and at most 1",
                         options->max_weight);
    }
    if (options->min_weight > options->max_weight) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the minimum weight %.12g is above the maximum weight %.12g",
                         options->min_weight, options->max_weight);
    }
    if (!isfinite(options->risk_free)) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the risk-free rate must be a finite number");
    }
    if (!(options->periods_per_year > 0.0) || !isfinite(options->periods_per_year)) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "%.12g periods per year: must be above 0",
                         options->periods_per_year);
    }
    if (options->top < 1 || options->top > MXS_MAX_TOP) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the %zu best portfolios: must be 1 to %d", options->top,
                         MXS_MAX_TOP);
    }
    if (mxsi_objective_of((uint32_t)options->objective) == NULL) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no objective %d", (int)options->objective);
    }
    if (options->include == NULL && options->include_count > 0) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the list of tickers to include is missing");
    }
    return MXS_OK;
}

static mxs_status count_assets(const mxs_market_info *market, const mxs_problem_options *options,
                               struct mxsi_problem *problem, mxs_error *error) {
    const size_t k = options->assets_per_portfolio == 0 ? market->assets : options->assets_per_portfolio;
    if (k > market->assets) {
        return mxsi_fail(error, MXS_ERROR_INFEASIBLE, "portfolios of %zu assets cannot be chosen from %zu assets", k,
                         market->assets);
    }
    if (k > MXSI_MAX_ASSETS_PER_PORTFOLIO || market->assets > UINT32_MAX) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "portfolios of %zu assets: at most %d are supported", k,
                         (int)MXSI_MAX_ASSETS_PER_PORTFOLIO);
    }
    problem->assets = (uint32_t)market->assets;
    problem->assets_per_portfolio = (uint32_t)k;
    return MXS_OK;
}

static mxs_status find_ticker(const mxs_market_info *market, const char *ticker, uint32_t *asset, mxs_error *error) {
    for (size_t i = 0; i < market->assets; ++i) {
        if (strcmp(market->tickers[i], ticker) == 0) {
            *asset = (uint32_t)i;
            return MXS_OK;
        }
    }
    return mxsi_fail(error, MXS_ERROR_ARGUMENT, "unknown ticker '%.64s' among those to include", ticker);
}

/* Splits the assets into those that every portfolio holds and the others, both ascending. */
static mxs_status split_assets(const mxs_market_info *market, const mxs_problem_options *options, mxsi_arena *arena,
                               struct mxsi_problem *problem, mxs_error *error) {
    uint8_t *is_forced = mxsi_arena_allocate(arena, market->assets, 1);
    uint32_t *forced = mxsi_arena_allocate(arena, market->assets, sizeof *forced);
    uint32_t *free_assets = mxsi_arena_allocate(arena, market->assets, sizeof *free_assets);
    if (is_forced == NULL || forced == NULL || free_assets == NULL) {
        return mxsi_fail_memory(error, "the problem");
    }
    for (size_t i = 0; i < options->include_count; ++i) {
        uint32_t asset = 0;
        const mxs_status status = find_ticker(market, options->include[i], &asset, error);
        if (status != MXS_OK) {
            return status;
        }
        is_forced[asset] = 1;
    }
    for (uint32_t i = 0; i < market->assets; ++i) {
        if (is_forced[i]) {
            forced[problem->forced_count++] = i;
        } else {
            free_assets[problem->free_count++] = i;
        }
    }
    problem->forced = forced;
    problem->free_assets = free_assets;
    return MXS_OK;
}

static mxs_status count_portfolios(struct mxsi_problem *problem, mxs_error *error) {
    const uint32_t k = problem->assets_per_portfolio;
    if (problem->forced_count > k) {
        return mxsi_fail(error, MXS_ERROR_INFEASIBLE, "%u tickers to include do not fit in portfolios of %u assets",
                         problem->forced_count, k);
    }
    problem->portfolios = mxsi_binomial(problem->free_count, k - problem->forced_count);
    if (problem->portfolios == 0) {
        return mxsi_fail(error, MXS_ERROR_INFEASIBLE,
                         "there are more than 2^64 portfolios of %u of %u assets; choose fewer assets, or include "
                         "some in every portfolio",
                         k, problem->assets);
    }
    return MXS_OK;
}

static mxs_status check_bounds(const struct mxsi_problem *problem, mxs_error *error) {
    const uint32_t k = problem->assets_per_portfolio;
    if (k * problem->max_weight < 1.0 - MXSI_WEIGHT_SUM_TOLERANCE) {
        return mxsi_fail(error, MXS_ERROR_INFEASIBLE,
                         "%u weights of at most %.12g sum to less than 1; raise the maximum weight to at least %.6g", k,
                         problem->max_weight, ceil(1e6 / k) / 1e6);
    }
    if (k * problem->min_weight > 1.0 + MXSI_WEIGHT_SUM_TOLERANCE) {
        return mxsi_fail(error, MXS_ERROR_INFEASIBLE,
                         "%u weights of at least %.12g sum to more than 1; lower the minimum weight to at most %.6g", k,
                         problem->min_weight, floor(1e6 / k) / 1e6);
    }
    return MXS_OK;
}

/* Whether objectives can be computed in double, and what is computed in float can be scaled to it. */
static mxs_status check_moments(const struct mxsi_problem *problem, mxs_error *error) {
    double largest_excess = 0.0;
    double largest_variance = 0.0;
    for (size_t i = 0; i < problem->assets; ++i) {
        const double excess = problem->periods_per_year * problem->mean[i] - problem->risk_free;
        largest_excess = fmax(largest_excess, fabs(excess));
        largest_variance = fmax(largest_variance, problem->covariance[i * problem->assets + i]);
    }
    const double scale =
        (largest_excess == 0.0 ? 1.0 : largest_excess) / sqrt(problem->periods_per_year * largest_variance);
    const double least_variance = largest_variance * fmin(1.0, problem->periods_per_year);
    if (!isfinite(scale) || scale <= 0.0 || least_variance < LEAST_VARIANCE) {
        return mxsi_fail(error, MXS_ERROR_DATA, "the returns are too large or too small to compute with");
    }
    return MXS_OK;
}

mxs_status mxsi_problem_build(const mxs_market_info *market, const mxs_problem_options *options, mxsi_arena *arena,
                              struct mxsi_problem *problem, mxs_error *error) {
    *problem = (struct mxsi_problem){
        .objective = (uint32_t)options->objective,
        .periods = market->periods,
        .min_weight = options->min_weight,
        .max_weight = options->max_weight,
        .risk_free = options->risk_free,
        .periods_per_year = options->periods_per_year,
        .returns = market->returns,
        .mean = market->mean,
        .covariance = market->covariance,
    };
    mxs_status status = check_numbers(options, error);
    if (status != MXS_OK || (status = count_assets(market, options, problem, error)) != MXS_OK ||
        (status = split_assets(market, options, arena, problem, error)) != MXS_OK ||
        (status = count_portfolios(problem, error)) != MXS_OK || (status = check_bounds(problem, error)) != MXS_OK ||
        (status = check_moments(problem, error)) != MXS_OK) {
        return status;
    }
    problem->top = (uint32_t)(options->top < problem->portfolios ? options->top : problem->portfolios);
    return MXS_OK;
}

int mxsi_problem_has_equal_weights(const struct mxsi_problem *problem) {
    const uint32_t k = problem->assets_per_portfolio;
    return k * problem->max_weight <= 1.0 + MXSI_WEIGHT_SUM_TOLERANCE ||
           k * problem->min_weight >= 1.0 - MXSI_WEIGHT_SUM_TOLERANCE;
}

int mxsi_problem_can_beat_risk_free(const struct mxsi_problem *problem) {
    for (size_t i = 0; i < problem->assets; ++i) {
        if (problem->periods_per_year * problem->mean[i] > problem->risk_free) {
            return 1;
        }
    }
    return 0;
}

int mxsi_problem_warn(const struct mxsi_problem *problem, mxsi_arena *arena, mxsi_messages *warnings) {
    if (problem->periods > 0 && problem->periods <= problem->assets_per_portfolio) {
        const char *line = mxsi_arena_format(arena,
                                             "%" PRIu64
                                             " returns of %u assets: the covariance is singular, so some "
                                             "mixes look riskless that are not; use more rows or fewer assets",
                                             problem->periods, problem->assets_per_portfolio);
        if (line == NULL || mxsi_messages_append(arena, warnings, line) != 0) {
            return -1;
        }
    }
    return mxsi_problem_can_beat_risk_free(problem)
               ? 0
               : mxsi_messages_append(arena, warnings,
                                      "no asset returns more than the risk-free rate: every Sharpe ratio is negative, "
                                      "and the best one is the least bad");
}
