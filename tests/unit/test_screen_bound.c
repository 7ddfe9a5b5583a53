/* The promise of screen_bound.h, tried on random problems: what a float computation finds is never so far below the
 * Sharpe ratio in double that a winner, or a tie with it, is screened out.
 *
 * The weights are spoilt on purpose, each by the largest error that a sampler may make and in the direction that hurts
 * most; then the sums are formed in several orders. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engines/cpu/lanes/lanes.h"
#include "maxsharpe/search.h"
#include "problem/portfolio_moments.h"
#include "sampling/draw.h"
#include "screening/screen_bound.h"
#include "support/built_problem.h"
#include "support/made_market.h"

enum { MAX_K = 200, COUNT = 64, ORDERS = 5 };

static const double UNIT = 0x1p-24;

/* One problem's attempts, their Sharpe ratios in double, and room to compute in float. */
struct bench {
    struct built_problem built;
    uint32_t k;
    uint32_t attempts;
    size_t assets[MAX_K];
    double weights[COUNT][MAX_K];
    double sharpe[COUNT];
    float x[COUNT][MAX_K];
    float y[MAX_K];
    float product[MAX_K];
    _Alignas(64) float sum[COUNT];
    _Alignas(64) float excess[COUNT];
    _Alignas(64) float variance[COUNT];
    _Alignas(64) float upper[COUNT];
    _Alignas(64) int32_t mask[COUNT];
};

static struct bench bench;

/* Sums of products in the orders of the machines that there are: one after the other, fused and backwards, by halves,
 * in eight partial sums, and in two of which every product is fused. */
static float sum_by_halves(const float *term, uint32_t count) {
    if (count == 1) {
        return term[0];
    }
    return sum_by_halves(term, count / 2) + sum_by_halves(term + count / 2, count - count / 2);
}

static float dot(const float *a, const float *b, uint32_t k, int order) {
    float part[8] = {0};
    switch (order) {
    case 0:
        for (uint32_t i = 0; i < k; ++i) {
            part[0] += a[i] * b[i];
        }
        return part[0];
    case 1:
        for (uint32_t i = k; i-- > 0;) {
            part[0] = fmaf(a[i], b[i], part[0]);
        }
        return part[0];
    case 2:
        for (uint32_t i = 0; i < k; ++i) {
            bench.product[i] = a[i] * b[i];
        }
        return sum_by_halves(bench.product, k);
    case 3:
        for (uint32_t i = 0; i < k; ++i) {
            part[i % 8] += a[i] * b[i];
        }
        return sum_by_halves(part, 8);
    default:
        for (uint32_t i = 0; i < k; ++i) {
            part[i % 2] = fmaf(a[i], b[i], part[i % 2]);
        }
        return part[0] + part[1];
    }
}

/* The directions in which the scaled Sharpe ratio n / sqrt(q) falls, from its derivative in double. */
static void spoil_weights(uint32_t attempt, double total, double fall) {
    const struct mxsi_screening *screening = &bench.built.screening;
    const uint32_t k = bench.k;
    const double *w = bench.weights[attempt];
    double n = 0.0;
    double q = 0.0;
    double slope[MAX_K];
    for (uint32_t i = 0; i < k; ++i) {
        slope[i] = 0.0;
        for (uint32_t j = 0; j < k; ++j) {
            slope[i] += (double)screening->risk[i * k + j] * w[j];
        }
        q += w[i] * slope[i];
        n += w[i] * (double)screening->excess[i];
    }
    for (uint32_t i = 0; i < k; ++i) {
        const double rise = (double)screening->excess[i] * q - n * slope[i];
        const double error = (rise > 0.0 ? -fall : fall) * (k + 9.0) * UNIT; /* one more by the rounding below */
        bench.x[attempt][i] = (float)(w[i] * total * (1.0 + error));
    }
    bench.sum[attempt] = (float)(total * (1.0 - k * UNIT));
}

