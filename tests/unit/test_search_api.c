/* Searches through the public API: what a result holds can be reproduced from its numbers alone. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "support/built_problem.h"

enum { ASSETS = 9, MAX_K = 9 };

static mxs_market *market;

static int make_market(void **state) {
    (void)state;
    struct seeded_random random = {9};
    market = random_market(&random, ASSETS, 2);
    return 0;
}

static int destroy_market(void **state) {
    (void)state;
    mxs_market_destroy(market);
    return 0;
}

static mxs_search *make_search(const asked *options) {
    mxs_search *search = NULL;
    mxs_error error = {.message = ""};
    if (mxs_search_create(market, options, &search, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    return search;
}

static mxs_result *run(mxs_search *search) {
    mxs_result *result = NULL;
    mxs_error error = {.message = ""};
    if (mxs_search_run(search, &result, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    assert_non_null(result);
    return result;
}

static asked options_of(size_t k, double min_weight, double max_weight) {
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = k;
    options.problem.min_weight = min_weight;
    options.problem.max_weight = max_weight;
    options.sampling.simulations = 1500;
    options.run.workers = 2;
    options.run.backend = MXS_BACKEND_CPU;
    options.problem.top = 5;
    options.sampling.seed = 20240801;
    return options;
}

static void assert_same_double(double a, double b) {
    assert_memory_equal(&a, &b, sizeof a);
}

/* A portfolio of a result, made again from its identity and evaluated again: the same in all bits. */
static void assert_reproduces(const mxs_search *search, const mxs_portfolio *portfolio) {
    const mxs_problem *problem = mxs_search_problem(search);
    const size_t k = problem->assets_per_portfolio;
    size_t assets[MAX_K];
    double weights[MAX_K];
    mxs_error error = {.message = ""};
    if (mxs_search_simulation(search, portfolio->rank, portfolio->tile, portfolio->attempt, assets, weights, &error) !=
        MXS_OK) {
        fail_msg("%s", error.message);
    }
    assert_memory_equal(assets, portfolio->assets, k * sizeof *assets);
    assert_memory_equal(weights, portfolio->weights, k * sizeof *weights);
    double expected_return = 0.0;
    double volatility = 0.0;
    double sharpe = 0.0;
    assert_int_equal(mxs_market_evaluate(market, assets, weights, k, problem->risk_free, problem->periods_per_year,
                                         &expected_return, &volatility, &sharpe, NULL),
                     MXS_OK);
    assert_same_double(expected_return, portfolio->expected_return);
    assert_same_double(volatility, portfolio->volatility);
    assert_same_double(sharpe, portfolio->sharpe);
}

static void every_leader_reproduces_from_rank_tile_and_attempt(void **state) {
    (void)state;
    static const double BOUNDS[][2] = {{0.0, 1.0}, {0.0, 0.4}, {0.05, 0.6}, {0.0, 0.22}, {0.1, 0.23}, {0.2, 0.2}};
    for (size_t i = 0; i < sizeof BOUNDS / sizeof *BOUNDS; ++i) {
        asked options = options_of(5, BOUNDS[i][0], BOUNDS[i][1]);
        options.sampling.draws = i % 2 == 0 ? MXS_DRAWS_FRESH : MXS_DRAWS_SHARED;
        mxs_search *search = make_search(&options);
        mxs_result *result = run(search);
        const mxs_result_info *info = mxs_result_describe(result);
        assert_int_equal(info->complete, 1);
        assert_int_equal(info->top_count, 5);
        assert_true(info->simulations_done == mxs_search_problem(search)->simulations_total);
        for (size_t p = 0; p < info->top_count; ++p) {
            assert_reproduces(search, &info->top[p]);
            assert_true(p == 0 || info->top[p].sharpe <= info->top[p - 1].sharpe);
        }
        mxs_result_destroy(result);
        mxs_search_destroy(search);
    }
}

static void a_rejected_attempt_is_no_simulation(void **state) {
    (void)state;
    const asked options = options_of(5, 0.0, 0.4); /* acceptance 0.4 */
    mxs_search *search = make_search(&options);
    assert_int_equal(mxs_search_problem(search)->sampler, MXS_SAMPLER_REJECTION);
    uint32_t accepted = 0;
    for (uint32_t attempt = 0; attempt < 400; ++attempt) {
        size_t assets[MAX_K];
        double weights[MAX_K];
        mxs_error error = {.message = ""};
        const mxs_status status = mxs_search_simulation(search, 3, 0, attempt, assets, weights, &error);
        if (status == MXS_OK) {
            ++accepted;
            for (int i = 0; i < 5; ++i) {
                assert_true(weights[i] <= 0.4);
            }
        } else {
            assert_int_equal(status, MXS_ERROR_ARGUMENT);
            assert_non_null(strstr(error.message, "of tile 0 of portfolio 3 was rejected"));
        }
    }
    const double expected = 400.0 * mxs_search_problem(search)->acceptance;
    assert_true(fabs(accepted - expected) < 60.0); /* five deviations of 10 */
    mxs_search_destroy(search);
}

