/* The decision in double: the same numbers as mxs_market_evaluate gives, whatever was scored before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "problem/portfolio.h"
#include "sampling/draw.h"
#include "sampling/rescore.h"
#include "support/built_problem.h"
#include "support/made_market.h"

enum { N = 12, K = 5 };

static void *rescorer_memory(uint32_t k) {
    const size_t size = (mxsi_rescorer_size(k) + 63) / 64 * 64;
    void *memory = aligned_alloc(64, size);
    assert_non_null(memory);
    memset(memory, 0xa5, size);
    return memory;
}

static void scores_are_those_of_the_public_evaluation_in_any_order_of_portfolios(void **state) {
    (void)state;
    struct seeded_random random = {12};
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = K;
    options.problem.max_weight = 0.5;
    struct built_problem built;
    build_problem(&built, random_market(&random, N, 2), &options);
    void *memory = rescorer_memory(K);
    struct mxsi_rescorer rescorer;
    mxsi_rescorer_init(&rescorer, &built.problem, &built.sampling, memory);
    int rejected = 0;
    for (int i = 0; i < 3000; ++i) {
        const struct mxsi_identity identity = {random_below(&random, 4) * random_below(&random, 198),
                                               (uint32_t)random_below(&random, 2), (uint32_t)random_below(&random, 99)};
        struct mxsi_score scored = {-7.0, -7.0, -7.0};
        struct mxsi_score expected;
        uint32_t assets[K];
        uint32_t chosen[K];
        double weights[K];
        double scratch[2 * K];
        const int outcome = mxsi_rescore(&rescorer, &identity, &scored);
        assert_int_equal(outcome, !mxsi_draw_weights(&built.problem, &built.sampling, &identity, weights, scratch));
        assert_memory_equal(rescorer.weights, weights, sizeof weights);
        mxsi_portfolio_assets(&built.problem, identity.rank, assets, chosen);
        for (size_t j = 0; j < K; ++j) {
            assert_int_equal(rescorer.assets[j], assets[j]);
        }
        if (outcome != 0) {
            ++rejected;
            assert_true(scored.value == -7.0); /* left alone */
            continue;
        }
        assert_int_equal(mxs_market_evaluate(built.market, rescorer.assets, weights, K, options.problem.risk_free,
                                             options.problem.periods_per_year, &expected.expected_return,
                                             &expected.volatility, &expected.value, NULL),
                         MXS_OK);
        assert_memory_equal(&scored, &expected, sizeof scored);
    }
    assert_true(rejected > 300 && rejected < 2700);
    free(memory);
    destroy_problem(&built);
}

static mxs_market *cancelling_market(void) {
    const double mean[3] = {1e-3, 2e-3, 3e-3};
    const double covariance[9] = {1e-4, -1e-4, 0.0, -1e-4, 1e-4, 0.0, 0.0, 0.0, 1e-4};
    static const char *const TICKERS[3] = {"LONG", "SHORT", "OTHER"};
    mxs_market *market = NULL;
    mxs_error error = {.message = ""};
    if (mxs_market_create_from_moments(mean, covariance, 3, TICKERS, &market, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    return market;
}

static asked equal_pairs(void) {
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 2;
    options.problem.max_weight = 0.5;
    options.run.workers = 2;
    options.run.backend = MXS_BACKEND_CPU;
    return options;
}

static void positions_that_cancel_have_no_sharpe_ratio(void **state) {
    (void)state;
    const asked options = equal_pairs();
    struct built_problem built;
    build_problem(&built, cancelling_market(), &options);
    void *memory = rescorer_memory(2);
    struct mxsi_rescorer rescorer;
    mxsi_rescorer_init(&rescorer, &built.problem, &built.sampling, memory);
    struct mxsi_score scored = {-7.0, -7.0, -7.0};
    assert_int_equal(mxsi_rescore(&rescorer, &(struct mxsi_identity){0, 0, 0}, &scored), -1);
    assert_true(scored.value == -7.0);
    assert_int_equal(mxsi_rescore(&rescorer, &(struct mxsi_identity){1, 0, 0}, &scored), 0);
    assert_true(scored.volatility > 0.0);
    free(memory);
    destroy_problem(&built);
}

static void a_search_that_meets_one_names_its_assets(void **state) {
    (void)state;
    mxs_market *market = cancelling_market();
    asked options = equal_pairs();
    trial made;
    mxs_result *result = (mxs_result *)(uintptr_t)64;
    mxs_error error = {.message = ""};
    assert_int_equal(trial_create(market, &options, &made, NULL), MXS_OK);
    assert_int_equal(trial_run(&made, &result, &error), MXS_ERROR_DATA);
    assert_null(result);
    assert_non_null(strstr(error.message, "portfolio 0 (LONG SHORT) has zero variance"));
    trial_release(&made);
    options.sampling.first_portfolio = 1; /* without that pair all is well */
    assert_int_equal(trial_create(market, &options, &made, NULL), MXS_OK);
    assert_int_equal(trial_run(&made, &result, &error), MXS_OK);
    mxs_result_destroy(result);
    trial_release(&made);
    mxs_market_destroy(market);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_the_public_evaluation_in_any_order_of_portfolios),
        cmocka_unit_test(positions_that_cancel_have_no_sharpe_ratio),
        cmocka_unit_test(a_search_that_meets_one_names_its_assets),
    };
    return cmocka_run_group_tests_name("rescore", tests, NULL, NULL);
}
