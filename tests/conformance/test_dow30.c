/* The reference task's market, the 30 Dow Jones stocks, where it is at hand: MXS_SHARED_DATA_DIR. The answers were
 * computed elsewhere, by enumeration in double and by an exact solver. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/conformance_runs.h"
#include "support/market_texts.h"

enum { DOW = 30, K = 25, SUBSETS = 142506 };

static const char IN_SAMPLE[] = MXS_SHARED_DATA_DIR "/dow30/dow30_2024-08-01_2024-12-30.wide.csv";
static const char AFTERWARDS[] = MXS_SHARED_DATA_DIR "/dow30/dow30_2025-01-02_2025-03-28.wide.csv";

static mxs_market *read_dow(const char *path) {
    mxs_market *market = NULL;
    mxs_error error = {.message = ""};
    if (mxs_market_read(path, NULL, &market, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    assert_int_equal(mxs_market_describe(market)->assets, DOW);
    return market;
}

/* The tickers that a portfolio leaves out, in the order of the file: "A B C". */
static void name_dropped(const mxs_market *market, const size_t *assets, char *text, size_t size) {
    const mxs_market_info *info = mxs_market_describe(market);
    size_t next = 0;
    text[0] = '\0';
    for (size_t i = 0; i < info->assets; ++i) {
        if (next < K && assets[next] == i) {
            ++next;
            continue;
        }
        const size_t used = strlen(text);
        (void)snprintf(text + used, size - used, "%s%s", used == 0 ? "" : " ", info->tickers[i]);
    }
}

static void the_best_equal_weights_of_all_142506_portfolios_are_the_known_ones(void **state) {
    (void)state;
    static const struct {
        double sharpe;
        const char *dropped;
    } KNOWN[] = {{2.3643255310508375, "AMGN CVX MRK SHW UNH"},
                 {2.3605545127489553, "AMGN JNJ MRK SHW UNH"},
                 {2.3528652577580824, "AMGN CVX JNJ MRK UNH"}};
    enum { KNOWN_COUNT = sizeof KNOWN / sizeof *KNOWN };
    mxs_market *market = read_dow(IN_SAMPLE);
    asked options = conformance_options();
    options.problem.assets_per_portfolio = K;
    options.problem.min_weight = 0.04;
    options.problem.max_weight = 0.04;
    options.problem.risk_free = 0.0;
    options.problem.top = KNOWN_COUNT;
    mxs_result *result = run_to_the_end(market, &options);
    assert_int_equal(mxs_result_describe(result)->portfolio_count, KNOWN_COUNT);
    for (size_t i = 0; i < KNOWN_COUNT; ++i) {
        const mxs_portfolio *found = mxs_result_portfolio(result, i);
        char dropped[128];
        name_dropped(market, found->assets, dropped, sizeof dropped);
        assert_string_equal(dropped, KNOWN[i].dropped);
        assert_near(found->sharpe, KNOWN[i].sharpe, 1e-12);
        for (size_t j = 0; j < K; ++j) {
            assert_near(found->weights[j], 0.04, 1e-15);
        }
    }
    mxs_market *quarter = read_dow(AFTERWARDS);
    const mxs_portfolio *best = mxs_result_portfolio(result, 0);
    double sharpe = 0.0;
    assert_int_equal(
        mxs_market_evaluate(quarter, best->assets, best->weights, K, 0.0, 252.0, NULL, NULL, &sharpe, NULL), MXS_OK);
    assert_near(sharpe, -0.3809813532, 1e-9);
    mxs_market_destroy(quarter);
    mxs_result_destroy(result);
    mxs_market_destroy(market);
}

/* The next choice of the five that are left out; 0 after the last. */
static int next_choice(size_t *left_out) {
    size_t i = DOW - K;
    while (i > 0 && left_out[i - 1] == K + i - 1) {
        --i;
    }
    if (i == 0) {
        return 0;
    }
    ++left_out[i - 1];
    for (; i < DOW - K; ++i) {
        left_out[i] = left_out[i - 1] + 1;
    }
    return 1;
}

static void keep_the_others(const size_t *left_out, size_t *assets) {
    size_t count = 0;
    size_t out = 0;
    for (size_t i = 0; i < DOW; ++i) {
        if (out < DOW - K && left_out[out] == i) {
            ++out;
        } else {
            assets[count++] = i;
        }
    }
}