/* A tile of 200 simulations: attempts count until 200 were accepted, and none after them. */
static void attempts_after_a_full_tile_are_no_simulations(void **state) {
    (void)state;
    static const double caps[] = {0.4, 0.25}; /* rejection; fixed sum */
    for (int i = 0; i < 2; ++i) {
        asked options = options_of(5, 0.0, caps[i]);
        options.sampling.simulations = 200;
        mxs_search *search = make_search(&options);
        uint32_t accepted = 0;
        for (uint32_t attempt = 0; attempt < 1000; ++attempt) {
            size_t assets[MAX_K];
            double weights[MAX_K];
            accepted += mxs_search_simulation(search, 3, 0, attempt, assets, weights, NULL) == MXS_OK;
        }
        assert_int_equal(accepted, 200);
        size_t assets[MAX_K];
        double weights[MAX_K];
        mxs_error error = {.message = ""};
        assert_int_equal(mxs_search_simulation(search, 3, 0, UINT32_MAX, assets, weights, &error), MXS_ERROR_ARGUMENT);
        assert_non_null(strstr(error.message, "is full before attempt 4294967295"));
        mxs_search_destroy(search);
    }
}

static void simulations_that_there_are_not_are_named(void **state) {
    (void)state;
    asked options = options_of(5, 0.0, 1.0);
    options.sampling.first_portfolio = 10;
    options.sampling.end_portfolio = 20;
    mxs_search *search = make_search(&options);
    size_t assets[MAX_K];
    double weights[MAX_K];
    mxs_error error = {.message = ""};
    assert_int_equal(mxs_search_simulation(search, 126, 0, 0, assets, weights, &error), MXS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "portfolio 126"));
    assert_non_null(strstr(error.message, "there are 126"));
    assert_int_equal(mxs_search_simulation(search, UINT64_MAX, 0, 0, assets, weights, &error), MXS_ERROR_ARGUMENT);
    assert_int_equal(mxs_search_simulation(search, 0, 2, 0, assets, weights, &error), MXS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "tile 2"));
    /* Any portfolio of the problem can be asked for, also outside the range that is searched. */
    assert_int_equal(mxs_search_simulation(search, 125, 1, 0, assets, weights, &error), MXS_OK);
    mxs_search_destroy(search);
}

static void assert_same_top(const mxs_result *left, const mxs_result *right, size_t k) {
    const mxs_result_info *a = mxs_result_describe(left);
    const mxs_result_info *b = mxs_result_describe(right);
    assert_int_equal(a->top_count, b->top_count);
    for (size_t i = 0; i < a->top_count; ++i) {
        assert_same_double(a->top[i].sharpe, b->top[i].sharpe);
        assert_true(a->top[i].rank == b->top[i].rank && a->top[i].tile == b->top[i].tile &&
                    a->top[i].attempt == b->top[i].attempt);
        assert_memory_equal(a->top[i].weights, b->top[i].weights, k * sizeof(double));
    }
}

static void searches_live_side_by_side_and_run_again(void **state) {
    (void)state;
    const asked options = options_of(5, 0.0, 0.4);
    asked other_options = options;
    other_options.sampling.seed = 7;
    mxs_search *search = make_search(&options);
    mxs_search *other = make_search(&other_options);
    mxs_result *first = run(search);
    mxs_result *other_result = run(other);
    mxs_search_destroy(other);
    mxs_result *second = run(search);
    assert_same_top(first, second, 5);
    assert_true(mxs_result_describe(other_result)->top[0].sharpe != mxs_result_describe(first)->top[0].sharpe);
    mxs_search_destroy(search); /* results outlive their search */
    assert_same_top(first, second, 5);
    mxs_result_destroy(first);
    mxs_result_destroy(second);
    mxs_result_destroy(other_result);
}

static void options_are_copied_with_the_tickers_to_include(void **state) {
    (void)state;
    asked options = options_of(4, 0.0, 1.0);
    char *ticker = strdup("A7");
    const char **include = malloc(sizeof *include);
    assert_non_null(ticker);
    assert_non_null(include);
    include[0] = ticker;
    options.problem.include = include;
    options.problem.include_count = 1;
    mxs_search *search = make_search(&options);
    memset(ticker, 'x', 2);
    free(ticker);
    free(include);
    memset(&options, 0xa5, sizeof options);
    mxs_result *result = run(search);
    const mxs_result_info *info = mxs_result_describe(result);
    for (size_t p = 0; p < info->top_count; ++p) {
        int has = 0;
        for (int i = 0; i < 4; ++i) {
            has |= info->top[p].assets[i] == 6;
        }
        assert_true(has);
    }
    mxs_result_destroy(result);
    mxs_search_destroy(search);
}

