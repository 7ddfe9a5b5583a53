/* Which problems are refused, with which words, and what a problem becomes that is not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "support/built_problem.h"
#include "support/made_market.h"

/* Markets of 30 and of 70 assets, named A1, A2, ... */
struct markets {
    mxs_market *of_30;
    mxs_market *of_70;
};

static struct markets markets;

static int make_markets(void **state) {
    (void)state;
    struct seeded_random random = {30};
    markets.of_30 = random_market(&random, 30, 3);
    markets.of_70 = random_market(&random, 70, 3);
    return 0;
}

static int destroy_markets(void **state) {
    (void)state;
    mxs_market_destroy(markets.of_30);
    mxs_market_destroy(markets.of_70);
    return 0;
}

/* What is asked, as a problem and its search; NULL: the defaults. What fails is left NULL, whatever was there. */
static mxs_status create(const mxs_market *market, const asked *options, mxs_problem **problem, mxs_search **search,
                         mxs_error *error) {
    *problem = (mxs_problem *)(uintptr_t)64;
    *search = (mxs_search *)(uintptr_t)64;
    mxs_status status = mxs_problem_create(market, options == NULL ? NULL : &options->problem, problem, error);
    if (status != MXS_OK) {
        assert_null(*problem);
        *search = NULL;
        return status;
    }
    status = mxs_search_create(*problem, options == NULL ? NULL : &options->sampling, search, error);
    assert_int_equal(status != MXS_OK, *search == NULL);
    return status;
}

static void assert_refused(const mxs_market *market, const asked *options, mxs_status status, const char *words) {
    mxs_problem *problem = NULL;
    mxs_search *search = NULL;
    mxs_error error = {.message = ""};
    const mxs_status found = create(market, options, &problem, &search, &error);
    if (found != status || error.status != status || strstr(error.message, words) == NULL) {
        fail_msg("status %d, \"%s\" instead of %d, \"... %s ...\"", (int)found, error.message, (int)status, words);
    }
    assert_null(strchr(error.message, '\n'));
    assert_int_equal(error.line, 0);
    mxs_problem_destroy(problem);
    assert_int_equal(create(market, options, &problem, &search, NULL), status); /* nobody wants the message */
    mxs_problem_destroy(problem);
}

/* A problem and its search as the library understood them. */
struct understood {
    mxs_problem_info problem;
    mxs_search_info search;
};

static struct understood understand(const mxs_market *market, const asked *options) {
    mxs_problem *problem = NULL;
    mxs_search *search = NULL;
    mxs_error error = {.message = ""};
    if (create(market, options, &problem, &search, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    struct understood understood = {*mxs_problem_describe(problem), *mxs_search_describe(search)};
    understood.problem.warnings = NULL; /* the problem's */
    mxs_search_destroy(search);
    mxs_problem_destroy(problem);
    return understood;
}

static void more_assets_than_there_are_cannot_be_chosen(void **state) {
    (void)state;
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 31;
    assert_refused(markets.of_30, &options, MXS_ERROR_INFEASIBLE, "portfolios of 31 assets cannot be chosen from 30");
    options.problem.assets_per_portfolio = SIZE_MAX;
    assert_refused(markets.of_30, &options, MXS_ERROR_INFEASIBLE, "18446744073709551615");
    options.problem.assets_per_portfolio = 30;
    assert_int_equal(understand(markets.of_30, &options).problem.portfolios, 1);
    options.problem.assets_per_portfolio = 0;
    assert_int_equal(understand(markets.of_30, &options).problem.assets_per_portfolio, 30);
}

static void simulations_are_counted_from_one_to_what_tiles_can_number(void **state) {
    (void)state;
    asked options = asked_defaults();
    options.sampling.simulations = 0;
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "0 simulations");
    options.sampling.simulations = (UINT64_C(1) << 42) + 1;
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT,
                   "4398046511105 simulations: must be 1 to 4398046511104");
    options.sampling.simulations = UINT64_C(1) << 42;
    assert_true(understand(markets.of_30, &options).search.simulations_total == UINT64_C(1) << 42);
}

