/* The definition of a simulation: weights from an identity. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "maxsharpe/search.h"
#include "problem/portfolio.h"
#include "problem/subsets.h"
#include "sampling/draw.h"
#include "sampling/exponential.h"
#include "sampling/simulation_counter.h"
#include "support/built_problem.h"
#include "support/made_market.h"
#include "support/philox_vectors.h"

enum { MAX_K = 200 };

static double weights[MAX_K];
static double scratch[2 * MAX_K];

static int draw(const struct built_problem *built, uint64_t rank, uint32_t tile, uint32_t attempt) {
    const struct mxsi_identity identity = {rank, tile, attempt};
    return mxsi_draw_weights(&built->problem, &built->sampling, &identity, weights, scratch);
}

/* The first words of the seed 1234 are those that cuRAND's Philox4x32-10 gives too. */
static void the_first_simulation_of_seed_1234_comes_from_philoxs_known_words(void **state) {
    (void)state;
    uint32_t words[4];
    struct built_problem built;
    build_sampler(&built, 4, 0.0, 1.0, 1234);
    double expected[4];
    double sum = 0.0;
    known_words_of_seed(1234, words);
    for (int i = 0; i < 4; ++i) {
        expected[i] = (double)mxsi_exponential(words[i]);
        sum += expected[i];
    }
    assert_int_equal(draw(&built, 0, 0, 0), 1);
    for (int i = 0; i < 4; ++i) {
        const double ratio = expected[i] / sum;
        assert_memory_equal(&weights[i], &ratio, sizeof ratio);
    }
    destroy_problem(&built);
}

struct bounds {
    uint32_t k;
    double min_weight;
    double max_weight;
    mxs_sampler sampler;
};

static const struct bounds CASES[] = {
    {1, 0.0, 1.0, MXS_SAMPLER_EQUAL_WEIGHTS},       {2, 0.0, 1.0, MXS_SAMPLER_REJECTION},
    {2, 0.0, 0.7, MXS_SAMPLER_REJECTION},           {2, 0.4, 0.55, MXS_SAMPLER_REJECTION},
    {2, 0.0, 0.55, MXS_SAMPLER_FIXED_SUM},          {3, 0.1, 0.5, MXS_SAMPLER_REJECTION},
    {6, 0.0, 0.2, MXS_SAMPLER_FIXED_SUM},           {10, 0.0, 0.2, MXS_SAMPLER_FIXED_SUM},
    {10, 0.05, 0.12, MXS_SAMPLER_FIXED_SUM},        {25, 0.0, 0.2, MXS_SAMPLER_REJECTION},
    {25, 0.01, 0.2, MXS_SAMPLER_REJECTION},         {25, 0.0, 0.0401, MXS_SAMPLER_FIXED_SUM},
    {25, 0.0399, 0.9, MXS_SAMPLER_REJECTION},       {200, 0.0, 1.0, MXS_SAMPLER_REJECTION},
    {200, 0.0, 0.01, MXS_SAMPLER_FIXED_SUM},        {4, 0.25, 0.25, MXS_SAMPLER_EQUAL_WEIGHTS},
    {7, 0.0, 1.0 / 7.0, MXS_SAMPLER_EQUAL_WEIGHTS},
};

static void assert_weights_are_feasible(const struct bounds *bounds, uint32_t attempt) {
    double sum = 0.0;
    for (uint32_t i = 0; i < bounds->k; ++i) {
        /* Equal weights are the only ones left where the bounds differ from 1/K by rounding. */
        const double slack = bounds->sampler == MXS_SAMPLER_EQUAL_WEIGHTS ? 1e-12 : 0.0;
        if (!(weights[i] >= bounds->min_weight - slack && weights[i] <= bounds->max_weight + slack)) {
            fail_msg("K %u, weights %g to %g, attempt %u: weight %u is %.17g", bounds->k, bounds->min_weight,
                     bounds->max_weight, attempt, i, weights[i]);
        }
        sum += weights[i];
    }
    if (!(fabs(sum - 1.0) <= 1e-12)) {
        fail_msg("K %u, weights %g to %g, attempt %u: the sum is 1 %+.3g", bounds->k, bounds->min_weight,
                 bounds->max_weight, attempt, sum - 1.0);
    }
}