static void no_more_portfolios_are_reported_than_there_are(void **state) {
    (void)state;
    asked options = options_of(8, 0.0, 1.0);
    options.problem.top = 10000;
    options.sampling.first_portfolio = 2;
    options.sampling.end_portfolio = 6;
    mxs_search *search = make_search(&options);
    mxs_result *result = run(search);
    const mxs_result_info *info = mxs_result_describe(result);
    assert_int_equal(info->top_count, 4);
    uint64_t seen = 0;
    for (size_t p = 0; p < 4; ++p) {
        assert_true(info->top[p].rank >= 2 && info->top[p].rank < 6);
        seen |= UINT64_C(1) << info->top[p].rank;
    }
    assert_int_equal(seen, 0x3c);
    mxs_result_destroy(result);
    mxs_search_destroy(search);
}

static void a_negative_best_is_reported_with_a_warning(void **state) {
    (void)state;
    asked options = options_of(5, 0.0, 1.0);
    options.problem.risk_free = 3.0;
    mxs_search *search = make_search(&options);
    assert_int_equal(mxs_search_problem(search)->warning_count, 1);
    assert_non_null(strstr(mxs_search_problem(search)->warnings[0], "negative"));
    mxs_result *result = run(search);
    const mxs_result_info *info = mxs_result_describe(result);
    assert_true(info->top[0].sharpe < 0.0);
    assert_int_equal(info->warning_count, 0); /* it was known, and said, before the run */
    mxs_result_destroy(result);
    mxs_search_destroy(search);
}

/* The best 5 of 4 of 7 assets of the given means, by so many workers with chunks of so many tiles. */
static mxs_result *run_flat(const double *mean, double risk_free, unsigned workers, uint64_t chunk_tiles) {
    enum { N = 7 };
    double covariance[N * N];
    for (size_t i = 0; i < N * (size_t)N; ++i) {
        covariance[i] = i % (N + 1) == 0 ? 1e-4 : 3e-5;
    }
    mxs_market *flat = NULL;
    assert_int_equal(mxs_market_create_from_moments(mean, covariance, N, NULL, &flat, NULL), MXS_OK);
    asked options = options_of(4, 0.0, 1.0);
    options.problem.risk_free = risk_free;
    options.run.workers = workers;
    options.run.chunk_tiles = chunk_tiles;
    mxs_search *search = NULL;
    assert_int_equal(mxs_search_create(flat, &options, &search, NULL), MXS_OK);
    mxs_result *result = run(search);
    mxs_search_destroy(search);
    mxs_market_destroy(flat);
    return result;
}

/* Returns that are the risk-free rate but for rounding: the best is decided by the last bits of the double
 * computation, which float cannot see, and still does not depend on how the work is cut. */
static void the_best_of_nearly_riskless_returns_is_the_same_however_the_work_is_cut(void **state) {
    (void)state;
    const uint64_t seed = 81;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct seeded_random random = {seed};
    for (int round = 0; round < 8; ++round) {
        double mean[7];
        const double risk_free = random_between(&random, 0.01, 0.3);
        for (size_t i = 0; i < 7; ++i) {
            mean[i] = risk_free / 252.0 * (1.0 + 2e-15 * random_between(&random, -1.0, 1.0));
        }
        mxs_result *whole = run_flat(mean, risk_free, 1, 1000);
        mxs_result *pieces = run_flat(mean, risk_free, 3, 1);
        assert_same_top(whole, pieces, 4);
        mxs_result_destroy(whole);
        mxs_result_destroy(pieces);
    }
}

static void destroying_nothing_is_fine(void **state) {
    (void)state;
    mxs_search_destroy(NULL);
    mxs_result_destroy(NULL);
    mxs_market_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_leader_reproduces_from_rank_tile_and_attempt),
        cmocka_unit_test(a_rejected_attempt_is_no_simulation),
        cmocka_unit_test(attempts_after_a_full_tile_are_no_simulations),
        cmocka_unit_test(simulations_that_there_are_not_are_named),
        cmocka_unit_test(searches_live_side_by_side_and_run_again),
        cmocka_unit_test(options_are_copied_with_the_tickers_to_include),
        cmocka_unit_test(no_more_portfolios_are_reported_than_there_are),
        cmocka_unit_test(a_negative_best_is_reported_with_a_warning),
        cmocka_unit_test(the_best_of_nearly_riskless_returns_is_the_same_however_the_work_is_cut),
        cmocka_unit_test(destroying_nothing_is_fine),
    };
    return cmocka_run_group_tests_name("search API", tests, make_market, destroy_market);
}
