/* Mean, covariance, and the evaluation of one portfolio. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/market/moments.h"
#include "problem/portfolio_moments.h"
#include "support/market_texts.h"

static void the_moments_of_two_assets_are_those_worked_out_by_hand(void **state) {
    (void)state;
    /* Returns 1/4, 1/2, 3/4 and 1/2, 0, 1: means 1/2 and 1/2; deviations -1/4, 0, 1/4 and 0, -1/2, 1/2; so the
     * variances are (1/16 + 1/16) / 2 = 1/16 and (1/4 + 1/4) / 2 = 1/4, the covariance (1/8) / 2 = 1/16. */
    static const double RETURNS[] = {0.25, 0.5, 0.5, 0.0, 0.75, 1.0};
    static const double MEAN[] = {0.5, 0.5};
    static const double COVARIANCE[] = {0.0625, 0.0625, 0.0625, 0.25};
    static const char *const TICKERS[] = {"ANT", "BEE"};
    const mxs_market_options options = options_for(MXS_INPUT_RETURNS);
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_create(RETURNS, 3, 2, TICKERS, &options, &market, NULL), MXS_OK);
    const mxs_market_info *info = mxs_market_describe(market);
    assert_same_numbers(info->mean, MEAN, 2);
    assert_same_numbers(info->covariance, COVARIANCE, 4);
    assert_same_numbers(info->returns, RETURNS, 6);
    assert_null(info->file);
    assert_null(info->format);
    assert_null(info->first);
    /* Weights 1/2, 1/2: mean 1/2, variance (1/16 + 2/16 + 1/4) / 4 = 7/64; with 4 periods a year and rf = 1 the Sharpe
     * ratio is (2 - 1) / sqrt(7/16). */
    static const size_t BOTH[] = {0, 1};
    static const double HALVES[] = {0.5, 0.5};
    double expected_return = 0.0;
    double volatility = 0.0;
    double sharpe = 0.0;
    assert_int_equal(
        mxs_market_evaluate(market, BOTH, HALVES, 2, 1.0, 4.0, &expected_return, &volatility, &sharpe, NULL), MXS_OK);
    assert_near(expected_return, 2.0, 0.0);
    assert_near(volatility, sqrt(7.0 / 16.0), 0.0);
    assert_near(sharpe, 1.0 / sqrt(7.0 / 16.0), 0.0);
    assert_int_equal(mxs_market_evaluate(market, BOTH, HALVES, 2, 1.0, 4.0, NULL, NULL, NULL, NULL), MXS_OK);
    mxs_market_destroy(market);
}

/* Deterministic numbers in [0, 1) (Numerical Recipes' quick generator). */
static double next_uniform(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return (double)(*state >> 8) / 16777216.0;
}

static void assert_moments_equal_plain_loops(size_t periods, size_t assets, uint32_t seed) {
    double *returns = calloc(periods * assets, sizeof *returns);
    double *mean = calloc(assets, sizeof *mean);
    double *covariance = calloc(assets * assets, sizeof *covariance);
    assert_non_null(returns);
    assert_non_null(mean);
    assert_non_null(covariance);
    for (size_t i = 0; i < periods * assets; ++i) {
        returns[i] = next_uniform(&seed) * 0.1 - 0.05;
    }
    assert_int_equal(mxsi_moments_compute(returns, periods, assets, mean, covariance), 0);
    for (size_t i = 0; i < assets; ++i) {
        double sum = 0.0;
        for (size_t t = 0; t < periods; ++t) {
            sum += returns[t * assets + i];
        }
        assert_near(mean[i], sum / (double)periods, 0.0);
    }
    for (size_t i = 0; i < assets; ++i) {
        for (size_t j = 0; j < assets; ++j) {
            double sum = 0.0;
            for (size_t t = 0; t < periods; ++t) {
                sum += (returns[t * assets + i] - mean[i]) * (returns[t * assets + j] - mean[j]);
            }
            assert_near(covariance[i * assets + j], sum / (double)(periods - 1), 0.0);
        }
    }
    free(returns);
    free(mean);
    free(covariance);
}

static void blocked_moments_have_the_bits_of_plain_loops(void **state) {
    (void)state;
    static const size_t SIZES[] = {1, 2, 7, 8, 9, 30, 31, 32, 33, 40, 63, 64, 65, 100};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; ++i) {
        assert_moments_equal_plain_loops(2, SIZES[i], 1);
        assert_moments_equal_plain_loops(53, SIZES[i], 2);
    }
}

