/* The search's life: created from a market and options, run by a backend, described by a result. */
#include "maxsharpe/search.h"

#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/backend_choice.h"
#include "api/problem_build.h"
#include "api/result.h"
#include "base/errors.h"
#include "data/market/dropped_assets.h"
#include "run/backend.h"
#include "run/plan.h"
#include "sampling/draw.h"
#include "sampling/rescore.h"

struct mxs_search {
    mxsi_arena *arena;
    const mxs_market_info *market;
    mxs_search_options options; /* include is not kept: the problem holds what it means */
    struct mxsi_problem problem;
    struct mxsi_inputs inputs;
    mxs_problem info;
    _Atomic int cancelled;
};

void mxs_search_options_init(mxs_search_options *options, size_t struct_size) {
    const mxs_search_options defaults = {
        .struct_size = struct_size,
        .simulations = 1000,
        .max_weight = 1.0,
        .risk_free = 0.05,
        .periods_per_year = 252.0,
        .end_portfolio = UINT64_MAX,
        .top = 1,
    };
    memset(options, 0, struct_size); /* a caller built with a newer header has a longer struct */
    memcpy(options, &defaults, struct_size < sizeof defaults ? struct_size : sizeof defaults);
}

static void describe(struct mxs_search *search, const mxsi_lines *warnings) {
    const struct mxsi_problem *problem = &search->problem;
    search->info = (mxs_problem){
        .assets = problem->assets,
        .assets_per_portfolio = problem->assets_per_portfolio,
        .portfolios = problem->portfolios,
        .first_portfolio = problem->first_portfolio,
        .end_portfolio = problem->end_portfolio,
        .simulations = search->options.simulations,
        .simulations_total = (problem->end_portfolio - problem->first_portfolio) * problem->simulations,
        .min_weight = problem->min_weight,
        .max_weight = problem->max_weight,
        .risk_free = problem->risk_free,
        .periods_per_year = problem->periods_per_year,
        .seed = problem->seed,
        .draws = search->options.draws,
        .sampler = (mxs_sampler)problem->sampler,
        .acceptance = problem->acceptance,
        .warning_count = warnings->count,
        .warnings = warnings->items,
    };
}

mxs_status mxs_search_create(const mxs_market *market, const mxs_search_options *options, mxs_search **search,
                             mxs_error *error) {
    *search = NULL;
    mxs_search_options known; /* a caller built with an older header has a shorter struct */
    mxs_search_options_init(&known, sizeof known);
    if (options != NULL) {
        if (options->struct_size < offsetof(mxs_search_options, workers)) {
            return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the search options are not initialised");
        }
        memcpy(&known, options, options->struct_size < sizeof known ? options->struct_size : sizeof known);
    }
    mxsi_arena *arena = mxsi_arena_create();
    struct mxs_search *made = arena == NULL ? NULL : mxsi_arena_allocate(arena, 1, sizeof *made);
    if (made == NULL) {
        mxsi_arena_destroy(arena);
        return mxsi_fail_memory(error, "the search");
    }
    made->arena = arena;
    made->market = mxs_market_describe(market);
    made->options = known;
    mxs_status status =
        known.include == NULL ? MXS_OK : mxsi_market_refuse_dropped(market, known.include, known.include_count, error);
    if (status == MXS_OK) {
        status = mxsi_problem_build(made->market, &known, arena, &made->problem, &made->inputs, error);
    }
    mxsi_lines warnings = {0};
    if (status == MXS_OK && mxsi_problem_warn(made->market, &made->problem, arena, &warnings) != 0) {
        status = mxsi_fail_memory(error, "the search");
    }
    if (status != MXS_OK) {
        mxsi_arena_destroy(arena);
        return status;
    }
    made->options.include = NULL;
    made->options.include_count = 0;
    int *devices = mxsi_arena_allocate(arena, known.device_count + 1, sizeof *devices);
    if (devices == NULL) {
        mxsi_arena_destroy(arena);
        return mxsi_fail_memory(error, "the search");
    }
    for (size_t i = 0; i < known.device_count; ++i) {
        devices[i] = known.devices[i];
    }
    made->options.devices = devices;
    describe(made, &warnings);
    *search = made;
    return MXS_OK;
}

void mxs_search_destroy(mxs_search *search) {
    if (search != NULL) {
        mxsi_arena_destroy(search->arena);
    }
}

const mxs_problem *mxs_search_problem(const mxs_search *search) {
    return &search->info;
}

void mxs_search_cancel(mxs_search *search) {
    atomic_store(&search->cancelled, 1);
}