static void weights_sum_to_one_and_keep_their_bounds_exactly(void **state) {
    (void)state;
    for (size_t c = 0; c < sizeof CASES / sizeof *CASES; ++c) {
        struct built_problem built;
        build_sampler(&built, CASES[c].k, CASES[c].min_weight, CASES[c].max_weight, 7);
        assert_int_equal(built.sampling.sampler, CASES[c].sampler);
        uint32_t accepted = 0;
        const uint32_t attempts = 4000;
        for (uint32_t attempt = 0; attempt < attempts; ++attempt) {
            if (draw(&built, 0, attempt % 3, attempt)) {
                assert_weights_are_feasible(&CASES[c], attempt);
                ++accepted;
            }
        }
        const double expected = CASES[c].sampler == MXS_SAMPLER_REJECTION ? built.sampling.acceptance : 1.0;
        const double deviation = sqrt(expected * (1.0 - expected) * attempts);
        assert_true(fabs(accepted - expected * attempts) <= 5.0 * deviation + 1e-9);
        destroy_problem(&built);
    }
}

/* Bounds from loose to tight, around which rounding in float could let a weight slip. */
static struct bounds random_bounds(struct seeded_random *random) {
    struct bounds bounds = {.k = 2 + (uint32_t)random_below(random, 100)};
    const double even = 1.0 / bounds.k;
    const double spread = pow(10.0, random_between(random, -6.0, 3.0));
    bounds.min_weight = random_below(random, 2) == 0 ? 0.0 : even * random_unit(random);
    bounds.max_weight = fmin(1.0, even + (even - bounds.min_weight) * spread);
    return bounds;
}

static void no_weight_leaves_its_bounds_whatever_the_float_sum_rounds_to(void **state) {
    (void)state;
    const uint64_t seed = 4242;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct seeded_random random = {seed};
    uint32_t samplers_seen[3] = {0};
    for (int i = 0; i < 300; ++i) {
        struct bounds bounds = random_bounds(&random);
        struct built_problem built;
        build_sampler(&built, bounds.k, bounds.min_weight, bounds.max_weight, random_word(&random));
        bounds.sampler = (mxs_sampler)built.sampling.sampler;
        ++samplers_seen[bounds.sampler];
        for (uint32_t attempt = 0; attempt < 200; ++attempt) {
            if (draw(&built, 0, 0, attempt)) {
                assert_weights_are_feasible(&bounds, attempt);
            }
        }
        destroy_problem(&built);
    }
    assert_true(samplers_seen[MXS_SAMPLER_REJECTION] > 50 && samplers_seen[MXS_SAMPLER_FIXED_SUM] > 50);
}

static void a_simulation_depends_on_every_part_of_its_identity(void **state) {
    (void)state;
    struct seeded_random random = {1};
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 5;
    for (int kind = 0; kind < 2; ++kind) {
        struct built_problem built;
        options.problem.max_weight = kind == 0 ? 1.0 : 0.22;
        options.sampling.seed = 0x1234567800000000u;
        build_problem(&built, random_market(&random, 12, 2), &options);
        static const struct mxsi_identity OTHERS[] = {
            {3, 2, 1}, {4, 2, 1}, {3, 3, 1}, {3, 2, 2}, {3 + (UINT64_C(1) << 32), 2, 1}, {3, 2 + (1u << 31), 1},
        };
        double drawn[6][5];
        for (size_t i = 0; i < 6; ++i) {
            (void)draw(&built, OTHERS[i].rank, OTHERS[i].tile, OTHERS[i].attempt);
            memcpy(drawn[i], weights, sizeof drawn[i]);
            for (size_t j = 0; j < i; ++j) {
                assert_memory_not_equal(drawn[i], drawn[j], sizeof drawn[i]);
            }
        }
        built.sampling.seed = 0x1234567900000000u;
        (void)draw(&built, 3, 2, 1);
        assert_memory_not_equal(weights, drawn[0], sizeof drawn[0]);
        built.sampling.seed = 0x1234567800000000u;
        (void)draw(&built, 3, 2, 1);
        assert_memory_equal(weights, drawn[0], sizeof drawn[0]);
        destroy_problem(&built);
    }
}

