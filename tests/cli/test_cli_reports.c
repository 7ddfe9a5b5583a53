/* The three forms of the report, and that they say the same. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run_program.h"

enum { ASSETS = 30, PRICES = 253 };

#define DOW30 MXS_SHARED_DATA_DIR "/dow30/dow30_2024-08-01_2024-12-30.wide.csv"

/* 435 portfolios of 50 simulations. */
#define SMALL "-k 28 -w 0.2 -n 50 -s 7 "

static void assert_close(double value, double expected, double relative) {
    if (!(fabs(value - expected) <= relative * fabs(expected))) {
        fail_msg("%.17g instead of %.17g", value, expected);
    }
}

/* The example market, read by means of its own: one header line, then a date and 30 prices a line. */
typedef struct example {
    char tickers[ASSETS][16];
    double prices[PRICES][ASSETS];
} example;

static example *read_example(void) {
    example *const market = calloc(1, sizeof *market);
    char *const text = read_file(MXS_EXAMPLE_MARKET);
    assert_true(market != NULL && text != NULL);
    char *rest = text;
    for (size_t row = 0; row <= PRICES; ++row) {
        char *line = strsep(&rest, "\n");
        assert_non_null(line);
        (void)strsep(&line, ",");
        for (size_t i = 0; i < ASSETS; ++i) {
            const char *const field = strsep(&line, ",");
            assert_non_null(field);
            if (row == 0) {
                (void)snprintf(market->tickers[i], sizeof market->tickers[i], "%s", field);
            } else {
                market->prices[row - 1][i] = strtod(field, NULL);
            }
        }
    }
    free(text);
    return market;
}

static size_t index_of(const example *market, const char *ticker) {
    for (size_t i = 0; i < ASSETS; ++i) {
        if (strcmp(market->tickers[i], ticker) == 0) {
            return i;
        }
    }
    fail_msg("unknown ticker %s", ticker);
    return 0;
}

/* Mean and variance of the portfolio's own returns, row by row: no covariance matrix. */
static void evaluate(const example *market, const json_t *weights, double *expected_return, double *volatility) {
    double returns[PRICES - 1] = {0};
    double mean = 0;
    double variance = 0;
    for (size_t t = 0; t + 1 < PRICES; ++t) {
        size_t position = 0;
        const json_t *item = NULL;
        json_array_foreach(weights, position, item) {
            const size_t i = index_of(market, json_text_at(item, "ticker"));
            returns[t] += json_number_at(item, "weight") * (market->prices[t + 1][i] / market->prices[t][i] - 1);
        }
        mean += returns[t] / (PRICES - 1);
    }
    for (size_t t = 0; t + 1 < PRICES; ++t) {
        variance += (returns[t] - mean) * (returns[t] - mean) / (PRICES - 2);
    }
    *expected_return = 252 * mean;
    *volatility = sqrt(252 * variance);
}

