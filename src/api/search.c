/* The search's life: created from a problem and options, run by engines, described by a result. */
#include "maxsharpe/search.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/problem.h"
#include "api/result.h"
#include "api/run_task.h"
#include "base/errors.h"
#include "base/monotonic_clock.h"
#include "base/options_struct.h"
#include "sampling/draw.h"
#include "sampling/rescore.h"
#include "sampling/sampling_build.h"
#include "screening/screening_build.h"

struct mxs_search {
    mxsi_arena *arena;
    const mxs_market_info *market;
    const struct mxsi_problem *problem;
    struct mxsi_sampling sampling;
    struct mxsi_screening screening;
    mxs_search_info info;
    _Atomic int cancelled;
};

static const mxs_sampling_options sampling_defaults = MXS_SAMPLING_OPTIONS;
static const mxs_run_options run_defaults = MXS_RUN_OPTIONS;

void mxs_sampling_options_init(mxs_sampling_options *options, size_t struct_size) {
    mxsi_options_init(options, struct_size, &sampling_defaults, sizeof sampling_defaults);
}

void mxs_run_options_init(mxs_run_options *options, size_t struct_size) {
    mxsi_options_init(options, struct_size, &run_defaults, sizeof run_defaults);
}

static struct mxsi_task task_of(const struct mxs_search *search) {
    return (struct mxsi_task){search->problem, &search->sampling, &search->screening};
}

static void describe(struct mxs_search *search, uint64_t simulations) {
    const struct mxsi_sampling *sampling = &search->sampling;
    search->info = (mxs_search_info){
        .first_portfolio = sampling->first_portfolio,
        .end_portfolio = sampling->end_portfolio,
        .simulations = simulations,
        .simulations_total = (sampling->end_portfolio - sampling->first_portfolio) * sampling->simulations,
        .seed = sampling->seed,
        .draws = sampling->shared_draws ? MXS_DRAWS_SHARED : MXS_DRAWS_FRESH,
        .sampler = (mxs_sampler)sampling->sampler,
        .acceptance = sampling->acceptance,
    };
}

mxs_status mxs_search_create(const mxs_problem *problem, const mxs_sampling_options *options, mxs_search **search,
                             mxs_error *error) {
    *search = NULL;
    mxs_sampling_options known = sampling_defaults;
    mxs_status status = mxsi_options_read(&known, sizeof known, options, "the sampling options", error);
    if (status != MXS_OK) {
        return status;
    }
    mxsi_arena *arena = mxsi_arena_create();
    struct mxs_search *made = arena == NULL ? NULL : mxsi_arena_allocate(arena, 1, sizeof *made);
    if (made == NULL) {
        mxsi_arena_destroy(arena);
        return mxsi_fail_memory(error, "the search");
    }
    made->arena = arena;
    made->market = mxs_market_describe(problem->market);
    made->problem = &problem->problem;
    if ((status = mxsi_sampling_build(made->problem, &known, arena, &made->sampling, error)) != MXS_OK ||
        (status = mxsi_screening_build(made->problem, arena, &made->screening, error)) != MXS_OK) {
        mxsi_arena_destroy(arena);
        return status;
    }
    describe(made, known.simulations);
    *search = made;
    return MXS_OK;
}

void mxs_search_destroy(mxs_search *search) {
    if (search != NULL) {
        mxsi_arena_destroy(search->arena);
    }
}

const mxs_search_info *mxs_search_describe(const mxs_search *search) {
    return &search->info;
}

void mxs_search_cancel(mxs_search *search) {
    atomic_store(&search->cancelled, 1);
}

/* Names a portfolio whose variance is zero by its first assets. */
static mxs_status fail_zero_variance(const struct mxs_search *search, const struct mxsi_identity *fault,
                                     mxs_error *error) {
    const uint32_t k = search->problem->assets_per_portfolio;
    const struct mxsi_task task = task_of(search);
    if (!mxsi_task_has_tile(&task, fault->rank, fault->tile)) {
        return mxsi_fail(error, MXS_ERROR_RUN,
                         "a worker names a portfolio that is not there: this is a bug in maxsharpe");
    }
    void *memory = aligned_alloc(64, mxsi_rescorer_size(k));
    if (memory == NULL) {
        return mxsi_fail_memory(error, "naming a portfolio of zero variance");
    }
    struct mxsi_rescorer rescorer;
    mxsi_rescorer_init(&rescorer, search->problem, &search->sampling, memory);
    struct mxsi_score unused = {0};
    (void)mxsi_rescore(&rescorer, fault, &unused);
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

static mxs_status read_run_options(const mxs_run_options *options, mxs_run_options *known, mxs_error *error) {
    *known = run_defaults;
    const mxs_status status = mxsi_options_read(known, sizeof *known, options, "the run options", error);
    if (status != MXS_OK) {
        return status;
    }
    if (mxs_backend_name(known->backend) == NULL) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no backend %d", (int)known->backend);
    }
    if (mxs_evaluator_name(known->evaluator) == NULL) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no evaluator %d", (int)known->evaluator);
    }
    if (known->workers > MXS_MAX_WORKERS) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "%u workers: must be at most %d", known->workers, MXS_MAX_WORKERS);
    }
    if (known->devices == NULL && known->device_count > 0) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the list of GPUs is missing");
    }
    return MXS_OK;
}

