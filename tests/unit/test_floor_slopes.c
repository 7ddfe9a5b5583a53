/* The other promise of volatility_floor.h: a simulation whose Sharpe ratio in double reaches the bar is never ruled
 * out, whatever bar the simulations themselves have set, in whatever form and order the slope is summed up. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "engines/cpu/evaluators/drawn_block.h"
#include "maxsharpe/search.h"
#include "problem/portfolio.h"
#include "sampling/draw.h"
#include "sampling/rescore.h"
#include "screening/screen_bound.h"
#include "screening/volatility_floor.h"
#include "support/built_problem.h"
#include "support/hard_markets.h"
#include "support/made_market.h"

enum { MAX_K = 64, ATTEMPTS = 96, BARS = 16 };

/* One portfolio's attempts: weights times their sum and, of the rejection sampler, the spacings. */
struct bench {
    struct built_problem built;
    struct mxsi_volatility_floor floor;
    struct mxsi_rescorer rescorer;
    struct mxsi_drawn_block drawn;
    struct mxsi_drawn_block spacings;
    void *memory;
    uint32_t k;
    uint32_t assets[MAX_K];
    double sharpe[ATTEMPTS]; /* NaN: rejected */
    double weights[ATTEMPTS][MAX_K];
    const char *kind;
    uint64_t seed;
    uint32_t reached; /* pairs of a simulation and a bar */
    uint32_t ruled_out;
};

static struct bench bench;

static uintptr_t lay_out(uintptr_t at, void **floor_memory, void **rescorer_memory) {
    const struct mxsi_task *task = &bench.built.task;
    *floor_memory = mxsi_take_cache_lines(&at, mxsi_volatility_floor_size(task->problem->assets));
    *rescorer_memory = mxsi_take_cache_lines(&at, mxsi_rescorer_size(bench.k));
    at = mxsi_drawn_block_lay_out(&bench.drawn, task, at);
    return mxsi_drawn_block_lay_out(&bench.spacings, task, at);
}

static void begin(mxs_market *market, const asked *options) {
    build_problem(&bench.built, market, options);
    const struct mxsi_task *task = &bench.built.task;
    void *floor_memory = NULL;
    void *rescorer_memory = NULL;
    bench.k = bench.built.problem.assets_per_portfolio;
    assert_true(bench.k <= MAX_K);
    const size_t size = mxsi_whole_cache_lines((size_t)lay_out(0, &floor_memory, &rescorer_memory));
    bench.memory = aligned_alloc(64, size);
    assert_non_null(bench.memory);
    (void)lay_out((uintptr_t)bench.memory, &floor_memory, &rescorer_memory);
    mxsi_volatility_floor_init(&bench.floor, task->problem, task->screening, floor_memory);
    mxsi_rescorer_init(&bench.rescorer, task->problem, task->sampling, rescorer_memory);
    mxsi_drawn_block_init(&bench.drawn, task, mxsi_lanes_best());
    mxsi_drawn_block_init(&bench.spacings, task, mxsi_lanes_best());
}

static void end(void) {
    free(bench.memory);
    destroy_problem(&bench.built);
}

static void draw_portfolio(struct seeded_random *random) {
    const struct mxsi_problem *problem = &bench.built.problem;
    uint32_t chosen[MAX_K];
    const struct mxsi_block block = {
        .rank = random_below(random, problem->portfolios), .attempts = ATTEMPTS, .wanted = ATTEMPTS};
    mxsi_portfolio_assets(problem, block.rank, bench.assets, chosen);
    mxsi_drawn_block_draw(&bench.drawn, &block);
    if (bench.built.sampling.sampler == MXS_SAMPLER_REJECTION) {
        const struct mxsi_lanes_draw draw = mxsi_block_draw(&bench.built.task, &block);
        bench.spacings.lanes->draw_spacings(&draw, bench.spacings.x, bench.spacings.sum, bench.spacings.largest);
    }
    for (uint32_t attempt = 0; attempt < ATTEMPTS; ++attempt) {
        const struct mxsi_identity identity = {block.rank, 0, attempt};
        struct mxsi_score score = {0};
        const int outcome = mxsi_rescore(&bench.rescorer, &identity, &score);
        assert_true(outcome >= 0); /* nothing with a floor is without variance */
        memcpy(bench.weights[attempt], bench.rescorer.weights, bench.k * sizeof(double));
        bench.sharpe[attempt] = outcome > 0 ? (double)NAN : score.value;
    }
}

/* Sums of slope_i x_i: as the lanes do it, without fusing, and from the other end. */
enum { ORDERS = 3 };

