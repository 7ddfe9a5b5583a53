/* The answer, to its last bit, depends on the problem alone: not on how the work is cut up and who does it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/conformance_runs.h"
#include "support/made_market.h"
#include "support/seeded_random.h"

enum { ASSETS = 14, PERIODS = 80, TOP = 10 };

/* One kind of problem over the made-up market. */
struct kind {
    size_t k;
    double min_weight;
    double max_weight;
    uint64_t simulations;
    mxs_draws draws;
    mxs_sampler sampler; /* that the bounds are meant to choose */
};

static const struct kind KINDS[] = {
    {5, 0.0, 0.6, 1100, MXS_DRAWS_FRESH, MXS_SAMPLER_REJECTION},
    {5, 0.02, 0.27, 1100, MXS_DRAWS_FRESH, MXS_SAMPLER_FIXED_SUM},
    {6, 0.05, 1.0, 1030, MXS_DRAWS_SHARED, MXS_SAMPLER_REJECTION},
    {6, 0.0, 0.19, 300, MXS_DRAWS_SHARED, MXS_SAMPLER_FIXED_SUM},
    {7, 0.0, 1.0 / 7.0, 5000, MXS_DRAWS_FRESH, MXS_SAMPLER_EQUAL_WEIGHTS},
    {ASSETS, 0.0, 0.3, 20000, MXS_DRAWS_FRESH, MXS_SAMPLER_REJECTION}, /* one portfolio of many tiles */
    {ASSETS, 0.0, 0.1, 20000, MXS_DRAWS_FRESH, MXS_SAMPLER_FIXED_SUM},
};

enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

static int make_shared_market(void **state) {
    *state = make_market(PERIODS, ASSETS, 14);
    return 0;
}

static int destroy_shared_market(void **state) {
    mxs_market_destroy(*state);
    return 0;
}

static asked options_of(const struct kind *kind) {
    asked options = conformance_options();
    options.problem.assets_per_portfolio = kind->k;
    options.problem.min_weight = kind->min_weight;
    options.problem.max_weight = kind->max_weight;
    options.sampling.simulations = kind->simulations;
    options.sampling.draws = kind->draws;
    options.sampling.seed = 7;
    options.problem.top = TOP;
    options.run.workers = 2;
    return options;
}

static void the_bounds_choose_the_sampler_that_each_kind_is_for(void **state) {
    for (size_t i = 0; i < KIND_COUNT; ++i) {
        const asked options = options_of(&KINDS[i]);
        trial made;
        assert_int_equal(trial_create(*state, &options, &made, NULL), MXS_OK);
        assert_int_equal(mxs_search_describe(made.search)->sampler, KINDS[i].sampler);
        trial_release(&made);
    }
}

static void the_answer_is_the_same_for_any_number_of_workers(void **state) {
    static const unsigned WORKERS[] = {2, 3, 8};
    for (size_t i = 0; i < KIND_COUNT; ++i) {
        asked options = options_of(&KINDS[i]);
        options.run.workers = 1;
        mxs_result *expected = run_to_the_end(*state, &options);
        for (size_t j = 0; j < sizeof WORKERS / sizeof *WORKERS; ++j) {
            options.run.workers = WORKERS[j];
            mxs_result *result = run_to_the_end(*state, &options);
            assert_same_leaders(result, expected);
            mxs_result_destroy(result);
        }
        mxs_result_destroy(expected);
    }
}

static void the_answer_is_the_same_for_any_size_of_chunks(void **state) {
    static const uint64_t CHUNKS[] = {1, 7, 1000};
    for (size_t i = 0; i < KIND_COUNT; ++i) {
        asked options = options_of(&KINDS[i]);
        mxs_result *expected = run_to_the_end(*state, &options);
        for (size_t j = 0; j < sizeof CHUNKS / sizeof *CHUNKS; ++j) {
            options.run.chunk_tiles = CHUNKS[j];
            mxs_result *result = run_to_the_end(*state, &options);
            assert_same_leaders(result, expected);
            mxs_result_destroy(result);
        }
        mxs_result_destroy(expected);
    }
}

static void a_search_that_runs_again_gives_the_same_answer(void **state) {
    const asked options = options_of(&KINDS[0]);
    trial made;
    mxs_result *first = NULL;
    mxs_result *second = NULL;
    assert_int_equal(trial_create(*state, &options, &made, NULL), MXS_OK);
    assert_int_equal(trial_run(&made, &first, NULL), MXS_OK);
    assert_int_equal(trial_run(&made, &second, NULL), MXS_OK);
    assert_same_leaders(second, first);
    mxs_result_destroy(first);
    mxs_result_destroy(second);
    trial_release(&made);
}