static void json_has_every_key_of_its_schema(void **state) {
    (void)state;
    static const char *const keys[] = {
        "input.file",
        "input.kind",
        "input.assets",
        "input.periods",
        "input.first",
        "input.last",
        "input.dropped",
        "problem.assets_per_portfolio",
        "problem.portfolios",
        "problem.simulations",
        "problem.min_weight",
        "problem.max_weight",
        "problem.risk_free",
        "problem.periods_per_year",
        "problem.seed",
        "problem.draws",
        "problem.sampler",
        "problem.acceptance",
        "best.sharpe",
        "best.expected_return",
        "best.volatility",
        "best.rank",
        "best.tile",
        "best.attempt",
        "best.weights",
        "top",
        "run.backend",
        "run.evaluator",
        "run.workers",
        "run.seconds",
        "run.simulations_done",
        "run.simulations_per_second",
        "run.per_worker",
        "warnings",
        "version",
    };
    json_t *const root = search_as_json(SMALL "--workers 2");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; ++i) {
        (void)json_at(root, keys[i]);
    }
    assert_string_equal(json_text_at(root, "schema"), "maxsharpe.result/1");
    assert_true(json_is_true(json_at(root, "complete")));
    assert_string_equal(json_text_at(root, "input.file"), MXS_EXAMPLE_MARKET);
    assert_string_equal(json_text_at(root, "input.kind"), "prices");
    assert_int_equal(json_integer_at(root, "input.assets"), ASSETS);
    assert_int_equal(json_integer_at(root, "input.periods"), PRICES - 1);
    assert_string_equal(json_text_at(root, "input.first"), "2030-01-01");
    assert_int_equal(json_integer_at(root, "problem.assets_per_portfolio"), 28);
    assert_int_equal(json_integer_at(root, "problem.portfolios"), 435);
    assert_int_equal(json_integer_at(root, "problem.simulations"), 50);
    assert_int_equal(json_integer_at(root, "problem.seed"), 7);
    assert_true(json_number_at(root, "problem.max_weight") == 0.2);
    assert_true(json_number_at(root, "problem.risk_free") == 0.05);
    assert_string_equal(json_text_at(root, "problem.draws"), "fresh");
    assert_string_equal(json_text_at(root, "run.backend"), "cpu");
    assert_int_equal(json_integer_at(root, "run.simulations_done"), 435 * 50);
    json_decref(root);
}

static void per_worker_figures_add_up(void **state) {
    (void)state;
    static const char *const times[] = {"seconds", "sampling_seconds", "return_seconds", "variance_seconds",
                                        "waiting_seconds"};
    json_t *const root = search_as_json(SMALL "--workers 2");
    const json_t *const workers = json_at(root, "run.per_worker");
    assert_int_equal(json_integer_at(root, "run.workers"), 2);
    assert_int_equal(json_array_size(workers), 2);
    json_int_t simulations = 0;
    size_t i = 0;
    const json_t *worker = NULL;
    json_array_foreach(workers, i, worker) {
        assert_int_equal(json_integer_at(worker, "worker"), i + 1);
        simulations += json_integer_at(worker, "simulations");
        for (size_t j = 0; j < sizeof times / sizeof times[0]; ++j) {
            assert_true(json_number_at(worker, times[j]) >= 0);
        }
    }
    assert_int_equal(simulations, 435 * 50);
    json_decref(root);
}

static void the_sharpe_ratio_printed_is_that_of_the_weights_printed(void **state) {
    (void)state;
    example *const market = read_example();
    json_t *const root = search_as_json(SMALL "--top 3");
    size_t i = 0;
    const json_t *portfolio = NULL;
    json_array_foreach(json_at(root, "top"), i, portfolio) {
        double expected_return = 0;
        double volatility = 0;
        evaluate(market, json_at(portfolio, "weights"), &expected_return, &volatility);
        assert_close(json_number_at(portfolio, "expected_return"), expected_return, 1e-10);
        assert_close(json_number_at(portfolio, "volatility"), volatility, 1e-10);
        assert_close(json_number_at(portfolio, "sharpe"), (expected_return - 0.05) / volatility, 1e-10);
    }
    assert_int_equal(i, 3);
    json_decref(root);
    free(market);
}

static void weights_are_in_file_order_within_the_bounds_and_sum_to_one(void **state) {
    (void)state;
    example *const market = read_example();
    json_t *const root = search_as_json("-k 10 -w 15% --min-weight 0.02 -n 20 --portfolios 100:200");
    double sum = 0;
    size_t i = 0;
    size_t last = 0;
    const json_t *item = NULL;
    json_array_foreach(json_at(root, "best.weights"), i, item) {
        const double weight = json_number_at(item, "weight");
        const size_t asset = index_of(market, json_text_at(item, "ticker"));
        assert_true(i == 0 || asset > last);
        assert_true(weight >= 0.02 - 1e-12 && weight <= 0.15 + 1e-12);
        last = asset;
        sum += weight;
    }
    assert_int_equal(i, 10);
    assert_close(sum, 1, 1e-12);
    assert_in_range(json_integer_at(root, "best.rank"), 100, 199);
    json_decref(root);
    free(market);
}

