/* However a simulation is evaluated, the answer is the same to its last bit: every evaluator of the CPU against the one
 * that multiplies blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/conformance_runs.h"
#include "support/hard_markets.h"
#include "support/made_market.h"
#include "support/seeded_random.h"

static const mxs_evaluator EVALUATORS[] = {
    MXS_EVALUATOR_FULL_PRODUCT, MXS_EVALUATOR_ROW_WISE, MXS_EVALUATOR_MEAN_FIRST,
    MXS_EVALUATOR_SINGLE,       MXS_EVALUATOR_FUSED,    MXS_EVALUATOR_FUSED_FULL,
};

enum { EVALUATOR_COUNT = sizeof EVALUATORS / sizeof EVALUATORS[0] };

static asked options_of(size_t k, double min_weight, double max_weight, uint64_t simulations) {
    asked options = conformance_options();
    options.problem.assets_per_portfolio = k;
    options.problem.min_weight = min_weight;
    options.problem.max_weight = max_weight;
    options.sampling.simulations = simulations;
    options.sampling.seed = 21;
    options.problem.top = 10;
    options.run.workers = 2;
    return options;
}

static mxs_sampler sampler_of(const mxs_market *market, const asked *options) {
    trial made;
    assert_int_equal(trial_create(market, options, &made, NULL), MXS_OK);
    const mxs_sampler sampler = mxs_search_describe(made.search)->sampler;
    trial_release(&made);
    return sampler;
}

/* Fails unless all of them name the same leaders. Returns the highest Sharpe ratio. */
static double assert_evaluators_agree(const mxs_market *market, asked options) {
    options.run.evaluator = MXS_EVALUATOR_OPENBLAS;
    mxs_result *expected = run_to_the_end(market, &options);
    const double highest = mxs_result_portfolio(expected, 0)->sharpe;
    for (size_t i = 0; i < EVALUATOR_COUNT; ++i) {
        options.run.evaluator = EVALUATORS[i];
        mxs_result *result = run_to_the_end(market, &options);
        const mxs_engine_stats *engine = mxs_result_engine(result, 0);
        assert_int_equal(mxs_result_describe(result)->engine_count, 1);
        assert_string_equal(engine->evaluator, mxs_evaluator_name(EVALUATORS[i]));
#ifdef MXS_TEST_LANES
        assert_non_null(strstr(engine->kernel, MXS_TEST_LANES)); /* see forced_lanes.c */
#endif
        assert_same_leaders(result, expected);
        mxs_result_destroy(result);
    }
    mxs_result_destroy(expected);
    return highest;
}

static void they_agree_with_every_sampler(void **state) {
    (void)state;
    static const struct {
        size_t k;
        double min_weight;
        double max_weight;
        mxs_sampler sampler;
    } kinds[] = {
        {5, 0.0, 0.6, MXS_SAMPLER_REJECTION},      {5, 0.05, 1.0, MXS_SAMPLER_REJECTION},
        {5, 0.02, 0.27, MXS_SAMPLER_FIXED_SUM},    {6, 0.0, 0.19, MXS_SAMPLER_FIXED_SUM},
        {4, 0.0, 0.25, MXS_SAMPLER_EQUAL_WEIGHTS},
    };
    mxs_market *market = make_market(80, 9, 31);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; ++i) {
        asked options = options_of(kinds[i].k, kinds[i].min_weight, kinds[i].max_weight, 1100);
        assert_int_equal(sampler_of(market, &options), kinds[i].sampler);
        (void)assert_evaluators_agree(market, options);
        options.sampling.draws = MXS_DRAWS_SHARED;
        (void)assert_evaluators_agree(market, options);
    }
    mxs_market_destroy(market);
}