/* Draws attempts and their Sharpe ratios in double. */
static void draw_attempts(struct seeded_random *random) {
    const struct mxsi_problem *problem = &bench.built.problem;
    double scratch[2 * MAX_K];
    bench.k = problem->assets_per_portfolio;
    bench.attempts = 0;
    for (uint32_t i = 0; i < bench.k; ++i) {
        bench.assets[i] = i;
    }
    for (uint32_t attempt = 0; attempt < 4 * COUNT && bench.attempts < COUNT; ++attempt) {
        const uint32_t a = bench.attempts;
        const struct mxsi_identity identity = {0, 0, attempt};
        double expected_return = 0.0;
        double volatility = 0.0;
        if (mxsi_draw_weights(problem, &bench.built.sampling, &identity, bench.weights[a], scratch) &&
            mxsi_evaluate_weights(problem->mean, problem->covariance, problem->assets, bench.assets, bench.weights[a],
                                  bench.k, problem->risk_free, problem->periods_per_year, &expected_return, &volatility,
                                  &bench.sharpe[a]) == 0) {
            const double fall = random_below(random, 4) == 0 ? -1.0 : 1.0;
            spoil_weights(a, bench.k * random_between(random, 0.5, 1.5), fall);
            ++bench.attempts;
        }
    }
}

static void compute_sums(int order) {
    const struct mxsi_screening *screening = &bench.built.screening;
    const uint32_t k = bench.k;
    for (uint32_t a = 0; a < COUNT; ++a) {
        const float *x = bench.x[a];
        bench.mask[a] = a < bench.attempts ? -1 : 0;
        for (uint32_t i = 0; i < k; ++i) {
            bench.y[i] = dot(screening->risk + i * k, x, k, order);
        }
        bench.excess[a] = dot(screening->excess, x, k, order);
        bench.variance[a] = dot(x, bench.y, k, order);
    }
}

static void compute_bounds(const struct mxsi_lanes *lanes) {
    memset(bench.upper, 0xa5, sizeof bench.upper);
    (void)lanes->bound(bench.excess, bench.variance, bench.sum, bench.mask, COUNT, bench.built.screening.excess_slack,
                       bench.built.screening.variance_slack, bench.upper);
}

/* What is seen of one problem: how far above the exact ratio its bounds are, relative; infinite where some know
 * nothing. */
static double widest_gap(void) {
    double gap = 0.0;
    for (uint32_t a = 0; a < bench.attempts; ++a) {
        const double ratio = bench.sharpe[a] / bench.built.screening.value_scale;
        gap = fmax(gap, ((double)bench.upper[a] - ratio) / fabs(ratio));
    }
    return gap;
}

static void assert_nothing_lost(const char *kind, uint64_t seed, int order) {
    for (uint32_t a = 0; a < bench.attempts; ++a) {
        const float bar = mxsi_screen_bar(bench.sharpe[a], bench.built.screening.value_scale);
        if (!(bench.upper[a] >= bar)) {
            fail_msg(
                "%s, seed %llu, K %u, order %d, attempt %u: the Sharpe ratio is %.17g, its bar %.9g, the bound "
                "%.9g",
                kind, (unsigned long long)seed, bench.k, order, a, bench.sharpe[a], (double)bar,
                (double)bench.upper[a]);
        }
    }
}

/* Tries a market, which becomes the bench's. Returns the widest gap of all orders. */
static double try_market(const char *kind, uint64_t seed, struct seeded_random *random, mxs_market *market,
                         const asked *options) {
    double gap = 0.0;
    build_problem(&bench.built, market, options);
    draw_attempts(random);
    for (int order = 0; order < ORDERS; ++order) {
        compute_sums(order);
        for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
            compute_bounds(mxsi_lanes_at(t));
            assert_nothing_lost(kind, seed, order);
            gap = fmax(gap, widest_gap());
        }
    }
    destroy_problem(&bench.built);
    return gap;
}

/* K of K assets, small more often than large, with one of the samplers. */
static asked random_options(struct seeded_random *random, uint32_t k) {
    asked options = asked_defaults();
    options.sampling.seed = random_word(random);
    switch (random_below(random, 4)) {
    case 0:
        options.problem.max_weight = fmin(1.0, 1.3 / k);
        break;
    case 1:
        options.problem.min_weight = random_unit(random) / k;
        break;
    case 2:
        options.problem.max_weight = fmin(1.0, (2.0 + log(k)) / k);
        options.problem.min_weight = 0.1 / k;
        break;
    default:
        break;
    }
    return options;
}

static uint32_t random_size(struct seeded_random *random) {
    return random_below(random, 12) == 0 ? MAX_K : 1 + (uint32_t)random_below(random, 40);
}