static void the_moments_of_a_portfolio_are_those_of_its_returns(void **state) {
    (void)state;
    enum { PERIODS = 60, ASSETS = 8, HELD = 5 };
    uint32_t seed = 3;
    double returns[PERIODS * ASSETS];
    for (size_t i = 0; i < PERIODS * ASSETS; ++i) {
        returns[i] = next_uniform(&seed) * 0.1 - 0.045;
    }
    static const size_t CHOICE[HELD] = {7, 0, 3, 4, 6};
    static const double WEIGHTS[HELD] = {0.3, 0.1, 0.25, 0.15, 0.2};
    const mxs_market_options options = options_for(MXS_INPUT_RETURNS);
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_create(returns, PERIODS, ASSETS, NULL, &options, &market, NULL), MXS_OK);
    assert_string_equal(mxs_market_describe(market)->tickers[7], "A8");
    double series[PERIODS] = {0.0};
    double mean = 0.0;
    double variance = 0.0;
    for (size_t t = 0; t < PERIODS; ++t) {
        for (size_t i = 0; i < HELD; ++i) {
            series[t] += WEIGHTS[i] * returns[t * ASSETS + CHOICE[i]];
        }
        mean += series[t] / PERIODS;
    }
    for (size_t t = 0; t < PERIODS; ++t) {
        variance += (series[t] - mean) * (series[t] - mean) / (PERIODS - 1);
    }
    double expected_return = 0.0;
    double volatility = 0.0;
    double sharpe = 0.0;
    assert_int_equal(
        mxs_market_evaluate(market, CHOICE, WEIGHTS, HELD, 0.05, 252.0, &expected_return, &volatility, &sharpe, NULL),
        MXS_OK);
    assert_near(expected_return, 252.0 * mean, 1e-13);
    assert_near(volatility, sqrt(252.0 * variance), 1e-13);
    assert_near(sharpe, (252.0 * mean - 0.05) / sqrt(252.0 * variance), 1e-12);
    mxs_market_destroy(market);
}

static mxs_status evaluate_two(const mxs_market *market, const size_t assets[2], const double weights[2], double rate,
                               double periods) {
    double sharpe = -7.0;
    const mxs_status status = mxs_market_evaluate(market, assets, weights, 2, rate, periods, NULL, NULL, &sharpe, NULL);
    if (status != MXS_OK) {
        assert_near(sharpe, -7.0, 0.0);
    }
    return status;
}

static void a_portfolio_that_cannot_be_evaluated_is_refused(void **state) {
    (void)state;
    /* The second asset is twice the first: two of one against one of the other cancel, up to rounding. */
    static const double RETURNS[] = {0.01, 0.02, 0.03, 0.06, -0.02, -0.04, 0.07, 0.14};
    static const size_t BOTH[] = {0, 1};
    static const size_t BEYOND[] = {0, 2};
    static const double CANCEL[] = {2.0, -1.0};
    static const double HALVES[] = {0.5, 0.5};
    static const double NONE[] = {0.0, 0.0};
    const double odd[] = {0.5, (double)NAN};
    const mxs_market_options options = options_for(MXS_INPUT_RETURNS);
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_create(RETURNS, 4, 2, NULL, &options, &market, NULL), MXS_OK);
    assert_int_equal(evaluate_two(market, BOTH, HALVES, 0.0, 252.0), MXS_OK);
    assert_int_equal(evaluate_two(market, BOTH, CANCEL, 0.0, 252.0), MXS_ERROR_DATA);
    assert_int_equal(evaluate_two(market, BOTH, NONE, 0.0, 252.0), MXS_ERROR_DATA);
    assert_int_equal(evaluate_two(market, BEYOND, HALVES, 0.0, 252.0), MXS_ERROR_ARGUMENT);
    assert_int_equal(evaluate_two(market, BOTH, odd, 0.0, 252.0), MXS_ERROR_ARGUMENT);
    assert_int_equal(evaluate_two(market, BOTH, HALVES, (double)INFINITY, 252.0), MXS_ERROR_ARGUMENT);
    assert_int_equal(evaluate_two(market, BOTH, HALVES, 0.0, 0.0), MXS_ERROR_ARGUMENT);
    assert_int_equal(mxs_market_evaluate(market, BOTH, HALVES, 0, 0.0, 252.0, NULL, NULL, NULL, NULL),
                     MXS_ERROR_ARGUMENT);
    mxs_market_destroy(market);
}

