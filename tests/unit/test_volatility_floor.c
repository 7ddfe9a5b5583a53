/* The promise of volatility_floor.h: no portfolio's volatility lies below the floor or above the ceiling, exactly or as
 * the decision in double computes it; and what has a floor has a variance. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "problem/portfolio_moments.h"
#include "sampling/draw.h"
#include "screening/volatility_floor.h"
#include "support/built_problem.h"
#include "support/hard_markets.h"
#include "support/made_market.h"

enum { MAX_N = 300 };

/* A problem of all assets, and its floor. */
struct bench {
    struct built_problem built;
    struct mxsi_volatility_floor floor;
    void *memory;
    uint32_t n;
    double largest; /* variance */
    size_t assets[MAX_N];
    double weights[MAX_N];
    double scratch[2 * MAX_N];
};

static struct bench bench;

static void begin(mxs_market *market, const asked *options) {
    build_problem(&bench.built, market, options);
    bench.n = bench.built.problem.assets;
    assert_true(bench.n <= MAX_N);
    bench.memory = aligned_alloc(64, mxsi_volatility_floor_size(bench.n));
    assert_non_null(bench.memory);
    mxsi_volatility_floor_init(&bench.floor, &bench.built.problem, &bench.built.screening, bench.memory);
    bench.largest = 0.0;
    for (uint32_t i = 0; i < bench.n; ++i) {
        bench.assets[i] = i;
        bench.largest = fmax(bench.largest, bench.built.problem.covariance[(size_t)i * (bench.n + 1)]);
    }
}

static void end(void) {
    free(bench.memory);
    destroy_problem(&bench.built);
}

/* Of the weights, in units of the largest volatility, in long double; rounding aside, a variance is not negative. */
static long double exact_volatility(void) {
    long double variance = 0.0L;
    for (uint32_t i = 0; i < bench.n; ++i) {
        long double sum = 0.0L;
        for (uint32_t j = 0; j < bench.n; ++j) {
            sum += (long double)bench.built.problem.covariance[(size_t)i * bench.n + j] * bench.weights[j];
        }
        variance += bench.weights[i] * sum;
    }
    return variance > 0.0L ? sqrtl(variance / bench.largest) : 0.0L;
}

static long double sum_of(const double *factor) {
    long double sum = 0.0L;
    for (uint32_t i = 0; i < bench.n; ++i) {
        sum += (long double)factor[i] * bench.weights[i];
    }
    return sum;
}

/* Fails unless the volatility lies between floor and ceiling. Returns how far above the floor it is. */
static double assert_between(const char *kind, uint64_t seed) {
    const struct mxsi_problem *problem = &bench.built.problem;
    double expected_return = 0.0;
    double volatility = 0.0;
    double sharpe = 0.0;
    const int failed =
        mxsi_evaluate_weights(problem->mean, problem->covariance, bench.n, bench.assets, bench.weights, bench.n,
                              problem->risk_free, problem->periods_per_year, &expected_return, &volatility, &sharpe);
    const long double decided =
        failed ? 0.0L : volatility / sqrtl((long double)problem->periods_per_year * bench.largest);
    const long double exact = exact_volatility();
    const long double low = sum_of(bench.built.screening.floor);
    const long double high = sum_of(bench.built.screening.ceiling);
    if (failed || !(low <= decided && low <= exact && decided <= high && exact <= high)) {
        fail_msg(
            "%s, seed %llu, %u assets: failed %d; %.18Lg is the floor, %.18Lg and %.18Lg the volatility, %.18Lg the "
            "ceiling",
            kind, (unsigned long long)seed, bench.n, failed, low, decided, exact, high);
    }
    return (double)(exact - low);
}

static void scale_to_one(void) {
    double sum = 0.0;
    for (uint32_t i = 0; i < bench.n; ++i) {
        sum += bench.weights[i];
    }
    for (uint32_t i = 0; i < bench.n; ++i) {
        bench.weights[i] /= sum;
    }
}

/* Weights from the inside of the simplex, its edges and corners, its middle, and by the problem's own sampler. */
static void choose_weights(struct seeded_random *random) {
    const uint32_t n = bench.n;
    for (uint32_t i = 0; i < n; ++i) {
        bench.weights[i] = 0.0;
    }
    switch (random_below(random, 5)) {
    case 0:
        bench.weights[random_below(random, n)] = 1.0;
        return;
    case 1:
        bench.weights[random_below(random, n)] += 0.1 + random_unit(random);
        bench.weights[random_below(random, n)] += 0.1 + random_unit(random);
        break;
    case 2:
        for (uint32_t i = 0; i < n; ++i) {
            bench.weights[i] = 1.0 + 1e-3 * random_unit(random);
        }
        break;
    case 3: {
        const struct mxsi_identity identity = {0, 0, (uint32_t)random_below(random, 1000)};
        (void)mxsi_draw_weights(&bench.built.problem, &bench.built.sampling, &identity, bench.weights, bench.scratch);
        return;
    }
    default:
        for (uint32_t i = 0; i < n; ++i) {
            bench.weights[i] = pow(random_unit(random), 4.0);
        }
        break;
    }
    scale_to_one();
}

