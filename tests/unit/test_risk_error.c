/* The promise of risk_error.h: how far a covariance is from a positive semidefinite matrix at most. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "screening/risk_error.h"
#include "support/hard_markets.h"
#include "support/made_market.h"

enum { MAX_N = 64 };

static double error_of(const mxs_market *market) {
    const mxs_market_info *info = mxs_market_describe(market);
    const struct mxsi_problem problem = {
        .assets = (uint32_t)info->assets,
        .periods = info->periods,
        .returns = info->returns,
        .mean = info->mean,
        .covariance = info->covariance,
    };
    double error = -1.0;
    assert_int_equal(mxsi_risk_error(&problem, &error), 0);
    return error;
}

static double largest_variance(const mxs_market_info *info) {
    double largest = 0.0;
    for (size_t i = 0; i < info->assets; ++i) {
        largest = fmax(largest, info->covariance[i * (info->assets + 1)]);
    }
    return largest;
}

/* The largest |Sigma_ij - P_ij| in units of the largest variance, P the Gram matrix, in long double, of the very
 * numbers that the covariance is a sum of. */
static double distance_from_gram_matrix(const mxs_market_info *info) {
    long double distance = 0.0L;
    for (size_t i = 0; i < info->assets; ++i) {
        for (size_t j = 0; j <= i; ++j) {
            long double sum = 0.0L;
            for (size_t t = 0; t < info->periods; ++t) {
                const double *row = info->returns + t * info->assets;
                const double left = row[i] - info->mean[i];
                const double right = row[j] - info->mean[j];
                sum += (long double)left * right;
            }
            const long double exact = sum / (long double)(info->periods - 1);
            distance = fmaxl(distance, fabsl(exact - info->covariance[i * info->assets + j]));
        }
    }
    return (double)(distance / largest_variance(info));
}

static void a_covariance_of_returns_is_that_close_to_a_gram_matrix(void **state) {
    (void)state;
    double closest = 0.0;
    for (int kind = 0; kind < HARD_ROUNDED_MOMENTS; ++kind) {
        for (uint64_t seed = 0; seed < 20; ++seed) {
            struct seeded_random random = {100 * (uint64_t)kind + seed};
            mxs_market *market =
                make_hard_market(&random, (enum hard_market)kind, 1 + (size_t)random_below(&random, 40));
            const double distance = distance_from_gram_matrix(mxs_market_describe(market));
            const double error = error_of(market);
            assert_true(distance <= error);
            assert_true(error < 1e-12);
            closest = fmax(closest, distance / error);
            mxs_market_destroy(market);
        }
    }
    print_message("the largest is %.3f of the bound\n", closest);
    assert_true(closest > 1e-3);
}

/* Whether r + shift I, r the covariance in units of its largest variance, has a Cholesky factor in long double. */
static int is_positive(const mxs_market_info *info, double shift) {
    static long double factor[MAX_N][MAX_N];
    const size_t n = info->assets;
    const long double largest = largest_variance(info);
    assert_true(n <= MAX_N);
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j <= i; ++j) {
            long double rest = info->covariance[i * n + j] / largest + (i == j ? (long double)shift : 0.0L);
            for (size_t l = 0; l < j; ++l) {
                rest -= factor[i][l] * factor[j][l];
            }
            if (i == j && !(rest > 0.0L)) {
                return 0;
            }
            factor[i][j] = i == j ? sqrtl(rest) : rest / factor[j][j];
        }
    }
    return 1;
}

static void rounded_moments_are_positive_but_for_the_error(void **state) {
    (void)state;
    int indefinite = 0;
    for (uint64_t seed = 1; seed <= 40; ++seed) {
        struct seeded_random random = {seed};
        mxs_market *market = make_hard_market(&random, HARD_ROUNDED_MOMENTS, 2 + (size_t)random_below(&random, 40));
        const mxs_market_info *info = mxs_market_describe(market);
        const double error = error_of(market);
        if (error < HUGE_VAL) {
            assert_true(is_positive(info, error));
        }
        if (!is_positive(info, 1e-12)) {
            ++indefinite;
            assert_true(error > 1e-12);
        }
        mxs_market_destroy(market);
    }
    assert_true(indefinite > 20);
}

/* Correlations of 3 assets, all c: the eigenvalues are 1 - c, twice, and 1 + 2 c. */
static double error_of_equal_correlations(double c) {
    static const double mean[] = {0.001, 0.002, 0.003};
    double covariance[9];
    for (size_t i = 0; i < 9; ++i) {
        covariance[i] = 3e-4 * (i % 4 == 0 ? 1.0 : c);
    }
    mxs_market *market = market_of_moments(mean, covariance, 3);
    const double error = error_of(market);
    mxs_market_destroy(market);
    return error;
}

static void the_error_follows_the_lowest_eigenvalue(void **state) {
    (void)state;
    assert_true(error_of_equal_correlations(0.3) < 1e-11);
    assert_true(error_of_equal_correlations(1.0) < 1e-11);
    assert_true(error_of_equal_correlations(-0.5) < 1e-11);
    static const double below[] = {1e-11, 1e-10, 1e-8, 1e-7};
    for (size_t i = 0; i < sizeof below / sizeof below[0]; ++i) {
        const double error = error_of_equal_correlations(-0.5 - below[i]);
        assert_true(error >= 2.0 * below[i]);
        assert_true(error < 1e-5);
    }
    assert_true(error_of_equal_correlations(-0.5 - 1e-5) == HUGE_VAL);
    assert_true(error_of_equal_correlations(-0.9) == HUGE_VAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_covariance_of_returns_is_that_close_to_a_gram_matrix),
        cmocka_unit_test(rounded_moments_are_positive_but_for_the_error),
        cmocka_unit_test(the_error_follows_the_lowest_eigenvalue),
    };
    return cmocka_run_group_tests_name("risk error", tests, NULL, NULL);
}