/* The order of the leaders: the higher Sharpe ratio; ties to the lowest rank (ranks differ between shards). */
static int compare_portfolios(const void *left, const void *right) {
    const mxs_portfolio *a = *(const mxs_portfolio *const *)left;
    const mxs_portfolio *b = *(const mxs_portfolio *const *)right;
    if (a->sharpe != b->sharpe) {
        return a->sharpe > b->sharpe ? -1 : 1;
    }
    return (a->rank > b->rank) - (a->rank < b->rank);
}

static void shards_merged_by_hand_are_the_whole_search(void **state) {
    enum { SHARDS = 4 };
    for (size_t i = 0; i < KIND_COUNT; ++i) {
        if (KINDS[i].k == ASSETS) {
            continue; /* one portfolio is no shards */
        }
        asked options = options_of(&KINDS[i]);
        mxs_result *whole = run_to_the_end(*state, &options);
        trial made;
        assert_int_equal(trial_create(*state, &options, &made, NULL), MXS_OK);
        const uint64_t portfolios = mxs_problem_describe(made.problem)->portfolios;
        trial_release(&made);
        const uint64_t cuts[SHARDS + 1] = {0, portfolios / 4, portfolios / 4 + 1, portfolios - 1, portfolios};
        mxs_result *parts[SHARDS];
        const mxs_portfolio *merged[SHARDS * TOP];
        size_t count = 0;
        for (size_t j = 0; j < SHARDS; ++j) {
            options.sampling.first_portfolio = cuts[j];
            options.sampling.end_portfolio = cuts[j + 1];
            parts[j] = run_to_the_end(*state, &options);
            for (size_t m = 0; m < mxs_result_describe(parts[j])->portfolio_count; ++m) {
                merged[count++] = mxs_result_portfolio(parts[j], m);
            }
        }
        /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is sorted */
        qsort(merged, count, sizeof merged[0], compare_portfolios);
        assert_int_equal(mxs_result_describe(whole)->portfolio_count, count < TOP ? count : TOP);
        for (size_t m = 0; m < count && m < TOP; ++m) {
            assert_same_portfolio(m, merged[m], mxs_result_portfolio(whole, m));
        }
        for (size_t j = 0; j < SHARDS; ++j) {
            mxs_result_destroy(parts[j]);
        }
        mxs_result_destroy(whole);
    }
}

/* A market whose assets come in pairs of equal returns. */
static mxs_market *make_market_of_twins(size_t assets) {
    enum { ROWS = 40 };
    double returns[ROWS * ASSETS];
    struct seeded_random random = {3};
    for (size_t t = 0; t < ROWS; ++t) {
        for (size_t i = 0; i < assets; i += 2) {
            returns[t * assets + i] = 0.001 + 0.01 * random_normal(&random);
            returns[t * assets + i + 1] = returns[t * assets + i];
        }
    }
    mxs_market_options options;
    mxs_market_options_init(&options, sizeof options);
    options.input = MXS_INPUT_RETURNS;
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_create(returns, ROWS, assets, NULL, &options, &market, NULL), MXS_OK);
    return market;
}

static void ties_between_portfolios_go_to_the_lowest_rank(void **state) {
    (void)state;
    mxs_market *market = make_market_of_twins(ASSETS);
    asked options = conformance_options();
    options.problem.assets_per_portfolio = ASSETS / 2;
    options.sampling.simulations = 300;
    options.sampling.draws = MXS_DRAWS_SHARED;
    options.problem.top = 300;
    options.run.chunk_tiles = 1;
    for (options.run.workers = 1; options.run.workers <= 3; ++options.run.workers) {
        mxs_result *result = run_to_the_end(market, &options);
        const size_t count = mxs_result_describe(result)->portfolio_count;
        size_t ties = 0;
        for (size_t i = 0; i + 1 < count; ++i) {
            const mxs_portfolio *one = mxs_result_portfolio(result, i);
            const mxs_portfolio *next = mxs_result_portfolio(result, i + 1);
            assert_true(one->sharpe >= next->sharpe);
            if (one->sharpe == next->sharpe) {
                assert_true(one->rank < next->rank);
                ++ties;
            }
        }
        /* One of each pair makes 128 portfolios with the same answer. */
        assert_int_equal(count, 300);
        assert_true(ties >= 127);
        mxs_result_destroy(result);
    }
    mxs_market_destroy(market);
}

enum { TWIN_SIMULATIONS = 4 * 1024, TWIN_TILE = 1024 };

