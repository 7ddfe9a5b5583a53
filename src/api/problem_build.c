#include "api/problem_build.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "problem/subsets.h"
#include "sampling/fixed_sum.h"
#include "sampling/simulation_counter.h"
#include "screening/risk_error.h"
#include "screening/screen_bound.h"

/* What K max_weight may fall short of 1, and K min_weight exceed it, by rounding. */
#define WEIGHT_SUM_TOLERANCE 1e-12

/* Below this acceptance the exact sampler, which rejects nothing, is the faster one. */
#define LEAST_ACCEPTANCE 0.25

/* Near the least normal number products lose digits on which every proof of an error bound counts. */
#define LEAST_VARIANCE 0x1p-960

static mxs_status check_numbers(const mxs_search_options *options, mxs_error *error) {
    const uint64_t most = (uint64_t)MXSI_TILE_SIZE << 32; /* the tile's number has 32 bits */
    if (options->simulations < 1 || options->simulations > most) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "%" PRIu64 " simulations: must be 1 to %" PRIu64,
                         options->simulations, most);
    }
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
    return MXS_OK;
}

static mxs_status check_choices(const mxs_search_options *options, mxs_error *error) {
    if (options->top < 1 || options->top > MXS_MAX_TOP) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the %zu best portfolios: must be 1 to %d", options->top,
                         MXS_MAX_TOP);
    }
    if ((unsigned)options->backend > MXS_BACKEND_CUDA) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no backend %d", (int)options->backend);
    }
    if (mxs_evaluator_name(options->evaluator) == NULL) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no evaluator %d", (int)options->evaluator);
    }
    if ((unsigned)options->draws > MXS_DRAWS_SHARED) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no kind of draws %d", (int)options->draws);
    }
    if (options->devices == NULL && options->device_count > 0) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the list of GPUs is missing");
    }
    if (options->include == NULL && options->include_count > 0) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the list of tickers to include is missing");
    }
    return MXS_OK;
}

static const char *why_dropped(const mxs_market_info *market, const char *ticker) {
    for (size_t i = 0; i < market->dropped_count; ++i) {
        if (strcmp(market->dropped[i].ticker, ticker) == 0) {
            return market->dropped[i].why;
        }
    }
    return NULL;
}

static mxs_status find_ticker(const mxs_market_info *market, const char *ticker, uint32_t *asset, mxs_error *error) {
    for (size_t i = 0; i < market->assets; ++i) {
        if (strcmp(market->tickers[i], ticker) == 0) {
            *asset = (uint32_t)i;
            return MXS_OK;
        }
    }
    const char *why = why_dropped(market, ticker);
    return why != NULL
               ? mxsi_fail(error, MXS_ERROR_ARGUMENT, "cannot include '%.64s': it was dropped: %.300s", ticker, why)
               : mxsi_fail(error, MXS_ERROR_ARGUMENT, "unknown ticker '%.64s' among those to include", ticker);
}

/* Splits the assets into those that every portfolio holds and the others, both ascending. */
static mxs_status split_assets(const mxs_market_info *market, const mxs_search_options *options, mxsi_arena *arena,
                               struct mxsi_problem *problem, struct mxsi_inputs *inputs, mxs_error *error) {
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
    inputs->forced = forced;
    inputs->free_assets = free_assets;
    return MXS_OK;
}

static mxs_status count_portfolios(const mxs_search_options *options, struct mxsi_problem *problem, mxs_error *error) {
    const uint32_t n = problem->assets;
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
                         k, n);
    }
    problem->first_portfolio = options->first_portfolio;
    problem->end_portfolio = options->end_portfolio == UINT64_MAX ? problem->portfolios : options->end_portfolio;
    if (problem->first_portfolio >= problem->end_portfolio) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT,
                         "the portfolios %" PRIu64 ":%" PRIu64 " are an empty range; there are %" PRIu64
                         ", counted from 0",
                         problem->first_portfolio, problem->end_portfolio, problem->portfolios);
    }
    if (problem->end_portfolio > problem->portfolios) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT,
                         "the portfolios %" PRIu64 ":%" PRIu64 " are out of bounds; there are %" PRIu64,
                         problem->first_portfolio, problem->end_portfolio, problem->portfolios);
    }
    return MXS_OK;
}