static void assert_create_fails(const double *values, size_t rows, size_t assets, const char *const *tickers,
                                const mxs_market_options *options, mxs_status status, const char *message) {
    mxs_market *market = (mxs_market *)(uintptr_t)&market;
    mxs_error error = {.message = ""};
    assert_int_equal(mxs_market_create(values, rows, assets, tickers, options, &market, &error), status);
    assert_null(market);
    if (strstr(error.message, message) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.message, message);
    }
}

static void arrays_that_are_no_market_are_refused(void **state) {
    (void)state;
    static const double PRICES[] = {1.0, 2.0, 2.0, 3.0, 1.5, 4.0};
    static const double ZERO[] = {1.0, 2.0, 0.0, 3.0, 1.5, 4.0};
    const double infinite[] = {1.0, 2.0, 2.0, 3.0, 1.5, (double)INFINITY};
    static const char *const TWICE[] = {"A", "A"};
    static const char *const EMPTY[] = {"A", ""};
    static const char *const NO_NAME[] = {"A", NULL};
    mxs_market_options options = options_for(MXS_INPUT_PRICES);
    assert_create_fails(NULL, 3, 2, NULL, NULL, MXS_ERROR_ARGUMENT, "holds no market");
    assert_create_fails(PRICES, 0, 2, NULL, NULL, MXS_ERROR_ARGUMENT, "holds no market");
    assert_create_fails(PRICES, 3, 0, NULL, NULL, MXS_ERROR_ARGUMENT, "holds no market");
    assert_create_fails(PRICES, SIZE_MAX / 2, 8, NULL, NULL, MXS_ERROR_ARGUMENT, "holds no market");
    assert_create_fails(PRICES, 2, 2, NULL, NULL, MXS_ERROR_DATA, "2 rows of prices are left");
    assert_create_fails(PRICES, 3, 2, TWICE, NULL, MXS_ERROR_ARGUMENT, "\"A\" is repeated (assets 1 and 2)");
    assert_create_fails(PRICES, 3, 2, EMPTY, NULL, MXS_ERROR_ARGUMENT, "ticker 2 is empty");
    assert_create_fails(PRICES, 3, 2, NO_NAME, NULL, MXS_ERROR_ARGUMENT, "ticker 2 is missing");
    assert_create_fails(ZERO, 3, 2, NULL, NULL, MXS_ERROR_DATA, "row 2, A1: 0 is not a price above zero");
    assert_create_fails(infinite, 3, 2, NULL, NULL, MXS_ERROR_DATA, "row 3, A2: inf is not a price above zero");
    options.from = "2024-08-01";
    assert_create_fails(PRICES, 3, 2, NULL, &options, MXS_ERROR_ARGUMENT, "an array has no dates");
    options = options_for(MXS_INPUT_MOMENTS);
    assert_create_fails(PRICES, 3, 2, NULL, &options, MXS_ERROR_ARGUMENT, "mxs_market_create_from_moments");
}

static void nan_in_an_array_is_a_missing_value(void **state) {
    (void)state;
    const double prices[] = {1.0, 2.0, 9.0, (double)NAN, 3.0, 9.0, 1.5, 4.0, 9.0, 2.0, 5.0, 9.0};
    static const char *const TICKERS[] = {"ANT", "BEE", "CAT"};
    static const char *const EXCLUDED[] = {"CAT"};
    mxs_market_options options = options_for(MXS_INPUT_PRICES);
    options.exclude = EXCLUDED;
    options.exclude_count = 1;
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_create(prices, 4, 3, TICKERS, &options, &market, NULL), MXS_OK);
    const mxs_market_info *info = mxs_market_describe(market);
    assert_int_equal(info->assets, 1);
    assert_string_equal(mxs_market_dropped(market, 0)->ticker, "ANT");
    assert_string_equal(mxs_market_dropped(market, 0)->why, "no price in row 2");
    mxs_market_destroy(market);
    options.missing = MXS_MISSING_ERROR;
    assert_create_fails(prices, 4, 3, TICKERS, &options, MXS_ERROR_DATA, "the data: ANT: no price in row 2");
}