static void they_agree_on_one_portfolio_of_many_tiles(void **state) {
    (void)state;
    mxs_market *market = make_market(80, 12, 32);
    (void)assert_evaluators_agree(market, options_of(0, 0.0, 0.3, 20000));
    (void)assert_evaluators_agree(market, options_of(0, 0.0, 0.1, 20000));
    mxs_market_destroy(market);
}

static void they_agree_on_portfolios_of_one_asset(void **state) {
    (void)state;
    mxs_market *market = make_market(50, 7, 33);
    (void)assert_evaluators_agree(market, options_of(1, 0.0, 1.0, 1000));
    mxs_market_destroy(market);
}

static void they_agree_where_the_file_held_moments(void **state) {
    (void)state;
    mxs_market *market = make_market_of_moments(9, 34);
    assert_null(mxs_market_describe(market)->returns);
    (void)assert_evaluators_agree(market, options_of(4, 0.0, 0.7, 1100));
    mxs_market_destroy(market);
}

/* Fewer returns than assets: the covariance is singular, and variances may be all rounding error. */
static void they_agree_where_the_covariance_is_singular(void **state) {
    (void)state;
    mxs_market *market = make_market(4, 9, 35);
    (void)assert_evaluators_agree(market, options_of(6, 0.0, 0.5, 1100));
    mxs_market_destroy(market);
}

static void they_agree_on_the_least_bad_of_negative_sharpe_ratios(void **state) {
    (void)state;
    mxs_market *market = make_market(80, 8, 36);
    asked options = options_of(4, 0.0, 0.6, 1100);
    options.problem.risk_free = 1.5;
    assert_true(assert_evaluators_agree(market, options) < 0.0);
    mxs_market_destroy(market);
}

static void they_agree_with_included_assets(void **state) {
    (void)state;
    mxs_market *market = make_market(80, 10, 37);
    asked options = options_of(5, 0.0, 0.5, 300);
    const char *const include[] = {mxs_market_describe(market)->tickers[7], mxs_market_describe(market)->tickers[2]};
    options.problem.include = include;
    options.problem.include_count = 2;
    (void)assert_evaluators_agree(market, options);
    mxs_market_destroy(market);
}

static void they_agree_on_problems_made_by_chance(void **state) {
    (void)state;
    enum { PROBLEMS = 20 };
    for (uint64_t seed = 0; seed < PROBLEMS; ++seed) {
        struct seeded_random random = {1000 + seed};
        const size_t assets = 2 + (size_t)random_below(&random, 9);
        mxs_market *market = make_market(2 + (size_t)random_below(&random, 60), assets, random_word(&random));
        const size_t k = 1 + (size_t)random_below(&random, assets);
        const double equal = 1.0 / (double)k;
        asked options = options_of(k, random_between(&random, 0.0, 0.9 * equal), random_between(&random, equal, 1.0),
                                   1 + random_below(&random, 2500));
        options.problem.risk_free = random_between(&random, -0.1, 0.5);
        options.sampling.draws = random_below(&random, 3) == 0 ? MXS_DRAWS_SHARED : MXS_DRAWS_FRESH;
        options.sampling.seed = random_word(&random);
        print_message("problem %u: %zu of %zu assets, weights %.3f to %.3f\n", (unsigned)seed, k, assets,
                      options.problem.min_weight, options.problem.max_weight);
        (void)assert_evaluators_agree(market, options);
        mxs_market_destroy(market);
    }
}

/* Where the plane that rules simulations out touches the best of them, or where there is none; in two tiles, with all
 * of the samplers, the risk-free rate among the returns. */