static mxs_status check_bounds(const mxs_search_options *options, uint32_t k, mxs_error *error) {
    if (k * options->max_weight < 1.0 - WEIGHT_SUM_TOLERANCE) {
        return mxsi_fail(error, MXS_ERROR_INFEASIBLE,
                         "%u weights of at most %.12g sum to less than 1; raise the maximum weight to at least %.6g", k,
                         options->max_weight, ceil(1e6 / k) / 1e6);
    }
    if (k * options->min_weight > 1.0 + WEIGHT_SUM_TOLERANCE) {
        return mxsi_fail(error, MXS_ERROR_INFEASIBLE,
                         "%u weights of at least %.12g sum to more than 1; lower the minimum weight to at most %.6g", k,
                         options->min_weight, floor(1e6 / k) / 1e6);
    }
    return MXS_OK;
}

/* The cap in float, lowered by what the rounding of the float sum can hide: an accepted vector keeps its bounds in
 * double too. */
static float rejection_cap(uint32_t k, double cap) {
    if (cap >= 1.0) {
        return HUGE_VALF;
    }
    return nextafterf((float)(cap * (1.0 - (k + 2.0) * 0x1p-24)), 0.0f);
}

static mxs_status choose_sampler(const mxs_search_options *options, mxsi_arena *arena, struct mxsi_problem *problem,
                                 struct mxsi_inputs *inputs, mxs_error *error) {
    const uint32_t k = problem->assets_per_portfolio;
    const double lowest_sum = k * options->min_weight;
    problem->simulations = options->simulations;
    problem->min_weight = options->min_weight;
    problem->max_weight = options->max_weight;
    problem->width = options->max_weight - options->min_weight;
    if (k * options->max_weight <= 1.0 + WEIGHT_SUM_TOLERANCE || lowest_sum >= 1.0 - WEIGHT_SUM_TOLERANCE) {
        problem->sampler = MXS_SAMPLER_EQUAL_WEIGHTS;
        problem->acceptance = k == 1 ? 1.0 : 0.0;
        problem->simulations = 1; /* all simulations of a portfolio are the same */
        problem->blocks_per_attempt = 1;
        return MXS_OK;
    }
    problem->spare = 1.0 - lowest_sum;
    problem->box_sum = problem->spare / problem->width;
    problem->cap = rejection_cap(k, problem->width / problem->spare);
    problem->acceptance = mxsi_spacings_acceptance(k, problem->box_sum);
    if (problem->acceptance < 0.0) {
        return mxsi_fail_memory(error, "the sampler");
    }
    if (problem->acceptance >= LEAST_ACCEPTANCE) {
        problem->sampler = MXS_SAMPLER_REJECTION;
        problem->blocks_per_attempt = mxsi_blocks_of_words(mxsi_words_of_rejection(k));
        return MXS_OK;
    }
    problem->sampler = MXS_SAMPLER_FIXED_SUM;
    problem->blocks_per_attempt = mxsi_blocks_of_words(mxsi_words_of_fixed_sum(k));
    uint32_t *chance = mxsi_arena_allocate(arena, (size_t)(k - 1) * k, sizeof *chance);
    if (chance == NULL || mxsi_fixed_sum_chances(k, problem->box_sum, chance) != 0) {
        return mxsi_fail_memory(error, "the table of the fixed-sum sampler");
    }
    inputs->fixed_sum_chance = chance;
    return MXS_OK;
}