/* A market of mean[k] and covariance D C D, with C the correlations and D the volatilities, per period. */
static mxs_market *market_of(uint32_t k, const double *mean, const double *volatility, const double *correlation) {
    static double covariance[MAX_K * MAX_K];
    for (uint32_t i = 0; i < k; ++i) {
        for (uint32_t j = 0; j < k; ++j) {
            covariance[i * k + j] = volatility[i] * volatility[j] * correlation[i * k + j];
        }
    }
    mxs_market *market = NULL;
    mxs_error error = {.message = ""};
    if (mxs_market_create_from_moments(mean, covariance, k, NULL, &market, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    return market;
}

static double mean_of[MAX_K];
static double volatility_of[MAX_K];
static double correlation_of[MAX_K * MAX_K];

/* Correlations of one common factor, of `noise` apart from it; every other asset runs against it where hedged. */
static void correlate(uint32_t k, double noise, int hedged) {
    for (uint32_t i = 0; i < k; ++i) {
        for (uint32_t j = 0; j < k; ++j) {
            const double sign = hedged && (i + j) % 2 == 1 ? -1.0 : 1.0;
            correlation_of[i * k + j] = i == j ? 1.0 : sign * (1.0 - noise);
        }
    }
}

static void ordinary_markets_lose_nothing_and_the_bound_is_close(void **state) {
    (void)state;
    const uint64_t seed = 1001;
    struct seeded_random random = {seed};
    double gap = 0.0;
    for (int i = 0; i < 60; ++i) {
        const uint32_t k = 1 + (uint32_t)random_below(&random, 30);
        asked options = random_options(&random, k);
        options.problem.risk_free = -0.8; /* far below every return: no ratio is near zero, so the gap has a meaning */
        gap = fmax(gap, try_market("ordinary", seed, &random, random_market(&random, k, 3), &options));
    }
    print_message("seed %llu, widest gap %.3g\n", (unsigned long long)seed, gap);
    assert_true(gap < 2e-3);
}

static void negative_excess_returns_lose_nothing(void **state) {
    (void)state;
    const uint64_t seed = 1002;
    struct seeded_random random = {seed};
    double gap = 0.0;
    for (int i = 0; i < 60; ++i) {
        const uint32_t k = 1 + (uint32_t)random_below(&random, 30);
        asked options = random_options(&random, k);
        options.problem.risk_free = random_between(&random, 0.5, 10.0);
        gap = fmax(gap, try_market("negative", seed, &random, random_market(&random, k, 3), &options));
    }
    print_message("seed %llu, widest gap %.3g\n", (unsigned long long)seed, gap);
    assert_true(gap < 2e-3);
}

static void excess_returns_around_zero_lose_nothing(void **state) {
    (void)state;
    const uint64_t seed = 1003;
    struct seeded_random random = {seed};
    for (int i = 0; i < 60; ++i) {
        const uint32_t k = random_size(&random);
        asked options = random_options(&random, k);
        options.problem.risk_free = random_between(&random, 0.0, 0.2);
        (void)try_market("around zero", seed, &random, random_market(&random, k, 3), &options);
    }
}

static void nearly_singular_and_hedged_markets_lose_nothing(void **state) {
    (void)state;
    const uint64_t seed = 1004;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct seeded_random random = {seed};
    for (int i = 0; i < 150; ++i) {
        const uint32_t k = 2 + random_size(&random) % (MAX_K - 1);
        const int hedged = (int)random_below(&random, 2);
        asked options = random_options(&random, k);
        correlate(k, pow(10.0, random_between(&random, -12.0, -2.0)), hedged);
        const double level = random_between(&random, 0.001, 0.05);
        for (uint32_t j = 0; j < k; ++j) {
            volatility_of[j] = level * (1.0 + (hedged ? 1e-3 : 1.0) * random_unit(&random));
            mean_of[j] = 0.01 * random_between(&random, -1.0, 1.0);
        }
        options.problem.risk_free = random_between(&random, -2.0, 2.0);
        (void)try_market("nearly singular", seed, &random, market_of(k, mean_of, volatility_of, correlation_of),
                         &options);
    }
}

static void assets_of_unlike_size_lose_nothing(void **state) {
    (void)state;
    const uint64_t seed = 1005;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct seeded_random random = {seed};
    for (int i = 0; i < 100; ++i) {
        const uint32_t k = random_size(&random);
        asked options = random_options(&random, k);
        correlate(k, random_unit(&random), 0);
        for (uint32_t j = 0; j < k; ++j) {
            volatility_of[j] = pow(10.0, random_between(&random, -6.0, 1.0));
            mean_of[j] = volatility_of[j] * random_between(&random, -0.2, 0.3);
        }
        (void)try_market("unlike size", seed, &random, market_of(k, mean_of, volatility_of, correlation_of), &options);
    }
}

static void tiny_and_huge_markets_lose_nothing(void **state) {
    (void)state;
    const uint64_t seed = 1006;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct seeded_random random = {seed};
    for (int i = 0; i < 100; ++i) {
        const uint32_t k = random_size(&random);
        asked options = random_options(&random, k);
        const double scale = pow(10.0, random_between(&random, -60.0, 60.0));
        correlate(k, random_unit(&random), 0);
        for (uint32_t j = 0; j < k; ++j) {
            volatility_of[j] = scale * random_between(&random, 0.5, 2.0);
            mean_of[j] = scale * random_between(&random, -0.2, 0.3);
        }
        options.problem.risk_free = scale * random_between(&random, -1.0, 1.0);
        options.problem.periods_per_year = pow(10.0, random_between(&random, -3.0, 4.0));
        (void)try_market("scaled", seed, &random, market_of(k, mean_of, volatility_of, correlation_of), &options);
    }
}

/* Where all returns are the risk-free rate but for their last digits, the double computation's own rounding is as
 * large as what it finds. */
static void returns_that_differ_from_the_risk_free_rate_by_rounding_lose_nothing(void **state) {
    (void)state;
    const uint64_t seed = 1007;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct seeded_random random = {seed};
    for (int i = 0; i < 150; ++i) {
        const uint32_t k = random_size(&random);
        asked options = random_options(&random, k);
        const double difference = pow(10.0, random_between(&random, -17.0, -5.0));
        correlate(k, 0.5, 0);
        options.problem.risk_free = random_between(&random, 0.01, 0.2);
        for (uint32_t j = 0; j < k; ++j) {
            volatility_of[j] = 0.01;
            mean_of[j] = options.problem.risk_free / 252.0 * (1.0 + difference * random_between(&random, -1.0, 1.0));
        }
        (void)try_market("risk-free", seed, &random, market_of(k, mean_of, volatility_of, correlation_of), &options);
    }
}

static void the_bar_lies_just_below_what_it_stands_for(void **state) {
    (void)state;
    struct seeded_random random = {1008};
    assert_true(mxsi_screen_bar(-HUGE_VAL, 1.0) == -HUGE_VALF);
    assert_true(mxsi_screen_bar(0.0, 1.0) < 0.0f);
    for (int i = 0; i < 100000; ++i) {
        const double scale = pow(10.0, random_between(&random, -8.0, 8.0));
        const double ratio = random_between(&random, -3.0, 3.0);
        const double bar = (double)mxsi_screen_bar(ratio * scale, scale);
        assert_true(bar < ratio - 0.9 * fabs(ratio) * 0x1p-20);
        assert_true(bar > ratio - 1.4 * fabs(ratio) * 0x1p-20);
    }
}

static void the_slacks_grow_with_the_number_of_assets(void **state) {
    (void)state;
    for (uint32_t k = 1; k < 5000; ++k) {
        assert_true((double)mxsi_excess_slack(k, 1.0) > (2.0 * k + 16.0) * UNIT);
        assert_true((double)mxsi_variance_slack(k) > (4.0 * k + 32.0) * UNIT);
        assert_true(mxsi_excess_slack(k, 1.0) < mxsi_excess_slack(k + 1, 1.0));
        assert_true(mxsi_excess_slack(k, 1.0) < mxsi_excess_slack(k, 1e12));
        assert_true(mxsi_variance_slack(k) < mxsi_variance_slack(k + 1));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_markets_lose_nothing_and_the_bound_is_close),
        cmocka_unit_test(negative_excess_returns_lose_nothing),
        cmocka_unit_test(excess_returns_around_zero_lose_nothing),
        cmocka_unit_test(nearly_singular_and_hedged_markets_lose_nothing),
        cmocka_unit_test(assets_of_unlike_size_lose_nothing),
        cmocka_unit_test(tiny_and_huge_markets_lose_nothing),
        cmocka_unit_test(returns_that_differ_from_the_risk_free_rate_by_rounding_lose_nothing),
        cmocka_unit_test(the_bar_lies_just_below_what_it_stands_for),
        cmocka_unit_test(the_slacks_grow_with_the_number_of_assets),
    };
    return cmocka_run_group_tests_name("screen bound", tests, NULL, NULL);
}