static void they_agree_on_hard_markets(void **state) {
    (void)state;
    static const struct {
        double min_weight;
        double max_weight;
    } bounds[] = {{0.0, 1.0}, {0.06, 0.7}, {0.0, 0.25}};
    for (int kind = 0; kind < HARD_MARKETS; ++kind) {
        for (uint64_t i = 0; i < 3; ++i) {
            struct seeded_random random = {4000 + 10 * (uint64_t)kind + i};
            mxs_market *market = make_hard_market(&random, (enum hard_market)kind, 8);
            asked options = options_of(5, bounds[i].min_weight, bounds[i].max_weight, 1500);
            options.problem.risk_free = 252.0 * mxs_market_describe(market)->mean[0];
            options.sampling.draws = MXS_DRAWS_FRESH;
            (void)assert_evaluators_agree(market, options);
            options.sampling.draws = MXS_DRAWS_SHARED;
            (void)assert_evaluators_agree(market, options);
            mxs_market_destroy(market);
        }
    }
}

/* All assets are multiples of one, returns and all: which portfolio leads is a matter of last digits, and of who comes
 * first where even those are equal. */
static void they_agree_where_everything_ties(void **state) {
    (void)state;
    enum { ASSETS = 7 };
    double mean[ASSETS];
    double covariance[ASSETS * ASSETS];
    struct seeded_random random = {4500};
    double volatility[ASSETS];
    for (size_t i = 0; i < ASSETS; ++i) {
        volatility[i] = 0.01 * random_between(&random, 0.5, 2.0);
    }
    for (size_t i = 0; i < ASSETS * ASSETS; ++i) {
        covariance[i] = volatility[i / ASSETS] * volatility[i % ASSETS];
    }
    for (int sign = -1; sign <= 1; ++sign) {
        for (size_t i = 0; i < ASSETS; ++i) {
            mean[i] = 0.05 * sign * volatility[i];
        }
        mxs_market *market = market_of_moments(mean, covariance, ASSETS);
        asked options = options_of(4, 0.0, 0.6, 1100);
        options.problem.risk_free = 0.0;
        (void)assert_evaluators_agree(market, options);
        options.sampling.draws = MXS_DRAWS_SHARED;
        (void)assert_evaluators_agree(market, options);
        mxs_market_destroy(market);
    }
}

/* Two assets that always move against each other: with equal weights, no variance is left. */
static void all_of_them_find_a_portfolio_of_zero_variance(void **state) {
    (void)state;
    static const double mean[] = {0.0005, 0.0004, 0.0006};
    static const double covariance[] = {4e-4, -4e-4, 1e-5, -4e-4, 4e-4, -1e-5, 1e-5, -1e-5, 3e-4};
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_create_from_moments(mean, covariance, 3, NULL, &market, NULL), MXS_OK);
    asked options = options_of(2, 0.5, 0.5, 1);
    for (size_t i = 0; i < EVALUATOR_COUNT; ++i) {
        options.run.evaluator = EVALUATORS[i];
        trial made;
        mxs_result *result = NULL;
        mxs_error error = {.message = ""};
        assert_int_equal(trial_create(market, &options, &made, NULL), MXS_OK);
        assert_int_equal(trial_run(&made, &result, &error), MXS_ERROR_DATA);
        assert_non_null(strstr(error.message, "portfolio 0"));
        assert_non_null(strstr(error.message, "zero variance"));
        trial_release(&made);
    }
    mxs_market_destroy(market);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_agree_with_every_sampler),
        cmocka_unit_test(they_agree_on_one_portfolio_of_many_tiles),
        cmocka_unit_test(they_agree_on_portfolios_of_one_asset),
        cmocka_unit_test(they_agree_where_the_file_held_moments),
        cmocka_unit_test(they_agree_where_the_covariance_is_singular),
        cmocka_unit_test(they_agree_on_the_least_bad_of_negative_sharpe_ratios),
        cmocka_unit_test(they_agree_with_included_assets),
        cmocka_unit_test(they_agree_on_problems_made_by_chance),
        cmocka_unit_test(they_agree_on_hard_markets),
        cmocka_unit_test(they_agree_where_everything_ties),
        cmocka_unit_test(all_of_them_find_a_portfolio_of_zero_variance),
    };
    return cmocka_run_group_tests_name("evaluators", tests, NULL, NULL);
}