/* What a run that has ended becomes. */
static mxs_status conclude(const struct mxs_search *search, mxs_result *result, mxs_status status, int was_cancelled,
                           mxs_error *error) {
    const struct mxsi_task task = task_of(search);
    const struct mxsi_run_record *record = mxsi_result_record(result);
    if (status == MXS_ERROR_DATA) {
        return fail_zero_variance(search, &record->fault, error);
    }
    if (status != MXS_OK) {
        return status;
    }
    if (record->complete || record->leaders.count > 0) {
        status = mxsi_result_finish(result, &task, error);
    }
    if (status == MXS_OK && !record->complete) {
        status = mxsi_fail(error, MXS_INTERRUPTED, "%s before the search was complete",
                           was_cancelled ? "interrupted" : "stopped");
    }
    return status;
}

mxs_status mxs_search_run(mxs_search *search, const mxs_run_options *options, mxs_result **result, mxs_error *error) {
    *result = NULL;
    mxs_run_options known;
    mxs_status status = read_run_options(options, &known, error);
    const struct mxsi_task task = task_of(search);
    mxs_result *made = NULL;
    if (status != MXS_OK || (status = mxsi_result_create(mxsi_task_top(&task), &made, error)) != MXS_OK) {
        return status;
    }
    const struct mxsi_run_request request = {
        .evaluator = known.evaluator,
        .workers = known.workers,
        .chunk_tiles = known.chunk_tiles,
        .devices = known.devices,
        .device_count = known.device_count,
        .simulations_total = search->info.simulations_total,
        .begin_ns = mxsi_now_ns(),
        .cancelled = &search->cancelled,
        .progress = known.progress,
        .progress_user = known.progress_user,
    };
    status = mxsi_run_task(known.backend, &task, &request, mxsi_result_record(made), error);
    const int was_cancelled = atomic_exchange(&search->cancelled, 0);
    status = conclude(search, made, status, was_cancelled, error);
    const int has_something = status == MXS_OK || status == MXS_INTERRUPTED;
    if (!has_something || mxs_result_describe(made)->portfolio_count == 0) {
        mxs_result_destroy(made);
        return status;
    }
    *result = made;
    return status;
}

/* Whether the tile is full before this attempt, so that no run makes it. */
static int is_beyond_tile(struct mxsi_rescorer *rescorer, struct mxsi_identity identity) {
    const struct mxsi_sampling *sampling = rescorer->sampling;
    const uint32_t simulations = mxsi_tile_simulations(sampling, identity.tile);
    const uint32_t attempt = identity.attempt;
    uint32_t accepted = 0;
    if (attempt < simulations || !sampling->rejects) {
        return attempt >= simulations;
    }
    for (identity.attempt = 0; identity.attempt < attempt && accepted < simulations; ++identity.attempt) {
        accepted +=
            (uint32_t)mxsi_draw_weights(rescorer->problem, sampling, &identity, rescorer->weights, rescorer->scratch);
    }
    return accepted == simulations;
}

mxs_status mxs_search_simulation(const mxs_search *search, uint64_t rank, uint32_t tile, uint32_t attempt,
                                 size_t *assets, double *weights, mxs_error *error) {
    const uint32_t k = search->problem->assets_per_portfolio;
    if (rank >= search->problem->portfolios) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no portfolio %" PRIu64 "; there are %" PRIu64, rank,
                         search->problem->portfolios);
    }
    if (tile >= search->sampling.tiles_per_portfolio) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no tile %" PRIu32 "; a portfolio has %" PRIu64, tile,
                         search->sampling.tiles_per_portfolio);
    }
    void *memory = aligned_alloc(64, mxsi_rescorer_size(k));
    if (memory == NULL) {
        return mxsi_fail_memory(error, "a simulation");
    }
    struct mxsi_rescorer rescorer;
    mxsi_rescorer_init(&rescorer, search->problem, &search->sampling, memory);
    const struct mxsi_identity identity = {rank, tile, attempt};
    if (is_beyond_tile(&rescorer, identity)) {
        free(memory);
        return mxsi_fail(error, MXS_ERROR_ARGUMENT,
                         "tile %" PRIu32 " of portfolio %" PRIu64 " is full before attempt %" PRIu32, tile, rank,
                         attempt);
    }
    struct mxsi_score unused = {0};
    const int outcome = mxsi_rescore(&rescorer, &identity, &unused);
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
