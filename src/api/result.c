#include "api/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "base/monotonic_clock.h"
#include "problem/problem_build.h"
#include "sampling/rescore.h"

struct mxs_result {
    mxsi_arena *arena;
    struct mxsi_run_record record;
    uint64_t begin_ns;
    mxs_portfolio *portfolios;
    mxs_result_info info;
};

mxs_status mxsi_result_create(uint32_t top, mxs_result **result, mxs_error *error) {
    *result = NULL;
    mxsi_arena *arena = mxsi_arena_create();
    mxs_result *made = arena == NULL ? NULL : mxsi_arena_allocate(arena, 1, sizeof *made);
    void *leaders = made == NULL ? NULL : mxsi_arena_allocate(arena, 1, mxsi_leaders_size(top));
    if (leaders == NULL) {
        mxsi_arena_destroy(arena);
        return mxsi_fail_memory(error, "the result");
    }
    mxsi_leaders_init(&made->record.leaders, top, leaders);
    made->arena = arena;
    made->record.arena = arena;
    made->begin_ns = mxsi_now_ns();
    *result = made;
    return MXS_OK;
}

void mxs_result_destroy(mxs_result *result) {
    if (result != NULL) {
        mxsi_arena_destroy(result->arena);
    }
}

const mxs_result_info *mxs_result_describe(const mxs_result *result) {
    return &result->info;
}

const mxs_portfolio *mxs_result_portfolio(const mxs_result *result, size_t index) {
    return index < result->info.portfolio_count ? &result->portfolios[index] : NULL;
}

const mxs_engine_stats *mxs_result_engine(const mxs_result *result, size_t index) {
    return index < result->info.engine_count ? &result->record.engines[index] : NULL;
}

const mxs_worker_stats *mxs_result_worker(const mxs_result *result, size_t index) {
    return index < result->info.worker_count ? &result->record.workers[index] : NULL;
}

struct mxsi_run_record *mxsi_result_record(mxs_result *result) {
    return &result->record;
}

/* Fills one portfolio from its leader, which a worker has named. assets and weights: [K], to be filled. */
static mxs_status describe_leader(const struct mxsi_task *task, struct mxsi_rescorer *rescorer,
                                  const struct mxsi_leader *leader, size_t *assets, double *weights,
                                  mxs_portfolio *portfolio, mxs_error *error) {
    const size_t k = task->problem->assets_per_portfolio;
    struct mxsi_score score = {0};
    if (!mxsi_task_has_tile(task, leader->identity.rank, leader->identity.tile) ||
        mxsi_rescore(rescorer, &leader->identity, &score) != 0 || score.value != leader->value) {
        return mxsi_fail(error, MXS_ERROR_RUN, "the winner does not reproduce: this is a bug in maxsharpe");
    }
    *portfolio = (mxs_portfolio){
        .sharpe = score.value,
        .expected_return = score.expected_return,
        .volatility = score.volatility,
        .origin = MXS_ORIGIN_SIMULATED,
        .rank = leader->identity.rank,
        .tile = leader->identity.tile,
        .attempt = leader->identity.attempt,
        .asset_count = k,
        .assets = memcpy(assets, rescorer->assets, k * sizeof *assets),
        .weights = memcpy(weights, rescorer->weights, k * sizeof *weights),
    };
    return MXS_OK;
}

static mxs_status describe_leaders(mxs_result *result, const struct mxsi_task *task, mxs_error *error) {
    struct mxsi_leaders *leaders = &result->record.leaders;
    const size_t k = task->problem->assets_per_portfolio;
    const size_t count = leaders->count;
    mxsi_leaders_sort(leaders);
    mxs_portfolio *portfolios = mxsi_arena_allocate(result->arena, count, sizeof *portfolios);
    size_t *assets = mxsi_arena_allocate(result->arena, count, k * sizeof *assets);
    double *weights = mxsi_arena_allocate(result->arena, count, k * sizeof *weights);
    void *memory = mxsi_arena_allocate(result->arena, 1, mxsi_rescorer_size((uint32_t)k));
    if (portfolios == NULL || assets == NULL || weights == NULL || memory == NULL) {
        return mxsi_fail_memory(error, "the result");
    }
    struct mxsi_rescorer rescorer;
    mxsi_rescorer_init(&rescorer, task->problem, task->sampling, memory);
    for (size_t i = 0; i < count; ++i) {
        const mxs_status status = describe_leader(task, &rescorer, &leaders->items[i], assets + i * k, weights + i * k,
                                                  &portfolios[i], error);
        if (status != MXS_OK) {
            return status;
        }
    }
    result->portfolios = portfolios;
    result->info.portfolio_count = count;
    return MXS_OK;
}

/* Where no asset beats the risk-free rate, the problem has said so before the run. */
static int warn(mxs_result *result, const struct mxsi_task *task) {
    struct mxsi_run_record *record = &result->record;
    if (!record->complete || result->portfolios[0].sharpe >= 0.0 || !mxsi_problem_can_beat_risk_free(task->problem)) {
        return 0;
    }
    return mxsi_messages_append(result->arena, &record->warnings,
                                "every simulated portfolio returns less than the risk-free rate: the best Sharpe ratio "
                                "is negative, the least bad one");
}

mxs_status mxsi_result_finish(mxs_result *result, const struct mxsi_task *task, mxs_error *error) {
    const struct mxsi_run_record *record = &result->record;
    const mxs_status status = describe_leaders(result, task, error);
    if (status != MXS_OK) {
        return status;
    }
    if (warn(result, task) != 0) {
        return mxsi_fail_memory(error, "the result");
    }
    mxs_result_info *info = &result->info;
    info->complete = record->complete;
    info->bound = MXS_BOUND_UNKNOWN;
    info->upper_bound = NAN;
    info->gap = NAN;
    info->engine_count = record->engine_count;
    info->worker_count = record->worker_count;
    info->workers_lost = record->workers_lost;
    info->seconds = 1e-9 * (double)(mxsi_now_ns() - result->begin_ns);
    info->simulations_done = record->simulations_done;
    info->simulations_per_second = info->seconds > 0.0 ? (double)record->simulations_done / info->seconds : 0.0;
    info->warning_count = record->warnings.count;
    info->warnings = record->warnings.items;
    return MXS_OK;
}