/* The best of all simulations of the pair, looked at one after the other; returns how many others are equal to it. */
static size_t best_of_twins(const mxs_market *market, const asked *options, mxs_portfolio *best) {
    trial made;
    assert_int_equal(trial_create(market, options, &made, NULL), MXS_OK);
    *best = (mxs_portfolio){.sharpe = -HUGE_VAL};
    size_t ties = 0;
    for (uint32_t s = 0; s < TWIN_SIMULATIONS; ++s) {
        size_t assets[2];
        double weights[2];
        double sharpe = 0.0;
        assert_int_equal(mxs_search_simulation(made.search, 0, s / TWIN_TILE, s % TWIN_TILE, assets, weights, NULL),
                         MXS_OK);
        assert_int_equal(mxs_market_evaluate(market, assets, weights, 2, options->problem.risk_free,
                                             options->problem.periods_per_year, NULL, NULL, &sharpe, NULL),
                         MXS_OK);
        ties = sharpe > best->sharpe ? 0 : ties + (sharpe == best->sharpe);
        if (sharpe > best->sharpe) {
            *best = (mxs_portfolio){.sharpe = sharpe, .tile = s / TWIN_TILE, .attempt = s % TWIN_TILE};
        }
    }
    trial_release(&made);
    return ties;
}

/* A pair of equal assets is worth the same with any weights, but for the last bits. */
static void ties_within_a_portfolio_go_to_the_lowest_tile_and_attempt(void **state) {
    (void)state;
    mxs_market *market = make_market_of_twins(2);
    asked options = conformance_options();
    options.sampling.simulations = TWIN_SIMULATIONS;
    size_t ties = 0;
    for (options.sampling.seed = 0; options.sampling.seed < 200; ++options.sampling.seed) {
        mxs_portfolio expected;
        ties += best_of_twins(market, &options, &expected);
        options.run.workers = 1 + (unsigned)(options.sampling.seed % 4);
        options.run.chunk_tiles = 1 + options.sampling.seed % 3;
        mxs_result *result = run_to_the_end(market, &options);
        const mxs_portfolio *best = mxs_result_portfolio(result, 0);
        assert_memory_equal(&best->sharpe, &expected.sharpe, sizeof best->sharpe);
        assert_int_equal(best->tile, expected.tile);
        assert_int_equal(best->attempt, expected.attempt);
        mxs_result_destroy(result);
    }
    print_message("%zu simulations tie with the best of theirs\n", ties);
    assert_true(ties >= 20);
    mxs_market_destroy(market);
}

static void the_best_is_the_first_of_the_top_ten(void **state) {
    for (size_t i = 0; i < KIND_COUNT; ++i) {
        asked options = options_of(&KINDS[i]);
        mxs_result *ten = run_to_the_end(*state, &options);
        options.problem.top = 1;
        mxs_result *one = run_to_the_end(*state, &options);
        assert_int_equal(mxs_result_describe(one)->portfolio_count, 1);
        assert_same_portfolio(0, mxs_result_portfolio(one, 0), mxs_result_portfolio(ten, 0));
        mxs_result_destroy(one);
        mxs_result_destroy(ten);
    }
}

static void a_result_is_reproduced_by_its_identity_alone(void **state) {
    for (size_t i = 0; i < KIND_COUNT; ++i) {
        const asked options = options_of(&KINDS[i]);
        mxs_result *result = run_to_the_end(*state, &options);
        trial made;
        assert_int_equal(trial_create(*state, &options, &made, NULL), MXS_OK);
        for (size_t j = 0; j < mxs_result_describe(result)->portfolio_count; ++j) {
            const mxs_portfolio *leader = mxs_result_portfolio(result, j);
            size_t assets[ASSETS];
            double weights[ASSETS];
            mxs_portfolio again = {.origin = MXS_ORIGIN_SIMULATED,
                                   .rank = leader->rank,
                                   .tile = leader->tile,
                                   .attempt = leader->attempt,
                                   .asset_count = KINDS[i].k};
            assert_int_equal(
                mxs_search_simulation(made.search, leader->rank, leader->tile, leader->attempt, assets, weights, NULL),
                MXS_OK);
            assert_int_equal(mxs_market_evaluate(*state, assets, weights, KINDS[i].k, options.problem.risk_free,
                                                 options.problem.periods_per_year, &again.expected_return,
                                                 &again.volatility, &again.sharpe, NULL),
                             MXS_OK);
            again.assets = assets;
            again.weights = weights;
            assert_same_portfolio(j, &again, leader);
        }
        trial_release(&made);
        mxs_result_destroy(result);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bounds_choose_the_sampler_that_each_kind_is_for),
        cmocka_unit_test(the_answer_is_the_same_for_any_number_of_workers),
        cmocka_unit_test(the_answer_is_the_same_for_any_size_of_chunks),
        cmocka_unit_test(a_search_that_runs_again_gives_the_same_answer),
        cmocka_unit_test(shards_merged_by_hand_are_the_whole_search),
        cmocka_unit_test(ties_between_portfolios_go_to_the_lowest_rank),
        cmocka_unit_test(ties_within_a_portfolio_go_to_the_lowest_tile_and_attempt),
        cmocka_unit_test(the_best_is_the_first_of_the_top_ten),
        cmocka_unit_test(a_result_is_reproduced_by_its_identity_alone),
    };
    return cmocka_run_group_tests(tests, make_shared_market, destroy_shared_market);
}