/* Names a portfolio whose variance is zero by its first assets. */
static mxs_status fail_zero_variance(const struct mxs_search *search, const struct mxsi_identity *fault,
                                     mxs_error *error) {
    const uint32_t k = search->problem.assets_per_portfolio;
    void *memory = aligned_alloc(64, mxsi_rescorer_size(k));
    if (memory == NULL) {
        return mxsi_fail_memory(error, "naming a portfolio of zero variance");
    }
    struct mxsi_rescorer rescorer;
    mxsi_rescorer_init(&rescorer, &search->inputs, memory);
    double unused = 0.0;
    (void)mxsi_rescore(&rescorer, fault, &unused, &unused, &unused);
    char names[256] = "";
    for (uint32_t i = 0; i < k && strlen(names) < 200; ++i) {
        const size_t used = strlen(names);
        (void)snprintf(names + used, sizeof names - used, "%s%.16s", i == 0 ? "" : " ",
                       search->market->tickers[rescorer.assets[i]]);
    }
    free(memory);
    return mxsi_fail(error, MXS_ERROR_DATA,
                     "portfolio %" PRIu64 " (%s%s) has zero variance with the weights of tile %" PRIu32
                     ", attempt %" PRIu32 ", so it has no Sharpe ratio: its assets cancel each other; exclude one",
                     fault->rank, names, strlen(names) >= 200 ? " ..." : "", fault->tile, fault->attempt);
}

mxs_status mxs_search_run(mxs_search *search, mxs_result **result, mxs_error *error) {
    *result = NULL;
    mxs_result *made = NULL;
    mxs_status status = mxsi_result_create(search->problem.top, &made, error);
    if (status != MXS_OK) {
        return status;
    }
    struct mxsi_backend_job job = {
        .inputs = &search->inputs,
        .periods = search->market->periods,
        .evaluator = search->options.evaluator,
        .workers = search->options.workers,
        .chunk_tiles = search->options.chunk_tiles,
        .devices = search->options.devices,
        .device_count = search->options.device_count,
        .simulations_total = search->info.simulations_total,
        .cancelled = &search->cancelled,
        .progress = search->options.progress,
        .progress_user = search->options.progress_user,
    };
    struct mxsi_identity fault = {0};
    const struct mxsi_backend *ran = NULL;
    mxsi_result_begin(made);
    status = mxsi_backend_run(search->options.backend, &job, mxsi_result_outcome(made), &ran, &fault, error);
    const int was_cancelled = atomic_exchange(&search->cancelled, 0);
    if (status == MXS_ERROR_DATA) {
        status = fail_zero_variance(search, &fault, error);
    } else if (status == MXS_OK) {
        status = mxsi_result_finish(made, ran->name, &search->inputs, error);
    }
    if (status == MXS_OK && !mxs_result_describe(made)->complete) {
        status = mxsi_fail(error, MXS_INTERRUPTED, "%s before the search was complete",
                           was_cancelled ? "interrupted" : "stopped");
        if (mxs_result_describe(made)->top_count == 0) {
            mxs_result_destroy(made);
            return status;
        }
    }
    if (status != MXS_OK && status != MXS_INTERRUPTED) {
        mxs_result_destroy(made);
        return status;
    }
    *result = made;
    return status;
}

/* Whether the tile is full before this attempt, so that no run makes it. */
static int is_beyond_tile(struct mxsi_rescorer *rescorer, struct mxsi_identity identity) {
    const struct mxsi_problem *problem = rescorer->inputs->problem;
    const uint32_t simulations = mxsi_tile_simulations(problem, identity.tile);
    const uint32_t attempt = identity.attempt;
    uint32_t accepted = 0;
    if (attempt < simulations || problem->sampler != MXS_SAMPLER_REJECTION) {
        return attempt >= simulations;
    }
    for (identity.attempt = 0; identity.attempt < attempt && accepted < simulations; ++identity.attempt) {
        accepted += (uint32_t)mxsi_draw_weights(rescorer->inputs, &identity, rescorer->weights, rescorer->scratch);
    }
    return accepted == simulations;
}

mxs_status mxs_search_simulation(const mxs_search *search, uint64_t rank, uint32_t tile, uint32_t attempt,
                                 size_t *assets, double *weights, mxs_error *error) {
    const uint32_t k = search->problem.assets_per_portfolio;
    if (rank >= search->problem.portfolios) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no portfolio %" PRIu64 "; there are %" PRIu64, rank,
                         search->problem.portfolios);
    }
    if (tile >= search->problem.tiles_per_portfolio) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no tile %" PRIu32 "; a portfolio has %" PRIu64, tile,
                         search->problem.tiles_per_portfolio);
    }
    void *memory = aligned_alloc(64, mxsi_rescorer_size(k));
    if (memory == NULL) {
        return mxsi_fail_memory(error, "a simulation");
    }
    struct mxsi_rescorer rescorer;
    mxsi_rescorer_init(&rescorer, &search->inputs, memory);
    const struct mxsi_identity identity = {rank, tile, attempt};
    if (is_beyond_tile(&rescorer, identity)) {
        free(memory);
        return mxsi_fail(error, MXS_ERROR_ARGUMENT,
                         "tile %" PRIu32 " of portfolio %" PRIu64 " is full before attempt %" PRIu32, tile, rank,
                         attempt);
    }
    double unused = 0.0;
    const int outcome = mxsi_rescore(&rescorer, &identity, &unused, &unused, &unused);
    memcpy(assets, rescorer.assets, k * sizeof *assets);
    memcpy(weights, rescorer.weights, k * sizeof *weights);
    free(memory);
    if (outcome > 0) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT,
                         "attempt %" PRIu32 " of tile %" PRIu32 " of portfolio %" PRIu64
                         " was rejected: a weight is above the maximum",
                         attempt, tile, rank);
    }
    return MXS_OK;
}
