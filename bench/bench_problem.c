#include "bench_problem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "problem/problem_build.h"
#include "run/task_image.h"
#include "sampling/rescore.h"
#include "sampling/sampling_build.h"
#include "screening/screen_bound.h"
#include "screening/screening_build.h"
#include "support/seeded_random.h"

struct bench_problem {
    const mxs_market *market;
    struct bench_request request;
    mxsi_arena *arena;
    struct mxsi_task_image image;
    struct mxsi_task task; /* its parts point into the image */
    struct mxsi_rescorer rescorer;
};

void bench_problem_destroy(struct bench_problem *problem) {
    if (problem != NULL) {
        mxsi_task_image_destroy(&problem->image);
        mxsi_arena_destroy(problem->arena);
        free(problem);
    }
}

static int make_image(struct bench_problem *made, mxs_error *error) {
    struct mxsi_problem problem;
    struct mxsi_sampling sampling;
    struct mxsi_screening screening;
    const struct mxsi_task built = {&problem, &sampling, &screening};
    if (mxsi_problem_build(mxs_market_describe(made->market), &made->request.problem, made->arena, &problem, error) !=
            MXS_OK ||
        mxsi_sampling_build(&problem, &made->request.sampling, made->arena, &sampling, error) != MXS_OK ||
        mxsi_screening_build(&problem, made->arena, &screening, error) != MXS_OK ||
        mxsi_task_image_create(&built, &made->image, error) != MXS_OK) {
        return -1;
    }
    made->task = mxsi_task_image_read(&made->image);
    void *memory = mxsi_arena_allocate(made->arena, 1, mxsi_rescorer_size(problem.assets_per_portfolio));
    if (memory == NULL) {
        return -1;
    }
    mxsi_rescorer_init(&made->rescorer, made->task.problem, made->task.sampling, memory);
    return 0;
}

struct bench_problem *bench_problem_create(const mxs_market *market, const struct bench_request *request) {
    mxs_error error = {.message = "not enough memory"};
    struct bench_problem *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->market = market;
        made->request = *request;
        made->image.shared.descriptor = -1;
        made->arena = mxsi_arena_create();
        if (made->arena != NULL && make_image(made, &error) == 0) {
            return made;
        }
    }
    (void)fprintf(stderr, "bench_gpu: %s\n", error.message);
    bench_problem_destroy(made);
    return NULL;
}

struct mxsi_task bench_problem_task(const struct bench_problem *problem) {
    return problem->task;
}

void *bench_problem_image(const struct bench_problem *problem, size_t *size) {
    *size = problem->image.shared.size;
    return problem->image.shared.bytes;
}

int bench_cpu_winner(const struct bench_problem *problem, uint64_t portfolios, struct bench_winner *winner) {
    struct bench_request request = problem->request;
    request.run.backend = MXS_BACKEND_CPU;
    request.sampling.end_portfolio = request.sampling.first_portfolio + portfolios;
    mxs_error error = {.message = ""};
    mxs_problem *asked = NULL;
    mxs_search *search = NULL;
    mxs_result *result = NULL;
    const int failed = mxs_problem_create(problem->market, &request.problem, &asked, &error) != MXS_OK ||
                       mxs_search_create(asked, &request.sampling, &search, &error) != MXS_OK ||
                       mxs_search_run(search, &request.run, &result, &error) != MXS_OK;
    if (failed) {
        (void)fprintf(stderr, "bench_gpu: on the CPU: %s\n", error.message);
    } else {
        const mxs_portfolio *best = mxs_result_portfolio(result, 0);
        *winner = (struct bench_winner){
            .is_set = 1,
            .sharpe = best->sharpe,
            .identity = {.rank = best->rank, .tile = best->tile, .attempt = best->attempt},
        };
    }
    mxs_result_destroy(result);
    mxs_search_destroy(search);
    mxs_problem_destroy(asked);
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
    const uint64_t tiles = problem->task.sampling->tiles_per_portfolio;
    struct bench_winner candidate = {
        .is_set = 1,
        .identity = {.rank = problem->task.sampling->first_portfolio + unit / tiles,
                     .tile = (uint32_t)(unit % tiles),
                     .attempt = attempt},
    };
    struct mxsi_score score = {0};
    if (mxsi_rescore(&problem->rescorer, &candidate.identity, &score) != 0) {
        return -1;
    }
    candidate.sharpe = score.value;
    if (is_better(&candidate, winner)) {
        *winner = candidate;
    }
    return 0;
}

float bench_bar(const struct bench_problem *problem, const struct bench_winner *winner) {
    return mxsi_screen_bar(winner->is_set ? winner->sharpe : -HUGE_VAL, problem->task.screening->value_scale);
}

int bench_same_winner(const struct bench_winner *left, const struct bench_winner *right) {
    return left->is_set && right->is_set && left->sharpe == right->sharpe &&
           left->identity.rank == right->identity.rank && left->identity.tile == right->identity.tile &&
           left->identity.attempt == right->identity.attempt;
}

/* A factor that all assets share, and a risk of their own, so that the covariance is positive definite. */
mxs_market *bench_made_market(size_t assets) {
    mxs_error error = {.message = "not enough memory"};
    mxs_market *market = NULL;
    double *mean = calloc(assets, sizeof *mean);
    double *loading = calloc(assets, sizeof *loading);
    double *covariance = calloc(assets * assets, sizeof *covariance);
    struct seeded_random random = {500};
    for (size_t i = 0; mean != NULL && loading != NULL && i < assets; ++i) {
        mean[i] = 0.0004 + 0.0004 * random_between(&random, -1.0, 1.0);
        loading[i] = 0.01 + 0.004 * random_between(&random, -1.0, 1.0);
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