/* Moves weight from asset to asset as long as that brings the portfolio closer to its floor. */
static void descend(struct seeded_random *random, double gap, const char *kind, uint64_t seed) {
    for (int i = 0; i < 60; ++i) {
        const uint64_t from = random_below(random, bench.n);
        const uint64_t to = random_below(random, bench.n);
        const double step = bench.weights[from] * (random_below(random, 2) ? 1.0 : random_unit(random));
        const double before[] = {bench.weights[from], bench.weights[to]};
        bench.weights[from] -= step;
        bench.weights[to] += step;
        const double now = assert_between(kind, seed);
        if (now > gap) {
            bench.weights[to] = before[1];
            bench.weights[from] = before[0];
        } else {
            gap = now;
        }
    }
}

static void try_portfolios(struct seeded_random *random, const char *kind, uint64_t seed) {
    for (int i = 0; i < 40; ++i) {
        choose_weights(random);
        const double gap = assert_between(kind, seed);
        if (i % 4 == 0) {
            descend(random, gap, kind, seed);
        }
    }
}

static asked random_options(struct seeded_random *random, size_t n) {
    asked options = asked_defaults();
    options.sampling.seed = random_word(random);
    options.problem.min_weight = random_below(random, 2) ? random_unit(random) / (double)n : 0.0;
    options.problem.max_weight = random_below(random, 3) ? 1.0 : fmin(1.0, 1.2 / (double)n);
    return options;
}

/* Tries random markets of a kind; returns how many of them have a floor. */
static int try_markets(enum hard_market kind, const char *name, int count) {
    int floors = 0;
    for (int i = 0; i < count; ++i) {
        const uint64_t seed = 2000 + 100 * (uint64_t)kind + (uint64_t)i;
        struct seeded_random random = {seed};
        const size_t n = i == 0 ? 1 : i == 1 ? 120 : 2 + (size_t)random_below(&random, 30);
        const asked options = random_options(&random, n);
        begin(make_hard_market(&random, kind, n), &options);
        if (bench.built.screening.has_floor) {
            ++floors;
            try_portfolios(&random, name, seed);
        }
        end();
    }
    print_message("%s: %d of %d have a floor\n", name, floors, count);
    return floors;
}

static void no_portfolio_lies_below_the_floor_or_above_the_ceiling(void **state) {
    (void)state;
    assert_int_equal(try_markets(HARD_ONE_FACTOR, "one factor", 40), 40);
    assert_int_equal(try_markets(HARD_INDEPENDENT, "independent", 40), 40);
    assert_true(try_markets(HARD_OPPOSED, "opposed", 40) >= 1);
    assert_true(try_markets(HARD_SINGULAR, "singular", 40) >= 5);
    assert_true(try_markets(HARD_UNLIKE_SIZES, "unlike sizes", 40) >= 20);
}

static void nor_where_the_floor_is_the_volatility_itself(void **state) {
    (void)state;
    assert_int_equal(try_markets(HARD_IN_STEP, "in step", 60), 60);
    assert_int_equal(try_markets(HARD_NEARLY_IN_STEP, "nearly in step", 60), 60);
}

static void nor_where_rounded_moments_are_slightly_indefinite(void **state) {
    (void)state;
    assert_true(try_markets(HARD_ROUNDED_MOMENTS, "rounded moments", 60) >= 20);
}

/* The first asset runs against the market, with noise of its own: its covariance with the mean of all is negative. */
static void an_asset_that_hedges_the_market_has_a_floor(void **state) {
    (void)state;
    enum { ROWS = 500, ASSETS = 12 };
    static double returns[ROWS * ASSETS];
    struct seeded_random random = {31};
    for (size_t t = 0; t < ROWS; ++t) {
        const double factor = random_normal(&random);
        for (size_t i = 0; i < ASSETS; ++i) {
            returns[t * ASSETS + i] = 0.01 * ((i == 0 ? -0.7 : 1.0) * factor + random_normal(&random));
        }
    }
    const asked options = asked_defaults();
    begin(market_of_returns(returns, ROWS, ASSETS), &options);
    double with_mean = 0.0;
    for (uint32_t i = 0; i < ASSETS; ++i) {
        with_mean += bench.built.problem.covariance[i];
    }
    assert_true(with_mean < 0.0);
    assert_true(bench.built.screening.has_floor);
    try_portfolios(&random, "a hedge", 31);
    end();
}

static mxs_market *market_of_correlations(const double *correlation, size_t n) {
    double mean[8];
    double covariance[64];
    for (size_t i = 0; i < n; ++i) {
        mean[i] = 0.001 * (double)(i + 1);
        for (size_t j = 0; j < n; ++j) {
            covariance[i * n + j] = 4e-4 * correlation[i * n + j];
        }
    }
    return market_of_moments(mean, covariance, n);
}