static void weights_outside_zero_to_one_are_named(void **state) {
    (void)state;
    static const struct {
        double min_weight;
        double max_weight;
        const char *words;
    } CASES[] = {
        {-0.1, 1.0, "minimum weight of -0.1"},       {1.5, 1.0, "minimum weight of 1.5"},
        {(double)NAN, 1.0, "minimum weight of nan"}, {-HUGE_VAL, 1.0, "minimum weight of -inf"},
        {0.0, 0.0, "maximum weight of 0"},           {0.0, -0.2, "maximum weight of -0.2"},
        {0.0, 1.5, "maximum weight of 1.5"},         {0.0, (double)NAN, "maximum weight of nan"},
        {0.0, HUGE_VAL, "maximum weight of inf"},    {0.5, 0.25, "minimum weight 0.5 is above the maximum weight 0.25"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; ++i) {
        asked options = asked_defaults();
        options.problem.min_weight = CASES[i].min_weight;
        options.problem.max_weight = CASES[i].max_weight;
        assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, CASES[i].words);
    }
}

static void rates_and_periods_must_be_numbers(void **state) {
    (void)state;
    static const double RATES[] = {(double)NAN, HUGE_VAL, -HUGE_VAL};
    static const double PERIODS[] = {0.0, -252.0, (double)NAN, HUGE_VAL};
    for (size_t i = 0; i < sizeof RATES / sizeof *RATES; ++i) {
        asked options = asked_defaults();
        options.problem.risk_free = RATES[i];
        assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "risk-free rate");
    }
    for (size_t i = 0; i < sizeof PERIODS / sizeof *PERIODS; ++i) {
        asked options = asked_defaults();
        options.problem.periods_per_year = PERIODS[i];
        assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "periods per year");
    }
}

static void the_best_are_counted_from_one_to_ten_thousand(void **state) {
    (void)state;
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 25;
    options.problem.top = 0;
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "the 0 best portfolios: must be 1 to 10000");
    options.problem.top = 10001;
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "the 10001 best portfolios");
    options.problem.top = 10000;
    assert_int_equal(understand(markets.of_30, &options).problem.portfolios, 142506);
}

static void a_kind_of_draws_that_is_none_is_refused(void **state) {
    (void)state;
    asked options = asked_defaults();
    options.sampling.draws = (mxs_draws)7;
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "no kind of draws 7");
}

static void an_objective_that_is_none_is_refused(void **state) {
    (void)state;
    asked options = asked_defaults();
    options.problem.objective = (mxs_objective)7;
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "no objective 7");
}

static void ranges_of_portfolios_lie_within_what_there_are(void **state) {
    (void)state;
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 25;
    options.sampling.first_portfolio = 10;
    options.sampling.end_portfolio = 10;
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "10:10 are an empty range; there are 142506");
    options.sampling.end_portfolio = 9;
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "10:9");
    options.sampling.end_portfolio = 142507;
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "10:142507 are out of bounds; there are 142506");
    options.sampling.end_portfolio = UINT64_MAX;
    options.sampling.first_portfolio = 142506;
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "142506");
    options.sampling.first_portfolio = UINT64_MAX;
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "18446744073709551615");
    options.sampling.first_portfolio = 142505;
    options.sampling.end_portfolio = 142506;
    const struct understood last = understand(markets.of_30, &options);
    assert_int_equal(last.search.first_portfolio, 142505);
    assert_int_equal(last.search.end_portfolio, 142506);
    assert_int_equal(last.search.simulations_total, 1000);
}

static void more_than_64_bits_of_portfolios_or_simulations_are_infeasible(void **state) {
    (void)state;
    static const char *const INCLUDE[] = {"A1", "A2", "A3"};
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 35;
    options.sampling.simulations = 1;
    assert_refused(markets.of_70, &options, MXS_ERROR_INFEASIBLE, "portfolios of 35 of 70 assets");
    options.problem.include = INCLUDE;
    options.problem.include_count = 3; /* C(67, 32) */
    const struct understood fits = understand(markets.of_70, &options);
    assert_true(fits.problem.portfolios == 13413576695470557606u);
    assert_true(fits.search.simulations_total == fits.problem.portfolios);
    options.sampling.simulations = 2;
    assert_refused(markets.of_70, &options, MXS_ERROR_INFEASIBLE,
                   "13413576695470557606 portfolios x 2 simulations are more than 2^64");
    options.sampling.first_portfolio = 13413576695470557605u; /* but a part of them will do */
    assert_int_equal(understand(markets.of_70, &options).search.simulations_total, 2);
}