static void equal_weights_over_every_portfolio_have_the_known_worst_and_mean(void **state) {
    (void)state;
    mxs_market *market = read_dow(IN_SAMPLE);
    double weights[K];
    for (size_t i = 0; i < K; ++i) {
        weights[i] = 1.0 / K;
    }
    size_t left_out[DOW - K] = {0, 1, 2, 3, 4};
    size_t worst[K] = {0};
    size_t calmest[K] = {0};
    double worst_sharpe = HUGE_VAL;
    double lowest_volatility = HUGE_VAL;
    long double sum = 0.0L;
    size_t count = 0;
    do {
        size_t assets[K];
        double sharpe = 0.0;
        double volatility = 0.0;
        keep_the_others(left_out, assets);
        assert_int_equal(mxs_market_evaluate(market, assets, weights, K, 0.0, 252.0, NULL, &volatility, &sharpe, NULL),
                         MXS_OK);
        if (sharpe < worst_sharpe) {
            worst_sharpe = sharpe;
            memcpy(worst, assets, sizeof worst);
        }
        if (volatility < lowest_volatility) {
            lowest_volatility = volatility;
            memcpy(calmest, assets, sizeof calmest);
        }
        sum += (long double)sharpe;
        ++count;
    } while (next_choice(left_out));
    char dropped[128];
    assert_int_equal(count, SUBSETS);
    assert_near(worst_sharpe, 1.080242906829801, 1e-12);
    name_dropped(market, worst, dropped, sizeof dropped);
    assert_string_equal(dropped, "CRM CSCO DIS NVDA WMT");
    assert_near((double)(sum / SUBSETS), 1.7232453707974222, 1e-12);
    assert_near(lowest_volatility, 0.10335724510514221, 1e-12);
    name_dropped(market, calmest, dropped, sizeof dropped);
    assert_string_equal(dropped, "AMZN AXP CAT GS NVDA");
    mxs_market_destroy(market);
}

static void a_part_of_the_reference_task_has_a_best_that_is_what_it_says(void **state) {
    (void)state;
    mxs_market *market = read_dow(IN_SAMPLE);
    asked options = conformance_options();
    options.problem.assets_per_portfolio = K;
    options.problem.max_weight = 0.2;
    options.sampling.first_portfolio = 81000;
    options.sampling.end_portfolio = 83000;
    mxs_result *result = run_to_the_end(market, &options);
    const mxs_result_info *info = mxs_result_describe(result);
    const mxs_portfolio *best = mxs_result_portfolio(result, 0);
    double expected_return = 0.0;
    double volatility = 0.0;
    double sharpe = 0.0;
    double sum = 0.0;
    assert_int_equal(info->simulations_done, 2000000);
    assert_in_range(best->rank, 81000, 82999);
    assert_int_equal(mxs_market_evaluate(market, best->assets, best->weights, K, 0.05, 252.0, &expected_return,
                                         &volatility, &sharpe, NULL),
                     MXS_OK);
    assert_memory_equal(&sharpe, &best->sharpe, sizeof sharpe);
    assert_memory_equal(&expected_return, &best->expected_return, sizeof expected_return);
    assert_memory_equal(&volatility, &best->volatility, sizeof volatility);
    for (size_t i = 0; i < K; ++i) {
        assert_true(best->weights[i] >= 0.0 && best->weights[i] <= 0.2);
        assert_true(i == 0 || best->assets[i] > best->assets[i - 1]);
        sum += best->weights[i];
    }
    assert_near(sum, 1.0, 1e-12);
    /* Above all equal weights, below the exact optimum of all portfolios at this risk-free rate. */
    print_message("best Sharpe ratio of the ranks 81000:83000: %.16g\n", best->sharpe);
    assert_true(best->sharpe > 2.3643255310508375 && best->sharpe < 3.7101273);
    mxs_result_destroy(result);
    mxs_market_destroy(market);
}

int main(void) {
    if (access(IN_SAMPLE, R_OK) != 0 || access(AFTERWARDS, R_OK) != 0) {
        (void)fprintf(stderr, "skipped: no folder %s/dow30\n", MXS_SHARED_DATA_DIR);
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_equal_weights_of_all_142506_portfolios_are_the_known_ones),
        cmocka_unit_test(equal_weights_over_every_portfolio_have_the_known_worst_and_mean),
        cmocka_unit_test(a_part_of_the_reference_task_has_a_best_that_is_what_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