static void assert_no_floor(mxs_market *market) {
    const asked options = asked_defaults();
    begin(market, &options);
    assert_false(bench.built.screening.has_floor);
    mxsi_volatility_floor_set_bar(&bench.floor, 0.5f);
    const uint32_t assets[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    float slope[8];
    for (int of_spacings = 0; of_spacings < 2; ++of_spacings) {
        mxsi_volatility_floor_slope(&bench.floor, &bench.built.problem, assets, of_spacings, slope);
        for (uint32_t i = 0; i < bench.n; ++i) {
            assert_true(slope[i] >= 0.0f);
        }
    }
    end();
}

static void assets_that_can_cancel_have_none_and_nothing_is_ruled_out(void **state) {
    (void)state;
    static const double opposed[] = {1.0, -1.0, 0.2, -1.0, 1.0, -0.2, 0.2, -0.2, 1.0};
    assert_no_floor(market_of_correlations(opposed, 3));
    static const double returns[] = {0.03, -0.015, -0.01, 0.005, 0.02, -0.01, 0.01, -0.005};
    assert_no_floor(market_of_returns(returns, 4, 2)); /* the first one and twice the second one are constant */
}

static void clearly_indefinite_moments_have_none_and_nothing_is_ruled_out(void **state) {
    (void)state;
    static const double impossible[] = {1.0, -0.9, -0.9, -0.9, 1.0, -0.9, -0.9, -0.9, 1.0};
    assert_no_floor(market_of_correlations(impossible, 3));
    static const double odd[] = {1.0, 0.9, 0.1, 0.9, 1.0, 0.9, 0.1, 0.9, 1.0};
    assert_no_floor(market_of_correlations(odd, 3));
}

/* Whose volatility is so far below the largest that a mix of them could pass for one without variance. */
static void an_asset_that_hardly_moves_has_none(void **state) {
    (void)state;
    static const double mean[] = {0.001, 0.001};
    static const double covariance[] = {1.0, 0.0, 0.0, 1e-13};
    assert_no_floor(market_of_moments(mean, covariance, 2));
    static const double in_step[] = {0.03, 1.5e-8, -0.01, -5e-9, 0.02, 1e-8, 0.01, 5e-9};
    assert_no_floor(market_of_returns(in_step, 4, 2));
}

static void the_same_market_in_other_units_has_the_same_floor(void **state) {
    (void)state;
    static const double mean[] = {0.001, 0.002};
    const asked options = asked_defaults();
    double expected[2] = {0};
    for (int exponent = -300; exponent <= 300; exponent += 100) {
        const double unit = ldexp(1.0, exponent);
        const double covariance[] = {4.0 * unit, 1.0 * unit, 1.0 * unit, 2.0 * unit};
        begin(market_of_moments(mean, covariance, 2), &options);
        assert_true(bench.built.screening.has_floor);
        for (int i = 0; i < 2; ++i) {
            assert_true(exponent == -300 || bench.built.screening.floor[i] == expected[i]);
            expected[i] = bench.built.screening.floor[i];
        }
        end();
    }
}

static void real_moments_keep_the_bound(void **state) {
    (void)state;
    static const char *const names[] = {"port1.txt", "port3.txt"};
    for (size_t i = 0; i < 2; ++i) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/orlib/%s", MXS_SHARED_DATA_DIR, names[i]);
        if (access(path, R_OK) != 0) {
            print_message("%s is not at hand\n", path);
            skip();
        }
        mxs_market_options market_options;
        mxs_market_options_init(&market_options, sizeof market_options);
        market_options.input = MXS_INPUT_MOMENTS;
        mxs_market *market = NULL;
        assert_int_equal(mxs_market_read(path, &market_options, &market, NULL), MXS_OK);
        const asked options = asked_defaults();
        struct seeded_random random = {41 + i};
        begin(market, &options);
        print_message("%s: error %.3g\n", names[i], bench.built.screening.risk_error);
        assert_true(bench.built.screening.has_floor);
        try_portfolios(&random, names[i], 41 + i);
        end();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_portfolio_lies_below_the_floor_or_above_the_ceiling),
        cmocka_unit_test(nor_where_the_floor_is_the_volatility_itself),
        cmocka_unit_test(nor_where_rounded_moments_are_slightly_indefinite),
        cmocka_unit_test(an_asset_that_hedges_the_market_has_a_floor),
        cmocka_unit_test(assets_that_can_cancel_have_none_and_nothing_is_ruled_out),
        cmocka_unit_test(clearly_indefinite_moments_have_none_and_nothing_is_ruled_out),
        cmocka_unit_test(an_asset_that_hardly_moves_has_none),
        cmocka_unit_test(the_same_market_in_other_units_has_the_same_floor),
        cmocka_unit_test(real_moments_keep_the_bound),
    };
    return cmocka_run_group_tests_name("volatility floor", tests, NULL, NULL);
}