static void shared_draws_are_the_same_for_every_portfolio_and_no_portfolios_own(void **state) {
    (void)state;
    struct seeded_random random = {2};
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 5;
    options.sampling.draws = MXS_DRAWS_SHARED;
    struct built_problem built;
    build_problem(&built, random_market(&random, 12, 2), &options);
    double first[5];
    (void)draw(&built, 0, 1, 2);
    memcpy(first, weights, sizeof first);
    for (uint64_t rank = 1; rank < built.problem.portfolios; ++rank) {
        (void)draw(&built, rank, 1, 2);
        assert_memory_equal(weights, first, sizeof first);
    }
    built.sampling.shared_draws = 0;
    for (uint64_t rank = 0; rank < built.problem.portfolios; ++rank) {
        (void)draw(&built, rank, 1, 2);
        assert_memory_not_equal(weights, first, sizeof first);
    }
    (void)draw(&built, UINT64_MAX, 1, 2); /* all ones: the stream that is shared */
    assert_memory_equal(weights, first, sizeof first);
    destroy_problem(&built);
}

static void attempts_take_no_word_twice(void **state) {
    (void)state;
    for (uint32_t k = 1; k <= 70; ++k) {
        assert_true(4 * mxsi_blocks_of_words(mxsi_words_of_rejection(k)) >= k);
        assert_true(4 * (mxsi_blocks_of_words(mxsi_words_of_rejection(k)) - 1) < k);
        assert_true(4 * mxsi_blocks_of_words(mxsi_words_of_fixed_sum(k)) >= k + 2 * (k - 1));
    }
    const uint64_t most = mxsi_blocks_of_words(mxsi_words_of_fixed_sum(MXSI_MAX_ASSETS_PER_PORTFOLIO));
    assert_true(most * 4 * MXSI_TILE_SIZE < UINT32_MAX); /* 4: an acceptance of 25 % */
}

/* Portfolios with included assets against a filter over all portfolios of all assets. */
static void portfolios_with_included_assets_come_in_lexicographic_order(void **state) {
    (void)state;
    static const char *const INCLUDE[] = {"A8", "A3", "A3"};
    enum { N = 9, K = 4 };
    struct seeded_random random = {3};
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = K;
    options.problem.include = INCLUDE;
    options.problem.include_count = 3;
    struct built_problem built;
    build_problem(&built, random_market(&random, N, 2), &options);
    assert_int_equal(built.problem.forced_count, 2); /* named twice, held once */
    assert_int_equal(built.problem.portfolios, 21);
    uint32_t assets[K];
    uint32_t chosen[K];
    uint32_t all[K] = {0, 1, 2, 3};
    uint64_t rank = 0;
    do {
        int has = 0;
        for (int i = 0; i < K; ++i) {
            has += all[i] == 2 || all[i] == 7;
        }
        if (has == 2) {
            mxsi_portfolio_assets(&built.problem, rank++, assets, chosen);
            assert_memory_equal(assets, all, sizeof all);
        }
    } while (mxsi_subset_next(N, K, all));
    assert_int_equal(rank, 21);
    destroy_problem(&built);
}

static void where_all_assets_are_included_there_is_one_portfolio(void **state) {
    (void)state;
    static const char *const INCLUDE[] = {"A2", "A1"};
    struct seeded_random random = {3};
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 2;
    options.problem.include = INCLUDE;
    options.problem.include_count = 2;
    struct built_problem built;
    build_problem(&built, random_market(&random, 5, 2), &options);
    assert_int_equal(built.problem.portfolios, 1);
    uint32_t assets[2];
    uint32_t chosen[2];
    mxsi_portfolio_assets(&built.problem, 0, assets, chosen);
    assert_int_equal(assets[0], 0);
    assert_int_equal(assets[1], 1);
    destroy_problem(&built);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_simulation_of_seed_1234_comes_from_philoxs_known_words),
        cmocka_unit_test(weights_sum_to_one_and_keep_their_bounds_exactly),
        cmocka_unit_test(no_weight_leaves_its_bounds_whatever_the_float_sum_rounds_to),
        cmocka_unit_test(a_simulation_depends_on_every_part_of_its_identity),
        cmocka_unit_test(shared_draws_are_the_same_for_every_portfolio_and_no_portfolios_own),
        cmocka_unit_test(attempts_take_no_word_twice),
        cmocka_unit_test(portfolios_with_included_assets_come_in_lexicographic_order),
        cmocka_unit_test(where_all_assets_are_included_there_is_one_portfolio),
    };
    return cmocka_run_group_tests_name("draw", tests, NULL, NULL);
}