static void weights_that_cannot_sum_to_one_are_infeasible_beyond_rounding(void **state) {
    (void)state;
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 10;
    options.problem.max_weight = 0.09;
    assert_refused(markets.of_30, &options, MXS_ERROR_INFEASIBLE, "10 weights of at most 0.09");
    assert_refused(markets.of_30, &options, MXS_ERROR_INFEASIBLE, "at least 0.1");
    options.problem.max_weight = 0.1 * (1.0 - 3e-12);
    assert_refused(markets.of_30, &options, MXS_ERROR_INFEASIBLE, "sum to less than 1");
    options.problem.max_weight = 0.1 * (1.0 - 0.5e-12);
    assert_int_equal(understand(markets.of_30, &options).search.sampler, MXS_SAMPLER_EQUAL_WEIGHTS);
    options.problem.max_weight = 1.0;
    options.problem.min_weight = 0.2;
    assert_refused(markets.of_30, &options, MXS_ERROR_INFEASIBLE, "10 weights of at least 0.2");
    options.problem.min_weight = 0.1 * (1.0 + 3e-12);
    assert_refused(markets.of_30, &options, MXS_ERROR_INFEASIBLE, "sum to more than 1");
    options.problem.min_weight = 0.1 * (1.0 + 0.5e-12);
    assert_int_equal(understand(markets.of_30, &options).search.sampler, MXS_SAMPLER_EQUAL_WEIGHTS);
}

/* 3 x 0.33333333333333331 and its like are 1 as a user means it. */
static void one_over_k_is_always_feasible_as_a_bound(void **state) {
    (void)state;
    for (size_t k = 1; k <= 30; ++k) {
        for (int which = 0; which < 3; ++which) {
            asked options = asked_defaults();
            options.problem.assets_per_portfolio = k;
            options.problem.min_weight = which != 0 ? 1.0 / (double)k : 0.0;
            options.problem.max_weight = which != 1 ? 1.0 / (double)k : 1.0;
            const struct understood found = understand(markets.of_30, &options);
            assert_int_equal(found.search.sampler, MXS_SAMPLER_EQUAL_WEIGHTS);
            assert_true(found.search.simulations == 1000);
            assert_true(found.search.simulations_total == found.problem.portfolios); /* one of each is evaluated */
        }
    }
}

static void tickers_to_include_must_be_known_and_fit(void **state) {
    (void)state;
    static const char *const UNKNOWN[] = {"A1", "ZZZ"};
    static const char *const THREE[] = {"A3", "A1", "A2", "A1"};
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 2;
    options.problem.include = UNKNOWN;
    options.problem.include_count = 2;
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "unknown ticker 'ZZZ'");
    options.problem.include = THREE;
    options.problem.include_count = 4;
    assert_refused(markets.of_30, &options, MXS_ERROR_INFEASIBLE, "3 tickers to include do not fit in portfolios of 2");
    options.problem.include = NULL;
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "tickers to include");
    options.problem.include_count = 0;
    options.problem.include = UNKNOWN; /* none of it counts */
    assert_int_equal(understand(markets.of_30, &options).problem.portfolios, 435);
}