static float sum_of(const float *slope, const float *x, int order) {
    float sum = 0.0f;
    for (uint32_t i = 0; i < bench.k; ++i) {
        const uint32_t at = order == 2 ? bench.k - 1 - i : i;
        const float factor = x[(size_t)at * MXSI_DRAWN_STRIDE];
        const float product = slope[at] * factor;
        sum = order == 1 ? sum + product : fmaf(slope[at], factor, sum);
    }
    return sum;
}

/* Weights times a sum, each spoilt by the largest error that a sampler may make, in the direction that hurts. */
static void assert_spoilt_weights_pass(const float *slope, uint32_t attempt, float bar) {
    float x[MAX_K];
    float sum = 0.0f;
    for (uint32_t i = 0; i < bench.k; ++i) {
        const double error = (bench.k + 9.0) * 0x1p-24; /* one more by the rounding below */
        x[i] = (float)(bench.weights[attempt][i] * bench.k * (slope[i] > 0.0f ? 1.0 - error : 1.0 + error));
        sum = fmaf(slope[i], x[i], sum);
    }
    if (!(sum >= 0.0f)) {
        fail_msg("%s, seed %llu, %u assets, attempt %u: the bar %.9g is reached, the slope of spoilt weights is %.9g",
                 bench.kind, (unsigned long long)bench.seed, bench.k, attempt, (double)bar, (double)sum);
    }
}

static void try_bar(float bar, int of_spacings) {
    const double scale = bench.built.screening.value_scale;
    const float *x = of_spacings ? bench.spacings.x : bench.drawn.x;
    float slope[MAX_K];
    mxsi_volatility_floor_set_bar(&bench.floor, bar);
    mxsi_volatility_floor_slope(&bench.floor, &bench.built.problem, bench.assets, of_spacings, slope);
    for (uint32_t attempt = 0; attempt < ATTEMPTS; ++attempt) {
        if (isnan(bench.sharpe[attempt])) {
            continue;
        }
        const int reaches = mxsi_screen_bar(bench.sharpe[attempt], scale) >= bar;
        if (reaches && !of_spacings) {
            assert_spoilt_weights_pass(slope, attempt, bar);
        }
        for (int order = 0; order < ORDERS; ++order) {
            const float sum = sum_of(slope, x + attempt, order);
            if (reaches && !(sum >= 0.0f)) {
                fail_msg(
                    "%s, seed %llu, sampler %u, %u assets, attempt %u: the Sharpe ratio %.17g reaches the bar %.9g, "
                    "the slope is %.9g (spacings %d, order %d)",
                    bench.kind, (unsigned long long)bench.seed, bench.built.sampling.sampler, bench.k, attempt,
                    bench.sharpe[attempt], (double)bar, (double)sum, of_spacings, order);
            }
            bench.reached += reaches != 0;
            bench.ruled_out += !(sum >= 0.0f);
        }
    }
}

/* Bars that a search could have: of these simulations, the best and the least among them, and around zero. */
static void try_bars(struct seeded_random *random) {
    const double scale = bench.built.screening.value_scale;
    double best = -HUGE_VAL;
    double least = HUGE_VAL;
    for (uint32_t attempt = 0; attempt < ATTEMPTS; ++attempt) {
        best = fmax(best, bench.sharpe[attempt]);
        least = fmin(least, bench.sharpe[attempt]);
    }
    double bars[BARS] = {best, least, 0.0, -0.0, fabs(best), -fabs(best), nextafter(best, -HUGE_VAL), best / 2};
    for (int i = 8; i < BARS; ++i) {
        bars[i] = bench.sharpe[random_below(random, ATTEMPTS)];
    }
    for (int i = 0; i < BARS; ++i) {
        for (int of_spacings = 0; of_spacings <= (bench.built.sampling.sampler == MXS_SAMPLER_REJECTION);
             ++of_spacings) {
            if (isfinite(bars[i])) {
                try_bar(mxsi_screen_bar(bars[i], scale), of_spacings);
                try_bar((float)(bars[i] / scale), of_spacings); /* as tight as a bar can be */
            }
        }
    }
}

/* K assets with one of the samplers. */
static asked random_options(struct seeded_random *random, size_t k) {
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = k;
    options.sampling.seed = random_word(random);
    switch (random_below(random, 6)) {
    case 0:
        options.problem.max_weight = fmin(1.0, 1.3 / (double)k);
        break;
    case 1:
        options.problem.min_weight = random_unit(random) / (double)k;
        break;
    case 2:
        options.problem.max_weight = fmin(1.0, (2.0 + log((double)k)) / (double)k);
        options.problem.min_weight = 0.1 / (double)k;
        break;
    case 3:
        options.problem.min_weight = 0.5 / (double)k;
        options.problem.max_weight = fmin(1.0, 1.1 / (double)k);
        break;
    case 4:
        options.problem.max_weight = 1.0 / (double)k; /* equal weights */
        break;
    default:
        break;
    }
    return options;
}

