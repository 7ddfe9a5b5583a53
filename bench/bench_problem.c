#include "bench_problem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/problem_build.h"
#include "base/arena.h"
#include "run/segment.h"
#include "sampling/rescore.h"
#include "screening/screen_bound.h"

struct bench_problem {
    const mxs_market *market;
    mxs_search_options options;
    mxsi_arena *arena;
    struct mxsi_problem problem;
    struct mxsi_segment *segment;
    struct mxsi_inputs inputs; /* they point into the segment */
    struct mxsi_rescorer rescorer;
};

void bench_problem_destroy(struct bench_problem *problem) {
    if (problem != NULL) {
        mxsi_segment_destroy(problem->segment);
        mxsi_arena_destroy(problem->arena);
        free(problem);
    }
}

static int fill_segment(struct bench_problem *made, mxs_error *error) {
    struct mxsi_inputs built = {0};
    const mxs_market_info *market = mxs_market_describe(made->market);
    if (mxsi_problem_build(market, &made->options, made->arena, &made->problem, &built, error) != MXS_OK) {
        return -1;
    }
    const struct mxsi_plan plan = mxsi_plan_make(&made->problem, 0, 1);
    if (mxsi_segment_create(&built, market->periods, &plan, 1, &made->segment, error) != MXS_OK) {
        return -1;
    }
    made->inputs = mxsi_segment_inputs(made->segment);
    void *memory = mxsi_arena_allocate(made->arena, 1, mxsi_rescorer_size(made->problem.assets_per_portfolio));
    if (memory == NULL) {
        return -1;
    }
    mxsi_rescorer_init(&made->rescorer, &made->inputs, memory);
    return 0;
}

struct bench_problem *bench_problem_create(const mxs_market *market, const mxs_search_options *options) {
    mxs_error error = {.message = "not enough memory"};
    struct bench_problem *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->market = market;
        made->options = *options;
        made->arena = mxsi_arena_create();
        if (made->arena != NULL && fill_segment(made, &error) == 0) {
            return made;
        }
    }
    (void)fprintf(stderr, "bench_gpu: %s\n", error.message);
    bench_problem_destroy(made);
    return NULL;
}

struct mxsi_inputs bench_problem_inputs(const struct bench_problem *problem) {
    return problem->inputs;
}

void *bench_problem_segment(const struct bench_problem *problem, size_t *size) {
    *size = problem->segment->size;
    return problem->segment;
}

int bench_cpu_winner(const struct bench_problem *problem, uint64_t portfolios, struct bench_winner *winner) {
    mxs_search_options options = problem->options;
    options.backend = MXS_BACKEND_CPU;
    options.end_portfolio = options.first_portfolio + portfolios;
    mxs_error error = {.message = ""};
    mxs_search *search = NULL;
    mxs_result *result = NULL;
    const int failed = mxs_search_create(problem->market, &options, &search, &error) != MXS_OK ||
                       mxs_search_run(search, &result, &error) != MXS_OK;
    if (failed) {
        (void)fprintf(stderr, "bench_gpu: on the CPU: %s\n", error.message);
    } else {
        const mxs_portfolio *best = &mxs_result_describe(result)->top[0];
        *winner = (struct bench_winner){
            .is_set = 1,
            .sharpe = best->sharpe,
            .identity = {.rank = best->rank, .tile = best->tile, .attempt = best->attempt},
        };
    }
    mxs_result_destroy(result);
    mxs_search_destroy(search);
    return failed ? -1 : 0;
}

static int is_better(const struct bench_winner *a, const struct bench_winner *b) {
    if (!b->is_set || a->sharpe != b->sharpe) {
        return !b->is_set || a->sharpe > b->sharpe;
    }
    if (a->identity.rank != b->identity.rank) {
        return a->identity.rank < b->identity.rank;
    }
    if (a->identity.tile != b->identity.tile) {
        return a->identity.tile < b->identity.tile;
    }
    return a->identity.attempt < b->identity.attempt;
}

int bench_decide(struct bench_problem *problem, uint64_t unit, uint32_t attempt, struct bench_winner *winner) {
    const uint64_t tiles = problem->problem.tiles_per_portfolio;
    struct bench_winner candidate = {
        .is_set = 1,
        .identity = {.rank = problem->problem.first_portfolio + unit / tiles,
                     .tile = (uint32_t)(unit % tiles),
                     .attempt = attempt},
    };
    double expected_return = 0.0;
    double volatility = 0.0;
    if (mxsi_rescore(&problem->rescorer, &candidate.identity, &expected_return, &volatility, &candidate.sharpe) != 0) {
        return -1;
    }
    if (is_better(&candidate, winner)) {
        *winner = candidate;
    }
    return 0;
}

float bench_bar(const struct bench_problem *problem, const struct bench_winner *winner) {
    return mxsi_screen_bar(winner->is_set ? winner->sharpe : -HUGE_VAL, problem->problem.sharpe_scale);
}

int bench_same_winner(const struct bench_winner *left, const struct bench_winner *right) {
    return left->is_set && right->is_set && left->sharpe == right->sharpe &&
           left->identity.rank == right->identity.rank && left->identity.tile == right->identity.tile &&
           left->identity.attempt == right->identity.attempt;
}

/* Between -1 and 1 (SplitMix64). */
static double next_number(uint64_t *state) {
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return (double)(z >> 11) * 0x1p-52 - 1.0;
}

/* A factor that all assets share, and a risk of their own, so that the covariance is positive definite. */
mxs_market *bench_made_market(size_t assets) {
    mxs_error error = {.message = "not enough memory"};
    mxs_market *market = NULL;
    double *mean = calloc(assets, sizeof *mean);
    double *loading = calloc(assets, sizeof *loading);
    double *covariance = calloc(assets * assets, sizeof *covariance);
    uint64_t state = 500;
    for (size_t i = 0; mean != NULL && loading != NULL && i < assets; ++i) {
        mean[i] = 0.0004 + 0.0004 * next_number(&state);
        loading[i] = 0.01 + 0.004 * next_number(&state);
    }
    for (size_t i = 0; mean != NULL && loading != NULL && covariance != NULL && i < assets; ++i) {
        for (size_t j = 0; j < assets; ++j) {
            covariance[i * assets + j] = loading[i] * loading[j] * (i == j ? 2.5 : 1.0);
        }
    }
    if (mean == NULL || loading == NULL || covariance == NULL ||
        mxs_market_create_from_moments(mean, covariance, assets, NULL, &market, &error) != MXS_OK) {
        (void)fprintf(stderr, "bench_gpu: %s\n", error.message);
    }
    free(mean);
    free(loading);
    free(covariance);
    return market;
}