static void a_ticker_that_was_dropped_says_why_it_cannot_be_included(void **state) {
    (void)state;
    static const char *const TICKERS[] = {"ONE", "TWO", "HOLE"};
    static const char *const INCLUDE[] = {"HOLE"};
    const double values[] = {1.0, 5.0, 2.0, 1.1, 5.5, (double)NAN, 1.0, 5.2, 2.2, 1.2, 5.1, 2.1};
    mxs_market *market = NULL;
    mxs_error error = {.message = ""};
    if (mxs_market_create(values, 4, 3, TICKERS, NULL, &market, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    asked options = asked_defaults();
    options.problem.include = INCLUDE;
    options.problem.include_count = 1;
    assert_refused(market, &options, MXS_ERROR_ARGUMENT, "cannot include 'HOLE': it was dropped: ");
    mxs_market_destroy(market);
}

static void returns_beyond_what_doubles_hold_are_refused(void **state) {
    (void)state;
    const double mean[2] = {1e307, -1e307};
    const double covariance[4] = {1.0, 0.5, 0.5, 1.0};
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_create_from_moments(mean, covariance, 2, NULL, &market, NULL), MXS_OK);
    assert_refused(market, NULL, MXS_ERROR_DATA, "too large or too small");
    mxs_market_destroy(market);
}

/* A product of two weights and a variance near the least normal number has only some digits left. */
static void variances_that_products_would_lose_digits_of_are_refused(void **state) {
    (void)state;
    const double mean[2] = {1e-160, 2e-160};
    const double tiny[4] = {1e-310, 0.5e-310, 0.5e-310, 1e-310};
    const double small[4] = {1e-280, 0.5e-280, 0.5e-280, 1e-280};
    asked options = asked_defaults();
    options.problem.risk_free = 0.0;
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_create_from_moments(mean, tiny, 2, NULL, &market, NULL), MXS_OK);
    assert_refused(market, &options, MXS_ERROR_DATA, "too large or too small");
    mxs_market_destroy(market);
    assert_int_equal(mxs_market_create_from_moments(mean, small, 2, NULL, &market, NULL), MXS_OK);
    assert_true(understand(market, &options).problem.assets == 2);
    options.problem.periods_per_year = 1e-40;
    assert_refused(market, &options, MXS_ERROR_DATA, "too large or too small");
    mxs_market_destroy(market);
}

static void options_that_were_never_initialised_are_refused(void **state) {
    (void)state;
    asked options = asked_defaults();
    memset(&options.sampling, 0, sizeof options.sampling);
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "the sampling options are not initialised");
    memset(&options.problem, 0, sizeof options.problem);
    assert_refused(markets.of_30, &options, MXS_ERROR_ARGUMENT, "the problem options are not initialised");
}

static void no_options_are_the_defaults(void **state) {
    (void)state;
    const struct understood found = understand(markets.of_30, NULL);
    assert_int_equal(found.problem.assets, 30);
    assert_int_equal(found.problem.assets_per_portfolio, 30);
    assert_int_equal(found.problem.portfolios, 1);
    assert_int_equal(found.search.first_portfolio, 0);
    assert_int_equal(found.search.end_portfolio, 1);
    assert_int_equal(found.search.simulations, 1000);
    assert_int_equal(found.search.simulations_total, 1000);
    assert_true(found.problem.min_weight == 0.0 && found.problem.max_weight == 1.0);
    assert_true(found.problem.risk_free == 0.05 && found.problem.periods_per_year == 252.0);
    assert_true(found.search.seed == 0 && found.search.draws == MXS_DRAWS_FRESH);
    assert_int_equal(found.search.sampler, MXS_SAMPLER_REJECTION);
    assert_true(found.search.acceptance == 1.0);
    assert_int_equal(found.problem.warning_count, 0);
}

static void the_sampler_changes_at_an_acceptance_of_a_quarter(void **state) {
    (void)state;
    static const struct {
        double max_weight;
        mxs_sampler sampler;
    } CASES[] = {
        /* two weights under the cap c: 2 c - 1 */
        {1.0, MXS_SAMPLER_REJECTION},   {0.6251, MXS_SAMPLER_REJECTION},  {0.6249, MXS_SAMPLER_FIXED_SUM},
        {0.501, MXS_SAMPLER_FIXED_SUM}, {0.5, MXS_SAMPLER_EQUAL_WEIGHTS},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; ++i) {
        asked options = asked_defaults();
        options.problem.assets_per_portfolio = 2;
        options.problem.max_weight = CASES[i].max_weight;
        const struct understood found = understand(markets.of_30, &options);
        assert_int_equal(found.search.sampler, CASES[i].sampler);
        if (CASES[i].sampler != MXS_SAMPLER_EQUAL_WEIGHTS) {
            assert_true(fabs(found.search.acceptance - (2.0 * CASES[i].max_weight - 1.0)) < 1e-14);
        }
    }
    /* A minimum weight moves the cap: 0.05 + 0.9 c. */
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 2;
    options.problem.min_weight = 0.05;
    options.problem.max_weight = 0.05 + 0.9 * 0.6251;
    const struct understood found = understand(markets.of_30, &options);
    assert_int_equal(found.search.sampler, MXS_SAMPLER_REJECTION);
    assert_true(fabs(found.search.acceptance - 0.2502) < 1e-12);
}