/* The risk-free rate decides the signs: far below every return, far above, or among them. */
static double random_risk_free(struct seeded_random *random, const mxs_market *market) {
    const mxs_market_info *info = mxs_market_describe(market);
    double largest = 0.0;
    for (size_t i = 0; i < info->assets; ++i) {
        largest = fmax(largest, fabs(info->mean[i]));
    }
    const double own = info->mean[random_below(random, info->assets)];
    switch (random_below(random, 4)) {
    case 0:
        return 252.0 * own * (1.0 + pow(10.0, random_between(random, -16.0, -2.0)));
    case 1:
        return 252.0 * own;
    default:
        return 252.0 * largest * random_between(random, -1.5, 1.5);
    }
}

static void try_market(struct seeded_random *random, mxs_market *market, size_t k) {
    asked options = random_options(random, k);
    options.problem.risk_free = random_risk_free(random, market);
    begin(market, &options);
    for (int i = 0; i < 4 && bench.built.screening.has_floor; ++i) {
        draw_portfolio(random);
        try_bars(random);
    }
    end();
}

static void try_markets(enum hard_market kind, const char *name, int count) {
    bench.kind = name;
    bench.reached = bench.ruled_out = 0;
    for (int i = 0; i < count; ++i) {
        bench.seed = 3000 + 200 * (uint64_t)kind + (uint64_t)i;
        struct seeded_random random = {bench.seed};
        const size_t n = i == 0 ? 1 : 2 + (size_t)random_below(&random, i % 8 == 0 ? MAX_K - 2 : 20);
        const size_t k = 1 + (size_t)random_below(&random, n);
        try_market(&random, make_hard_market(&random, kind, n), i % 2 == 0 ? n : k);
    }
    print_message("%s: the bar is reached %u times, %u are ruled out\n", name, bench.reached, bench.ruled_out);
    assert_true(bench.reached > 1000);
}

static void what_reaches_the_bar_is_never_ruled_out(void **state) {
    (void)state;
    try_markets(HARD_ONE_FACTOR, "one factor", 100);
    assert_true(bench.ruled_out > bench.reached / 4);
    try_markets(HARD_INDEPENDENT, "independent", 60);
    try_markets(HARD_OPPOSED, "opposed", 60);
    try_markets(HARD_SINGULAR, "singular", 100);
    try_markets(HARD_UNLIKE_SIZES, "unlike sizes", 100);
    try_markets(HARD_ROUNDED_MOMENTS, "rounded moments", 60);
}

/* The simulation that sets the bar lies on the plane itself. */
static void nor_where_the_floor_is_the_volatility_itself(void **state) {
    (void)state;
    try_markets(HARD_IN_STEP, "in step", 150);
    try_markets(HARD_NEARLY_IN_STEP, "nearly in step", 150);
}

/* Returns in proportion to volatilities, and all in step: every simulation has the same Sharpe ratio, but for the last
 * digits that decide. */
static void nor_where_all_simulations_tie(void **state) {
    (void)state;
    bench.kind = "ties";
    bench.reached = bench.ruled_out = 0;
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        struct seeded_random random = {seed};
        double mean[MAX_K];
        static double covariance[MAX_K * MAX_K];
        double volatility[MAX_K];
        const size_t n = 2 + (size_t)random_below(&random, MAX_K - 2);
        const double ratio = random_between(&random, -0.2, 0.3);
        for (size_t i = 0; i < n; ++i) {
            volatility[i] = 0.01 * random_between(&random, 0.1, 2.0);
            mean[i] = ratio * volatility[i];
        }
        for (size_t i = 0; i < n * n; ++i) {
            covariance[i] = volatility[i / n] * volatility[i % n];
        }
        bench.seed = seed;
        asked options = random_options(&random, n);
        options.problem.risk_free = 0.0;
        begin(market_of_moments(mean, covariance, n), &options);
        assert_true(bench.built.screening.has_floor);
        draw_portfolio(&random);
        try_bars(&random);
        end();
    }
    assert_true(bench.reached > 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_reaches_the_bar_is_never_ruled_out),
        cmocka_unit_test(nor_where_the_floor_is_the_volatility_itself),
        cmocka_unit_test(nor_where_all_simulations_tie),
    };
    return cmocka_run_group_tests_name("floor slopes", tests, NULL, NULL);
}