static void moments_alone_make_a_market_without_returns(void **state) {
    (void)state;
    static const double MEAN[] = {0.01, 0.02};
    static const double COVARIANCE[] = {0.04, 0.01, 0.01, 0.09};
    static const char *const TICKERS[] = {"ANT", "BEE"};
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_create_from_moments(MEAN, COVARIANCE, 2, TICKERS, &market, NULL), MXS_OK);
    const mxs_market_info *info = mxs_market_describe(market);
    assert_int_equal(info->input, MXS_INPUT_MOMENTS);
    assert_int_equal(info->periods, 0);
    assert_null(info->returns);
    assert_string_equal(info->tickers[1], "BEE");
    assert_same_numbers(info->mean, MEAN, 2);
    assert_same_numbers(info->covariance, COVARIANCE, 4);
    mxs_market_destroy(market);
}

static void assert_moments_fail(const double mean[2], double a, double b, double c, double d, mxs_status status,
                                const char *message) {
    const double covariance[] = {a, b, c, d};
    mxs_market *market = NULL;
    mxs_error error = {.message = ""};
    assert_int_equal(mxs_market_create_from_moments(mean, covariance, 2, NULL, &market, &error), status);
    assert_null(market);
    if (strstr(error.message, message) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.message, message);
    }
}

static void moments_that_cannot_be_are_refused(void **state) {
    (void)state;
    static const double MEAN[] = {0.01, 0.02};
    const double odd[] = {0.01, (double)INFINITY};
    const double nan = (double)NAN;
    assert_moments_fail(odd, 1, 0, 0, 1, MXS_ERROR_DATA, "A2: its mean or variance is not a finite");
    assert_moments_fail(MEAN, 1, nan, nan, 1, MXS_ERROR_DATA, "of A1 and A2 is not a finite number");
    assert_moments_fail(MEAN, 1, 0.5, 0.25, 1, MXS_ERROR_DATA, "the matrix must be symmetric");
    assert_moments_fail(MEAN, 1, 2.5, 2.5, 4, MXS_ERROR_DATA, "the correlation lies beyond one");
    assert_moments_fail(MEAN, 1, 0, 0, 0, MXS_ERROR_DATA, "asset A2 has constant returns");
    assert_moments_fail(MEAN, 1, 0, 0, -1, MXS_ERROR_DATA, "asset A2 has constant returns");
    static const double COVARIANCE[] = {1.0, 0.0, 0.0, 1.0};
    static const char *const TWICE[] = {"A", "A"};
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_create_from_moments(MEAN, COVARIANCE, 2, TWICE, &market, NULL), MXS_ERROR_ARGUMENT);
    assert_int_equal(mxs_market_create_from_moments(MEAN, COVARIANCE, 0, NULL, &market, NULL), MXS_ERROR_ARGUMENT);
    assert_int_equal(mxs_market_create_from_moments(NULL, COVARIANCE, 2, NULL, &market, NULL), MXS_ERROR_ARGUMENT);
}

static void what_rounding_left_asymmetric_is_made_symmetric(void **state) {
    (void)state;
    static const double MEAN[] = {0.01, 0.02};
    static const double COVARIANCE[] = {0.04, 0.01, 0.01 + 1e-17, 0.09};
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_create_from_moments(MEAN, COVARIANCE, 2, NULL, &market, NULL), MXS_OK);
    const double *covariance = mxs_market_describe(market)->covariance;
    assert_near(covariance[1], covariance[2], 0.0);
    mxs_market_destroy(market);
}

static void a_market_that_is_none_can_be_destroyed(void **state) {
    (void)state;
    mxs_market_destroy(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_moments_of_two_assets_are_those_worked_out_by_hand),
        cmocka_unit_test(blocked_moments_have_the_bits_of_plain_loops),
        cmocka_unit_test(the_moments_of_a_portfolio_are_those_of_its_returns),
        cmocka_unit_test(a_portfolio_that_cannot_be_evaluated_is_refused),
        cmocka_unit_test(arrays_that_are_no_market_are_refused),
        cmocka_unit_test(nan_in_an_array_is_a_missing_value),
        cmocka_unit_test(moments_alone_make_a_market_without_returns),
        cmocka_unit_test(moments_that_cannot_be_are_refused),
        cmocka_unit_test(what_rounding_left_asymmetric_is_made_symmetric),
        cmocka_unit_test(a_market_that_is_none_can_be_destroyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