static void top_lists_different_portfolios_the_best_first(void **state) {
    (void)state;
    json_t *const root = search_as_json(SMALL "--top 5");
    const json_t *const top = json_at(root, "top");
    assert_int_equal(json_array_size(top), 5);
    assert_true(json_equal(json_array_get(top, 0), json_at(root, "best")));
    for (size_t i = 1; i < 5; ++i) {
        const json_t *const before = json_array_get(top, i - 1);
        const json_t *const after = json_array_get(top, i);
        assert_true(json_number_at(before, "sharpe") >= json_number_at(after, "sharpe"));
        assert_int_not_equal(json_integer_at(before, "rank"), json_integer_at(after, "rank"));
    }
    json_decref(root);
}

static void best_does_not_depend_on_workers_and_is_the_best_of_the_shards(void **state) {
    (void)state;
    static const char *const same[] = {SMALL "--workers 1", SMALL "--workers 3", SMALL "--portfolios 0:"};
    json_t *const whole = search_as_json(SMALL);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; ++i) {
        json_t *const other = search_as_json(same[i]);
        assert_true(json_equal(json_at(whole, "best"), json_at(other, "best")));
        json_decref(other);
    }
    json_t *const first = search_as_json(SMALL "--portfolios :200");
    json_t *const second = search_as_json(SMALL "--portfolios 200:435");
    const json_t *const left = json_at(first, "best");
    const json_t *const right = json_at(second, "best");
    const bool left_wins = json_number_at(left, "sharpe") >= json_number_at(right, "sharpe");
    assert_true(json_equal(json_at(whole, "best"), left_wins ? left : right));
    json_decref(first);
    json_decref(second);
    json_decref(whole);
}

static void tickers_included_are_held_and_those_excluded_are_not(void **state) {
    (void)state;
    json_t *const root = search_as_json("-k 3 -n 20 --include ZEBRA,AGATE --exclude TOPAZ --exclude ROWAN");
    const json_t *const weights = json_at(root, "best.weights");
    assert_int_equal(json_integer_at(root, "input.assets"), 28);
    assert_int_equal(json_integer_at(root, "problem.portfolios"), 26); /* one asset is left to choose of 28 - 2 */
    assert_string_equal(json_text_at(json_array_get(weights, 0), "ticker"), "AGATE");
    assert_string_equal(json_text_at(json_array_get(weights, 2), "ticker"), "ZEBRA");
    json_decref(root);
}

static void dates_choose_the_rows(void **state) {
    (void)state;
    json_t *const root = search_as_json("-n 20 --from 2030-02-01 --to 2030-06-30");
    assert_true(strcmp(json_text_at(root, "input.first"), "2030-02-01") >= 0);
    assert_true(strcmp(json_text_at(root, "input.last"), "2030-06-30") <= 0);
    assert_in_range(json_integer_at(root, "input.periods"), 90, 150);
    json_decref(root);
}

static void a_seed_beyond_63_bits_prints_as_an_exact_integer(void **state) {
    (void)state;
    program_run run = run_search("-n 20 -s 18446744073709551615 --format json");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "\"seed\": 18446744073709551615,"));
    /* jansson reads integers of 63 bits; as a real the rest of the object parses. */
    json_t *const root = json_loads(run.out, JSON_DECODE_INT_AS_REAL, NULL);
    assert_non_null(root);
    json_decref(root);
    program_run_free(&run);
}

