#include "api/result.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/errors.h"
#include "sampling/rescore.h"

struct mxs_result {
    mxsi_arena *arena;
    struct mxsi_backend_outcome outcome;
    struct timespec begin;
    mxs_result_info info;
};

mxs_status mxsi_result_create(uint32_t top, mxs_result **result, mxs_error *error) {
    *result = NULL;
    mxsi_arena *arena = mxsi_arena_create();
    mxs_result *made = arena == NULL ? NULL : mxsi_arena_allocate(arena, 1, sizeof *made);
    struct mxsi_leaders *leaders = made == NULL ? NULL : mxsi_arena_allocate(arena, 1, mxsi_leaders_size(top));
    if (leaders == NULL) {
        mxsi_arena_destroy(arena);
        return mxsi_fail_memory(error, "the result");
    }
    mxsi_leaders_init(leaders, top);
    made->arena = arena;
    made->outcome.arena = arena;
    made->outcome.leaders = leaders;
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

void mxsi_result_begin(mxs_result *result) {
    (void)clock_gettime(CLOCK_MONOTONIC, &result->begin);
}

struct mxsi_backend_outcome *mxsi_result_outcome(mxs_result *result) {
    return &result->outcome;
}

static mxs_status describe_leaders(mxs_result *result, const struct mxsi_inputs *inputs, mxs_error *error) {
    const struct mxsi_leaders *leaders = result->outcome.leaders;
    const size_t k = inputs->problem->assets_per_portfolio;
    const size_t count = leaders->count;
    mxs_portfolio *top = mxsi_arena_allocate(result->arena, count, sizeof *top);
    size_t *assets = mxsi_arena_allocate(result->arena, count, k * sizeof *assets);
    double *weights = mxsi_arena_allocate(result->arena, count, k * sizeof *weights);
    void *memory = mxsi_arena_allocate(result->arena, 1, mxsi_rescorer_size((uint32_t)k));
    if (top == NULL || assets == NULL || weights == NULL || memory == NULL) {
        return mxsi_fail_memory(error, "the result");
    }
    struct mxsi_rescorer rescorer;
    mxsi_rescorer_init(&rescorer, inputs, memory);
    for (size_t i = 0; i < count; ++i) {
        const struct mxsi_identity *identity = &leaders->items[i].identity;
        mxs_portfolio *portfolio = &top[i];
        if (mxsi_rescore(&rescorer, identity, &portfolio->expected_return, &portfolio->volatility,
                         &portfolio->sharpe) != 0 ||
            portfolio->sharpe != leaders->items[i].sharpe) {
            return mxsi_fail(error, MXS_ERROR_RUN, "the winner does not reproduce: this is a bug in maxsharpe");
        }
        portfolio->rank = identity->rank;
        portfolio->tile = identity->tile;
        portfolio->attempt = identity->attempt;
        portfolio->assets = memcpy(assets + i * k, rescorer.assets, k * sizeof *assets);
        portfolio->weights = memcpy(weights + i * k, rescorer.weights, k * sizeof *weights);
    }
    result->info.top = top;
    result->info.top_count = count;
    return MXS_OK;
}

/* Where none does, the problem has said so before the run. */
static int some_asset_beats_risk_free(const struct mxsi_inputs *inputs) {
    for (uint32_t i = 0; i < inputs->problem->assets; ++i) {
        if (inputs->excess[i] > 0.0f) {
            return 1;
        }
    }
    return 0;
}

mxs_status mxsi_result_finish(mxs_result *result, const char *backend, const struct mxsi_inputs *inputs,
                              mxs_error *error) {
    struct mxsi_backend_outcome *outcome = &result->outcome;
    const mxs_status status = describe_leaders(result, inputs, error);
    if (status != MXS_OK) {
        return status;
    }
    mxs_result_info *info = &result->info;
    if (outcome->complete && info->top[0].sharpe < 0.0 && some_asset_beats_risk_free(inputs) &&
        mxsi_lines_append(result->arena, &outcome->warnings,
                          "every simulated portfolio returns less than the risk-free rate: the best Sharpe ratio is "
                          "negative, the least bad one") != 0) {
        return mxsi_fail_memory(error, "the result");
    }
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    info->seconds = (double)(now.tv_sec - result->begin.tv_sec) + 1e-9 * (double)(now.tv_nsec - result->begin.tv_nsec);
    info->complete = outcome->complete;
    info->backend = backend;
    info->evaluator = outcome->evaluator;
    info->kernel = outcome->kernel;
    info->worker_count = outcome->worker_count;
    info->workers = outcome->workers;
    info->workers_lost = outcome->workers_lost;
    info->simulations_done = outcome->simulations_done;
    info->simulations_per_second = info->seconds > 0.0 ? (double)outcome->simulations_done / info->seconds : 0.0;
    info->warning_count = outcome->warnings.count;
    info->warnings = outcome->warnings.items;
    return MXS_OK;
}
