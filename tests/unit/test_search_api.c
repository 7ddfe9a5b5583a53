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
#include "support/conformance_runs.h"
#include "support/made_market.h"

enum { ASSETS = 9, MAX_K = 9 };

static mxs_market *market;

static int create_market(void **state) {
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

static trial make_trial(const asked *options) {
    trial made;
    mxs_error error = {.message = ""};
    if (trial_create(market, options, &made, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    return made;
}

static mxs_result *run(const trial *made) {
    mxs_result *result = NULL;
    mxs_error error = {.message = ""};
    if (trial_run(made, &result, &error) != MXS_OK) {
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
static void assert_reproduces(const trial *made, const mxs_portfolio *portfolio) {
    const mxs_problem_info *problem = mxs_problem_describe(made->problem);
    const size_t k = problem->assets_per_portfolio;
    size_t assets[MAX_K];
    double weights[MAX_K];
    mxs_error error = {.message = ""};
    if (mxs_search_simulation(made->search, portfolio->rank, portfolio->tile, portfolio->attempt, assets, weights,
                              &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(portfolio->origin, MXS_ORIGIN_SIMULATED);
    assert_int_equal(portfolio->asset_count, k);
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
        trial made = make_trial(&options);
        mxs_result *result = run(&made);
        const mxs_result_info *info = mxs_result_describe(result);
        assert_int_equal(info->complete, 1);
        assert_int_equal(info->portfolio_count, 5);
        assert_true(info->simulations_done == mxs_search_describe(made.search)->simulations_total);
        for (size_t p = 0; p < info->portfolio_count; ++p) {
            const mxs_portfolio *portfolio = mxs_result_portfolio(result, p);
            assert_reproduces(&made, portfolio);
            assert_true(p == 0 || portfolio->sharpe <= mxs_result_portfolio(result, p - 1)->sharpe);
        }
        assert_null(mxs_result_portfolio(result, info->portfolio_count));
        mxs_result_destroy(result);
        trial_release(&made);
    }
}

static void a_rejected_attempt_is_no_simulation(void **state) {
    (void)state;
    const asked options = options_of(5, 0.0, 0.4); /* acceptance 0.4 */
    trial made = make_trial(&options);
    assert_int_equal(mxs_search_describe(made.search)->sampler, MXS_SAMPLER_REJECTION);
    uint32_t accepted = 0;
    for (uint32_t attempt = 0; attempt < 400; ++attempt) {
        size_t assets[MAX_K];
        double weights[MAX_K];
        mxs_error error = {.message = ""};
        const mxs_status status = mxs_search_simulation(made.search, 3, 0, attempt, assets, weights, &error);
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
    const double expected = 400.0 * mxs_search_describe(made.search)->acceptance;
    assert_true(fabs(accepted - expected) < 60.0); /* five deviations of 10 */
    trial_release(&made);
}

/* A tile of 200 simulations: attempts count until 200 were accepted, and none after them. */
static void attempts_after_a_full_tile_are_no_simulations(void **state) {
    (void)state;
    static const double caps[] = {0.4, 0.25}; /* rejection; fixed sum */
    for (int i = 0; i < 2; ++i) {
        asked options = options_of(5, 0.0, caps[i]);
        options.sampling.simulations = 200;
        trial made = make_trial(&options);
        uint32_t accepted = 0;
        for (uint32_t attempt = 0; attempt < 1000; ++attempt) {
            size_t assets[MAX_K];
            double weights[MAX_K];
            accepted += mxs_search_simulation(made.search, 3, 0, attempt, assets, weights, NULL) == MXS_OK;
        }
        assert_int_equal(accepted, 200);
        size_t assets[MAX_K];
        double weights[MAX_K];
        mxs_error error = {.message = ""};
        assert_int_equal(mxs_search_simulation(made.search, 3, 0, UINT32_MAX, assets, weights, &error),
                         MXS_ERROR_ARGUMENT);
        assert_non_null(strstr(error.message, "is full before attempt 4294967295"));
        trial_release(&made);
    }
}

static void simulations_that_there_are_not_are_named(void **state) {
    (void)state;
    asked options = options_of(5, 0.0, 1.0);
    options.sampling.first_portfolio = 10;
    options.sampling.end_portfolio = 20;
    trial made = make_trial(&options);
    size_t assets[MAX_K];
    double weights[MAX_K];
    mxs_error error = {.message = ""};
    assert_int_equal(mxs_search_simulation(made.search, 126, 0, 0, assets, weights, &error), MXS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "portfolio 126"));
    assert_non_null(strstr(error.message, "there are 126"));
    assert_int_equal(mxs_search_simulation(made.search, UINT64_MAX, 0, 0, assets, weights, &error), MXS_ERROR_ARGUMENT);
    assert_int_equal(mxs_search_simulation(made.search, 0, 2, 0, assets, weights, &error), MXS_ERROR_ARGUMENT);
    assert_non_null(strstr(error.message, "tile 2"));
    /* Any portfolio of the problem can be asked for, also outside the range that is searched. */
    assert_int_equal(mxs_search_simulation(made.search, 125, 1, 0, assets, weights, &error), MXS_OK);
    trial_release(&made);
}

static void searches_live_side_by_side_and_run_again(void **state) {
    (void)state;
    const asked options = options_of(5, 0.0, 0.4);
    asked other_options = options;
    other_options.sampling.seed = 7;
    trial made = make_trial(&options);
    trial other = make_trial(&other_options);
    mxs_result *first = run(&made);
    mxs_result *other_result = run(&other);
    trial_release(&other);
    mxs_result *second = run(&made);
    assert_same_leaders(first, second);
    assert_true(mxs_result_portfolio(other_result, 0)->sharpe != mxs_result_portfolio(first, 0)->sharpe);
    trial_release(&made); /* results outlive their search */
    assert_same_leaders(first, second);
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
    trial made = make_trial(&options);
    memset(ticker, 'x', 2);
    free(ticker);
    free(include);
    memset(&options, 0xa5, sizeof options);
    mxs_result *result = run(&made);
    const mxs_result_info *info = mxs_result_describe(result);
    for (size_t p = 0; p < info->portfolio_count; ++p) {
        int has = 0;
        for (int i = 0; i < 4; ++i) {
            has |= mxs_result_portfolio(result, p)->assets[i] == 6;
        }
        assert_true(has);
    }
    mxs_result_destroy(result);
    trial_release(&made);
}

static void no_more_portfolios_are_reported_than_there_are(void **state) {
    (void)state;
    asked options = options_of(8, 0.0, 1.0);
    options.problem.top = 10000;
    options.sampling.first_portfolio = 2;
    options.sampling.end_portfolio = 6;
    trial made = make_trial(&options);
    mxs_result *result = run(&made);
    const mxs_result_info *info = mxs_result_describe(result);
    assert_int_equal(info->portfolio_count, 4);
    uint64_t seen = 0;
    for (size_t p = 0; p < 4; ++p) {
        const uint64_t rank = mxs_result_portfolio(result, p)->rank;
        assert_true(rank >= 2 && rank < 6);
        seen |= UINT64_C(1) << rank;
    }
    assert_int_equal(seen, 0x3c);
    mxs_result_destroy(result);
    trial_release(&made);
}

static void a_negative_best_is_reported_with_a_warning(void **state) {
    (void)state;
    asked options = options_of(5, 0.0, 1.0);
    options.problem.risk_free = 3.0;
    trial made = make_trial(&options);
    assert_int_equal(mxs_problem_describe(made.problem)->warning_count, 1);
    assert_non_null(strstr(mxs_problem_describe(made.problem)->warnings[0], "negative"));
    mxs_result *result = run(&made);
    const mxs_result_info *info = mxs_result_describe(result);
    assert_true(mxs_result_portfolio(result, 0)->sharpe < 0.0);
    assert_int_equal(info->warning_count, 0); /* it was known, and said, before the run */
    mxs_result_destroy(result);
    trial_release(&made);
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
    trial made;
    assert_int_equal(trial_create(flat, &options, &made, NULL), MXS_OK);
    mxs_result *result = run(&made);
    trial_release(&made);
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
        assert_same_leaders(whole, pieces);
        mxs_result_destroy(whole);
        mxs_result_destroy(pieces);
    }
}

static void assert_run_refused(const trial *made, const mxs_run_options *options, const char *words) {
    mxs_result *result = (mxs_result *)(uintptr_t)64;
    mxs_error error = {.message = ""};
    assert_int_equal(mxs_search_run(made->search, options, &result, &error), MXS_ERROR_ARGUMENT);
    assert_int_equal(error.status, MXS_ERROR_ARGUMENT);
    assert_null(result);
    if (strstr(error.message, words) == NULL) {
        fail_msg("\"%s\" instead of \"... %s ...\"", error.message, words);
    }
}

static void run_options_out_of_range_are_named_and_nothing_runs(void **state) {
    (void)state;
    const asked options = options_of(5, 0.0, 1.0);
    trial made = make_trial(&options);
    mxs_run_options run_options = options.run;
    run_options.workers = MXS_MAX_WORKERS + 1;
    assert_run_refused(&made, &run_options, "4097 workers: must be at most 4096");
    run_options = options.run;
    run_options.backend = (mxs_backend)9;
    assert_run_refused(&made, &run_options, "no backend 9");
    run_options = options.run;
    run_options.evaluator = (mxs_evaluator)9;
    assert_run_refused(&made, &run_options, "no evaluator 9");
    run_options = options.run;
    run_options.device_count = 1;
    assert_run_refused(&made, &run_options, "the list of GPUs is missing");
    memset(&run_options, 0, sizeof run_options);
    assert_run_refused(&made, &run_options, "the run options are not initialised");
    trial_release(&made);
}

static void one_problem_serves_several_searches(void **state) {
    (void)state;
    asked options = options_of(5, 0.0, 0.4);
    trial made = make_trial(&options);
    mxs_result *expected = run(&made);
    options.sampling.seed = 7;
    mxs_search *other = NULL;
    assert_int_equal(mxs_search_create(made.problem, &options.sampling, &other, NULL), MXS_OK);
    mxs_result *result = NULL;
    assert_int_equal(mxs_search_run(other, &options.run, &result, NULL), MXS_OK);
    assert_true(mxs_result_portfolio(result, 0)->sharpe != mxs_result_portfolio(expected, 0)->sharpe);
    mxs_result_destroy(result);
    mxs_search_destroy(other);
    result = run(&made);
    assert_same_leaders(result, expected);
    mxs_result_destroy(result);
    mxs_result_destroy(expected);
    trial_release(&made);
}

static void a_search_proves_no_bound_and_names_what_ran(void **state) {
    (void)state;
    const asked options = options_of(5, 0.0, 0.4);
    trial made = make_trial(&options);
    mxs_result *result = run(&made);
    const mxs_result_info *info = mxs_result_describe(result);
    assert_int_equal(info->bound, MXS_BOUND_UNKNOWN);
    assert_true(isnan(info->upper_bound) && isnan(info->gap));
    assert_int_equal(info->engine_count, 1);
    const mxs_engine_stats *engine = mxs_result_engine(result, 0);
    assert_int_equal(engine->backend, MXS_BACKEND_CPU);
    assert_string_equal(engine->evaluator, "fused");
    assert_int_equal(engine->first_worker, 0);
    assert_int_equal(engine->worker_count, info->worker_count);
    assert_true(engine->simulations_done == info->simulations_done);
    uint64_t simulations = 0;
    for (size_t i = 0; i < info->worker_count; ++i) {
        simulations += mxs_result_worker(result, i)->simulations;
    }
    assert_true(simulations == info->simulations_done);
    assert_null(mxs_result_engine(result, 1));
    assert_null(mxs_result_worker(result, info->worker_count));
    mxs_result_destroy(result);
    trial_release(&made);
}

static void destroying_nothing_is_fine(void **state) {
    (void)state;
    mxs_search_destroy(NULL);
    mxs_problem_destroy(NULL);
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
        cmocka_unit_test(run_options_out_of_range_are_named_and_nothing_runs),
        cmocka_unit_test(one_problem_serves_several_searches),
        cmocka_unit_test(a_search_proves_no_bound_and_names_what_ran),
        cmocka_unit_test(destroying_nothing_is_fine),
    };
    return cmocka_run_group_tests_name("search API", tests, create_market, destroy_market);
}