/* The moments in float, scaled to at most 1: see screen_bound.h. */
static mxs_status scale_moments(const mxs_market_info *market, mxsi_arena *arena, struct mxsi_problem *problem,
                                struct mxsi_inputs *inputs, mxs_error *error) {
    const size_t n = market->assets;
    float *excess = mxsi_arena_allocate(arena, n, sizeof *excess);
    float *risk = mxsi_arena_allocate(arena, n * n, sizeof *risk);
    if (excess == NULL || risk == NULL) {
        return mxsi_fail_memory(error, "the moments");
    }
    double largest_excess = 0.0;
    double largest_mean = 0.0;
    double largest_variance = 0.0;
    for (size_t i = 0; i < n; ++i) {
        largest_excess = fmax(largest_excess, fabs(problem->periods_per_year * market->mean[i] - problem->risk_free));
        largest_mean = fmax(largest_mean, fabs(market->mean[i]));
        largest_variance = fmax(largest_variance, market->covariance[i * n + i]);
    }
    if (largest_excess == 0.0) {
        largest_excess = 1.0; /* every Sharpe ratio is 0; any scale will do */
    }
    for (size_t i = 0; i < n; ++i) {
        excess[i] = (float)((problem->periods_per_year * market->mean[i] - problem->risk_free) / largest_excess);
    }
    for (size_t i = 0; i < n * n; ++i) {
        risk[i] = (float)(market->covariance[i] / largest_variance);
    }
    problem->sharpe_scale = largest_excess / sqrt(problem->periods_per_year * largest_variance);
    const double least_variance = largest_variance * fmin(1.0, problem->periods_per_year);
    if (!isfinite(problem->sharpe_scale) || problem->sharpe_scale <= 0.0 || least_variance < LEAST_VARIANCE) {
        return mxsi_fail(error, MXS_ERROR_DATA, "the returns are too large or too small to compute with");
    }
    const double cancellation = (problem->periods_per_year * largest_mean + fabs(problem->risk_free)) / largest_excess;
    problem->excess_slack = mxsi_excess_slack(problem->assets_per_portfolio, cancellation);
    problem->variance_slack = mxsi_variance_slack(problem->assets_per_portfolio);
    if (mxsi_risk_error(market, &problem->risk_error) != 0) {
        return mxsi_fail_memory(error, "the moments");
    }
    problem->periods = market->periods;
    inputs->returns = market->returns;
    inputs->mean = market->mean;
    inputs->covariance = market->covariance;
    inputs->excess = excess;
    inputs->risk = risk;
    return MXS_OK;
}

mxs_status mxsi_problem_build(const mxs_market_info *market, const mxs_search_options *options, mxsi_arena *arena,
                              struct mxsi_problem *problem, struct mxsi_inputs *inputs, mxs_error *error) {
    *problem = (struct mxsi_problem){0};
    *inputs = (struct mxsi_inputs){.problem = problem};
    mxs_status status = check_numbers(options, error);
    if (status != MXS_OK || (status = check_choices(options, error)) != MXS_OK) {
        return status;
    }
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
    problem->seed = options->seed;
    problem->shared_draws = options->draws == MXS_DRAWS_SHARED;
    problem->risk_free = options->risk_free;
    problem->periods_per_year = options->periods_per_year;
    if ((status = split_assets(market, options, arena, problem, inputs, error)) != MXS_OK ||
        (status = count_portfolios(options, problem, error)) != MXS_OK ||
        (status = check_bounds(options, problem->assets_per_portfolio, error)) != MXS_OK ||
        (status = choose_sampler(options, arena, problem, inputs, error)) != MXS_OK ||
        (status = scale_moments(market, arena, problem, inputs, error)) != MXS_OK) {
        return status;
    }
    const uint64_t range = problem->end_portfolio - problem->first_portfolio;
    uint64_t total = 0;
    if (__builtin_mul_overflow(range, problem->simulations, &total)) {
        return mxsi_fail(error, MXS_ERROR_INFEASIBLE,
                         "%" PRIu64 " portfolios x %" PRIu64
                         " simulations are more than 2^64; search them in parts, by ranges of portfolios",
                         range, problem->simulations);
    }
    problem->tiles_per_portfolio = (problem->simulations - 1) / MXSI_TILE_SIZE + 1;
    problem->top = (uint32_t)(options->top < range ? options->top : range);
    problem->min_weight_f = (float)problem->min_weight;
    problem->spare_f = (float)problem->spare;
    problem->width_f = (float)problem->width;
    return MXS_OK;
}

int mxsi_problem_warn(const mxs_market_info *market, const struct mxsi_problem *problem, mxsi_arena *arena,
                      mxsi_lines *warnings) {
    if (market->periods > 0 && market->periods <= problem->assets_per_portfolio) {
        const char *line = mxsi_arena_format(arena,
                                             "%zu returns of %u assets: the covariance is singular, so some mixes "
                                             "look riskless that are not; use more rows or fewer assets",
                                             market->periods, problem->assets_per_portfolio);
        if (line == NULL || mxsi_lines_append(arena, warnings, line) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < market->assets; ++i) {
        if (problem->periods_per_year * market->mean[i] > problem->risk_free) {
            return 0;
        }
    }
    return mxsi_lines_append(arena, warnings,
                             "no asset returns more than the risk-free rate: every Sharpe ratio is negative, and the "
                             "best one is the least bad");
}