static void assert_warnings(const mxs_market *market, const asked *options, const char *first, const char *second) {
    mxs_problem *problem = NULL;
    assert_int_equal(mxs_problem_create(market, &options->problem, &problem, NULL), MXS_OK);
    const mxs_problem_info *info = mxs_problem_describe(problem);
    assert_int_equal(info->warning_count, (first != NULL) + (second != NULL));
    if (first != NULL) {
        assert_non_null(strstr(info->warnings[0], first));
    }
    if (second != NULL) {
        assert_non_null(strstr(info->warnings[1], second));
    }
    mxs_problem_destroy(problem);
}

static void few_rows_and_no_return_above_the_risk_free_rate_are_warned_of(void **state) {
    (void)state;
    enum { ROWS = 5, ASSETS = 6 };
    double returns[ROWS * ASSETS];
    struct seeded_random random = {6};
    for (size_t i = 0; i < ROWS * ASSETS; ++i) {
        returns[i] = 0.01 * random_unit(&random);
    }
    mxs_market_options market_options;
    mxs_market_options_init(&market_options, sizeof market_options);
    market_options.input = MXS_INPUT_RETURNS;
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_create(returns, ROWS, ASSETS, NULL, &market_options, &market, NULL), MXS_OK);
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 4;
    assert_warnings(market, &options, NULL, NULL); /* 5 rows, 4 assets */
    options.problem.assets_per_portfolio = 5;
    assert_warnings(market, &options, "5 returns of 5 assets: the covariance is singular", NULL);
    options.problem.risk_free = 100.0;
    assert_warnings(market, &options, "singular", "no asset returns more than the risk-free rate");
    options.problem.assets_per_portfolio = 1;
    assert_warnings(market, &options, "no asset returns more than the risk-free rate", NULL);
    mxs_market_destroy(market);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_assets_than_there_are_cannot_be_chosen),
        cmocka_unit_test(simulations_are_counted_from_one_to_what_tiles_can_number),
        cmocka_unit_test(weights_outside_zero_to_one_are_named),
        cmocka_unit_test(rates_and_periods_must_be_numbers),
        cmocka_unit_test(the_best_are_counted_from_one_to_ten_thousand),
        cmocka_unit_test(a_kind_of_draws_that_is_none_is_refused),
        cmocka_unit_test(an_objective_that_is_none_is_refused),
        cmocka_unit_test(ranges_of_portfolios_lie_within_what_there_are),
        cmocka_unit_test(more_than_64_bits_of_portfolios_or_simulations_are_infeasible),
        cmocka_unit_test(weights_that_cannot_sum_to_one_are_infeasible_beyond_rounding),
        cmocka_unit_test(one_over_k_is_always_feasible_as_a_bound),
        cmocka_unit_test(tickers_to_include_must_be_known_and_fit),
        cmocka_unit_test(a_ticker_that_was_dropped_says_why_it_cannot_be_included),
        cmocka_unit_test(returns_beyond_what_doubles_hold_are_refused),
        cmocka_unit_test(variances_that_products_would_lose_digits_of_are_refused),
        cmocka_unit_test(options_that_were_never_initialised_are_refused),
        cmocka_unit_test(no_options_are_the_defaults),
        cmocka_unit_test(the_sampler_changes_at_an_acceptance_of_a_quarter),
        cmocka_unit_test(few_rows_and_no_return_above_the_risk_free_rate_are_warned_of),
    };
    return cmocka_run_group_tests_name("problem", tests, make_markets, destroy_markets);
}