static void csv_has_a_row_for_each_asset_and_the_numbers_of_the_json(void **state) {
    (void)state;
    json_t *const root = search_as_json(SMALL "--top 2");
    program_run run = run_search(SMALL "--top 2 --format csv");
    assert_int_equal(run.status, 0);
    char *rest = run.out;
    assert_string_equal(strsep(&rest, "\n"),
                        "position,rank,tile,attempt,sharpe,expected_return,volatility,ticker,weight");
    for (size_t i = 0; i < 2; ++i) {
        const json_t *const portfolio = json_array_get(json_at(root, "top"), i);
        for (size_t j = 0; j < 28; ++j) {
            const json_t *const item = json_array_get(json_at(portfolio, "weights"), j);
            char *line = strsep(&rest, "\n");
            assert_non_null(line);
            assert_int_equal(strtoull(strsep(&line, ","), NULL, 10), i + 1);
            assert_int_equal(strtoull(strsep(&line, ","), NULL, 10), json_integer_at(portfolio, "rank"));
            assert_int_equal(strtoull(strsep(&line, ","), NULL, 10), json_integer_at(portfolio, "tile"));
            assert_int_equal(strtoull(strsep(&line, ","), NULL, 10), json_integer_at(portfolio, "attempt"));
            assert_true(strtod(strsep(&line, ","), NULL) == json_number_at(portfolio, "sharpe"));
            assert_true(strtod(strsep(&line, ","), NULL) == json_number_at(portfolio, "expected_return"));
            assert_true(strtod(strsep(&line, ","), NULL) == json_number_at(portfolio, "volatility"));
            assert_string_equal(strsep(&line, ","), json_text_at(item, "ticker"));
            assert_true(strtod(line, NULL) == json_number_at(item, "weight"));
        }
    }
    assert_string_equal(rest, "");
    program_run_free(&run);
    json_decref(root);
}

static void a_ticker_with_comma_and_quotes_is_quoted_in_csv_and_read_back_in_json(void **state) {
    (void)state;
    char folder[64];
    char path[128];
    char words[256];
    make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/odd.csv", folder);
    write_file(path, "Date,\"A,\"\"b\",C\n2030-01-01,10,20\n2030-01-02,11,21\n2030-01-03,10,23\n2030-01-04,12,22\n");
    (void)snprintf(words, sizeof words, "search %s -n 20 --format csv", path);
    program_run run = run_program(words);
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, ",\"A,\"\"b\",0."));
    program_run_free(&run);

    (void)snprintf(words, sizeof words, "search %s -n 20 --format json", path);
    run = run_program(words);
    json_t *const root = json_loads(run.out, 0, NULL);
    assert_string_equal(json_text_at(json_array_get(json_at(root, "best.weights"), 0), "ticker"), "A,\"b");
    json_decref(root);
    program_run_free(&run);
    remove_folder(folder);
}

static void text_report_names_what_was_read_searched_found_and_run(void **state) {
    (void)state;
    static const char *const says[] = {"Input",           MXS_EXAMPLE_MARKET, "30 assets",    "2030-01-01",
                                       "28 of 30 assets", "435 portfolios",   "Sharpe ratio", "expected return",
                                       "volatility",      "left out",         "Top",          "Run",
                                       "a second",        "Worker",           "variances",    "waiting"};
    program_run run = run_search(SMALL "--top 3 --stats --workers 2");
    assert_int_equal(run.status, 0);
    for (size_t i = 0; i < sizeof says / sizeof says[0]; ++i) {
        if (strstr(run.out, says[i]) == NULL) {
            fail_msg("the report does not say '%s':\n%s", says[i], run.out);
        }
    }
    assert_null(strstr(run.out, " \n")); /* no blanks after the bars, of which the smallest weights have none */
    program_run_free(&run);
    run = run_search(SMALL);
    assert_null(strstr(run.out, "Worker"));
    assert_null(strstr(run.out, "Top"));
    program_run_free(&run);
}

static void warnings_are_lines_on_stderr_and_members_of_the_json(void **state) {
    (void)state;
    /* Ten returns of 30 assets: the covariance is singular. */
    program_run run = run_search("-n 20 --to 2030-01-15 --format json");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.err, "maxsharpe: warning: "));
    json_t *const root = json_loads(run.out, 0, NULL);
    const json_t *const warnings = json_at(root, "warnings");
    assert_true(json_array_size(warnings) > 0);
    assert_non_null(strstr(run.err, json_string_value(json_array_get(warnings, 0))));
    json_decref(root);
    program_run_free(&run);
}

