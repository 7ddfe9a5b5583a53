#include "sampling/sampling_build.h"

#include <inttypes.h>
#include <math.h>

#include "base/errors.h"
#include "problem/problem_build.h"
#include "sampling/fixed_sum.h"
#include "sampling/sampler.h"

static mxs_status check_options(const mxs_sampling_options *options, mxs_error *error) {
    const uint64_t most = (uint64_t)MXSI_TILE_SIZE << 32; /* the tile's number has 32 bits */
    if (options->simulations < 1 || options->simulations > most) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "%" PRIu64 " simulations: must be 1 to %" PRIu64,
                         options->simulations, most);
    }
    if (mxs_draws_name(options->draws) == NULL) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no kind of draws %d", (int)options->draws);
    }
    return MXS_OK;
}

static mxs_status choose_portfolios(const struct mxsi_problem *problem, const mxs_sampling_options *options,
                                    struct mxsi_sampling *sampling, mxs_error *error) {
    sampling->first_portfolio = options->first_portfolio;
    sampling->end_portfolio = options->end_portfolio == UINT64_MAX ? problem->portfolios : options->end_portfolio;
    if (sampling->first_portfolio >= sampling->end_portfolio) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT,
                         "the portfolios %" PRIu64 ":%" PRIu64 " are an empty range; there are %" PRIu64
                         ", counted from 0",
                         sampling->first_portfolio, sampling->end_portfolio, problem->portfolios);
    }
    if (sampling->end_portfolio > problem->portfolios) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT,
                         "the portfolios %" PRIu64 ":%" PRIu64 " are out of bounds; there are %" PRIu64,
                         sampling->first_portfolio, sampling->end_portfolio, problem->portfolios);
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

/* The body that weights are drawn from, and how much of the simplex around it it is. */
static mxs_status measure_body(const struct mxsi_problem *problem, struct mxsi_sampling *sampling, mxs_error *error) {
    const uint32_t k = problem->assets_per_portfolio;
    sampling->width = problem->max_weight - problem->min_weight;
    sampling->width_f = (float)sampling->width;
    sampling->min_weight_f = (float)problem->min_weight;
    if (mxsi_problem_has_equal_weights(problem)) {
        sampling->acceptance = k == 1 ? 1.0 : 0.0;
        return MXS_OK;
    }
    sampling->spare = 1.0 - k * problem->min_weight;
    sampling->spare_f = (float)sampling->spare;
    sampling->box_sum = sampling->spare / sampling->width;
    sampling->cap = rejection_cap(k, sampling->width / sampling->spare);
    sampling->acceptance = mxsi_spacings_acceptance(k, sampling->box_sum);
    return sampling->acceptance < 0.0 ? mxsi_fail_memory(error, "the sampler") : MXS_OK;
}

static mxs_status prepare_sampler(const struct mxsi_problem *problem, mxsi_arena *arena, struct mxsi_sampling *sampling,
                                  mxs_error *error) {
    const uint32_t k = problem->assets_per_portfolio;
    sampling->sampler = (uint32_t)mxsi_sampler_choose(problem, sampling);
    const struct mxsi_sampler *sampler = mxsi_sampler_of((mxs_sampler)sampling->sampler);
    sampling->rejects = (uint32_t)sampler->rejects;
    sampling->blocks_per_attempt = mxsi_blocks_of_words(sampler->words(k));
    if (sampler->is_constant) {
        sampling->simulations = 1;
    }
    if (sampler->fill_table != NULL) {
        sampling->table_size = sampler->table_size(k);
        uint32_t *table = mxsi_arena_allocate(arena, 1, sampling->table_size);
        if (table == NULL || sampler->fill_table(k, sampling, table) != 0) {
            return mxsi_fail_memory(error, "the table of the sampler");
        }
        sampling->table = table;
    }
    return MXS_OK;
}

mxs_status mxsi_sampling_build(const struct mxsi_problem *problem, const mxs_sampling_options *options,
                               mxsi_arena *arena, struct mxsi_sampling *sampling, mxs_error *error) {
    *sampling = (struct mxsi_sampling){
        .shared_draws = options->draws == MXS_DRAWS_SHARED,
        .seed = options->seed,
        .simulations = options->simulations,
    };
    mxs_status status = check_options(options, error);
    if (status != MXS_OK || (status = choose_portfolios(problem, options, sampling, error)) != MXS_OK ||
        (status = measure_body(problem, sampling, error)) != MXS_OK ||
        (status = prepare_sampler(problem, arena, sampling, error)) != MXS_OK) {
        return status;
    }
    const uint64_t range = sampling->end_portfolio - sampling->first_portfolio;
    uint64_t total = 0;
    if (__builtin_mul_overflow(range, sampling->simulations, &total)) {
        return mxsi_fail(error, MXS_ERROR_INFEASIBLE,
                         "%" PRIu64 " portfolios x %" PRIu64
                         " simulations are more than 2^64; search them in parts, by ranges of portfolios",
                         range, sampling->simulations);
    }
    sampling->tiles_per_portfolio = (sampling->simulations - 1) / MXSI_TILE_SIZE + 1;
    return MXS_OK;
}