/* The warnings of the market and the problem are known before the search, this one by its result. */
static void a_warning_of_the_result_is_a_line_and_the_last_member(void **state) {
    (void)state;
    program_run run = run_search("-k 27 -n 20 -r 0.25 --format json");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.err, "maxsharpe: warning: every simulated portfolio returns less"));
    json_t *const root = json_loads(run.out, 0, NULL);
    const json_t *const warnings = json_at(root, "warnings");
    const size_t count = json_array_size(warnings);
    assert_int_equal(count, 1); /* some asset returns more than 25 %, no portfolio does */
    const char *const last = json_string_value(json_array_get(warnings, count - 1));
    assert_memory_equal(last, "every simulated", strlen("every simulated"));
    assert_non_null(strstr(run.err, last));
    json_decref(root);
    program_run_free(&run);
}

static void progress_never_is_silent_and_always_prints_lines(void **state) {
    (void)state;
    program_run run = run_search(SMALL "--progress never");
    assert_string_equal(run.err, "");
    program_run_free(&run);
    run = run_search(SMALL); /* auto: stderr is no terminal here */
    assert_string_equal(run.err, "");
    program_run_free(&run);
    run = run_search(SMALL "--progress always");
    assert_non_null(strstr(run.err, "maxsharpe: progress: 100.0%  21.8k of 21.8k"));
    assert_null(strchr(run.err, '\r'));
    program_run_free(&run);
}

/* Equal weights over every 25 of the Dow 30, rf = 0: the best three, from an enumeration that is not ours. */
static void equal_weights_over_the_dow_30_give_the_known_best_portfolios(void **state) {
    (void)state;
    static const double expected[] = {2.3643255310508375, 2.3605545127489553, 2.3528652577580824};
    static const char *const left_out[] = {"AMGN", "CVX", "MRK", "SHW", "UNH"};
    if (access(DOW30, R_OK) != 0) {
        print_message("skipped: there is no %s\n", DOW30);
        skip();
    }
    program_run run =
        run_program("search " DOW30 " -k 25 --min-weight 0.04 --max-weight 4% -r 0 --top 3 --format json");
    assert_int_equal(run.status, 0);
    json_t *const root = json_loads(run.out, 0, NULL);
    for (size_t i = 0; i < 3; ++i) {
        assert_close(json_number_at(json_array_get(json_at(root, "top"), i), "sharpe"), expected[i], 1e-12);
    }
    size_t position = 0;
    const json_t *item = NULL;
    json_array_foreach(json_at(root, "best.weights"), position, item) {
        for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; ++i) {
            assert_string_not_equal(json_text_at(item, "ticker"), left_out[i]);
        }
        assert_close(json_number_at(item, "weight"), 0.04, 1e-12);
    }
    json_decref(root);
    program_run_free(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_every_key_of_its_schema),
        cmocka_unit_test(per_worker_figures_add_up),
        cmocka_unit_test(the_sharpe_ratio_printed_is_that_of_the_weights_printed),
        cmocka_unit_test(weights_are_in_file_order_within_the_bounds_and_sum_to_one),
        cmocka_unit_test(top_lists_different_portfolios_the_best_first),
        cmocka_unit_test(best_does_not_depend_on_workers_and_is_the_best_of_the_shards),
        cmocka_unit_test(tickers_included_are_held_and_those_excluded_are_not),
        cmocka_unit_test(dates_choose_the_rows),
        cmocka_unit_test(a_seed_beyond_63_bits_prints_as_an_exact_integer),
        cmocka_unit_test(csv_has_a_row_for_each_asset_and_the_numbers_of_the_json),
        cmocka_unit_test(a_ticker_with_comma_and_quotes_is_quoted_in_csv_and_read_back_in_json),
        cmocka_unit_test(text_report_names_what_was_read_searched_found_and_run),
        cmocka_unit_test(warnings_are_lines_on_stderr_and_members_of_the_json),
        cmocka_unit_test(a_warning_of_the_result_is_a_line_and_the_last_member),
        cmocka_unit_test(progress_never_is_silent_and_always_prints_lines),
        cmocka_unit_test(equal_weights_over_the_dow_30_give_the_known_best_portfolios),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
