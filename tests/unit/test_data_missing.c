/* What happens to missing values, excluded tickers and ranges of dates, in this order: exclude, range, policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/market/dropped_assets.h"
#include "support/market_texts.h"

/* B lacks the first two prices, C one in between, and 2024-08-05 lacks all. */
static const char HOLES[] =
    "Date,A,B,C\n2024-08-01,1,,5\n2024-08-02,2,NA,6\n2024-08-03,3,7,\n2024-08-04,2,8,6\n2024-08-05,-,NaN,null\n"
    "2024-08-06,4,9,7\n2024-08-07,3,8,8\n";

static void a_blank_price_drops_the_asset_and_names_it(void **state) {
    (void)state;
    mxs_market *market = market_of_text(HOLES, NULL);
    const mxs_market_info *info = mxs_market_describe(market);
    assert_int_equal(info->assets, 1);
    assert_string_equal(info->tickers[0], "A");
    assert_int_equal(info->dropped_count, 2);
    assert_string_equal(mxs_market_dropped(market, 0)->ticker, "B");
    assert_string_equal(mxs_market_dropped(market, 0)->why, "no price on 2024-08-01 and 1 other date");
    assert_string_equal(mxs_market_dropped(market, 1)->ticker, "C");
    assert_string_equal(mxs_market_dropped(market, 1)->why, "no price on 2024-08-03");
    assert_null(mxs_market_dropped(market, 2));
    assert_null(mxs_market_dropped(market, SIZE_MAX));
    assert_int_equal(info->dropped_rows, 1);
    assert_int_equal(info->periods, 5);
    assert_near(info->returns[3], 4.0 / 2.0 - 1.0, 0.0); /* over the row that was dropped */
    mxs_market_destroy(market);
}

static void a_dropped_asset_that_is_asked_for_is_refused_with_its_reason(void **state) {
    (void)state;
    static const char *const KEPT[] = {"A", "NOBODY"};
    static const char *const ASKED[] = {"A", "C"};
    mxs_market *market = market_of_text(HOLES, NULL);
    mxs_error error = {.message = ""};
    assert_int_equal(mxsi_market_refuse_dropped(market, KEPT, 2, &error), MXS_OK);
    assert_string_equal(error.message, "");
    assert_int_equal(mxsi_market_refuse_dropped(market, ASKED, 2, &error), MXS_ERROR_ARGUMENT);
    assert_string_equal(error.message, "cannot include 'C': it was dropped: no price on 2024-08-03");
    assert_int_equal(error.hint, MXS_HINT_LATER_OR_DROP_ROWS);
    mxs_market_destroy(market);
}

static void dropping_rows_keeps_every_asset(void **state) {
    (void)state;
    mxs_market_options options = options_for(MXS_INPUT_PRICES);
    options.missing = MXS_MISSING_DROP_ROWS;
    mxs_market *market = market_of_text(HOLES, &options);
    const mxs_market_info *info = mxs_market_describe(market);
    assert_int_equal(info->assets, 3);
    assert_int_equal(info->periods, 2);
    assert_int_equal(info->dropped_rows, 4);
    assert_int_equal(info->dropped_count, 0);
    assert_string_equal(info->first, "2024-08-04");
    assert_string_equal(info->last, "2024-08-07");
    static const double EXPECTED[] = {1.0,        9.0 / 8.0 - 1.0, 7.0 / 6.0 - 1.0,
                                      0.75 - 1.0, 8.0 / 9.0 - 1.0, 8.0 / 7.0 - 1.0};
    assert_same_numbers(info->returns, EXPECTED, 6);
    mxs_market_destroy(market);
}

static void as_an_error_the_first_missing_value_is_named_with_its_place(void **state) {
    (void)state;
    mxs_market_options options = options_for(MXS_INPUT_PRICES);
    options.missing = MXS_MISSING_ERROR;
    assert_text_fails(HOLES, &options, MXS_ERROR_DATA, "market.csv:2:3: B: no price on 2024-08-01");
    assert_text_fails("Ticker,2024-08-01,2024-08-02,2024-08-03\nA,1,2,3\nB,1,2,\n", &options, MXS_ERROR_DATA,
                      "market.csv:3:4: B: no price on 2024-08-03");
    assert_text_fails("A,B\n1,2\n2,\n3,1\n", &options, MXS_ERROR_DATA, "market.csv:3:2: B: no price in row 2");
    static const char LONG[] =
        "date,ticker,close\n2024-08-01,A,1\n2024-08-01,B,1\n2024-08-02,A,2\n2024-08-02,B,NA\n"
        "2024-08-03,A,1\n2024-08-04,A,3\n2024-08-04,B,3\n";
    assert_text_fails(LONG, &options, MXS_ERROR_DATA, "market.csv:5:3: B: no price on 2024-08-02");
    options.from = "2024-08-03";
    assert_text_fails(LONG, &options, MXS_ERROR_DATA, "market.csv: B: no price on 2024-08-03");
}

static void a_pair_that_a_long_file_does_not_have_is_missing(void **state) {
    (void)state;
    mxs_market *market = market_of_text(
        "date,ticker,close\n2024-08-01,A,1\n2024-08-02,A,2\n2024-08-02,B,2\n"
        "2024-08-03,A,1\n2024-08-03,B,3\n2024-08-04,B,3\n2024-08-04,A,5\n",
        NULL);
    const mxs_market_info *info = mxs_market_describe(market);
    assert_int_equal(info->assets, 1);
    assert_int_equal(info->periods, 3);
    assert_string_equal(mxs_market_dropped(market, 0)->why, "no price on 2024-08-01");
    mxs_market_destroy(market);
}

static void values_missing_before_the_range_do_not_count(void **state) {
    (void)state;
    mxs_market_options options = options_for(MXS_INPUT_PRICES);
    options.from = "2024-08-03";
    options.to = "2024-08-06";
    mxs_market *market = market_of_text(HOLES, &options);
    const mxs_market_info *info = mxs_market_describe(market);
    assert_int_equal(info->assets, 2);
    assert_int_equal(info->periods, 2);
    assert_int_equal(info->dropped_count, 1);
    assert_string_equal(mxs_market_dropped(market, 0)->ticker, "C");
    assert_string_equal(info->first, "2024-08-03");
    assert_string_equal(info->last, "2024-08-06");
    mxs_market_destroy(market);
}

static void a_range_may_be_open_and_begin_between_dates(void **state) {
    (void)state;
    mxs_market_options options = options_for(MXS_INPUT_PRICES);
    options.to = "2024-08-31";
    options.from = "2024-08-03";
    mxs_market *market = market_of_text(
        "Ticker,2024-08-01,2024-08-02,2024-08-04,2024-08-05,2024-08-06\nA,0,x,1,2,3\nB,1,2,4,8,9\n", &options);
    const mxs_market_info *info = mxs_market_describe(market);
    /* What is out of range is not even read: the zero and the x do no harm. */
    assert_int_equal(info->periods, 2);
    assert_string_equal(info->first, "2024-08-04");
    assert_near(info->returns[1], 1.0, 0.0);
    mxs_market_destroy(market);
}

static void missing_values_of_excluded_assets_do_not_count(void **state) {
    (void)state;
    static const char *const EXCLUDED[] = {"B", "B"};
    mxs_market_options options = options_for(MXS_INPUT_PRICES);
    options.missing = MXS_MISSING_DROP_ROWS;
    options.exclude = EXCLUDED;
    options.exclude_count = 2;
    mxs_market *market = market_of_text(HOLES, &options);
    const mxs_market_info *info = mxs_market_describe(market);
    assert_int_equal(info->assets, 2);
    assert_string_equal(info->tickers[1], "C");
    assert_int_equal(info->dropped_rows, 2);
    assert_near(info->returns[1], 6.0 / 5.0 - 1.0, 0.0);
    mxs_market_destroy(market);
}

static void an_excluded_column_may_hold_anything(void **state) {
    (void)state;
    static const char *const EXCLUDED[] = {"Note"};
    mxs_market_options options = options_for(MXS_INPUT_PRICES);
    options.missing = MXS_MISSING_ERROR;
    options.exclude = EXCLUDED;
    options.exclude_count = 1;
    mxs_market *market = market_of_text("Date,Note,A\n2024-08-01,x,1\n2024-08-02,-5,2\n2024-08-03,y,3\n", &options);
    assert_int_equal(mxs_market_describe(market)->assets, 1);
    mxs_market_destroy(market);
}

static void excluding_works_in_every_layout(void **state) {
    (void)state;
    static const char *const EXCLUDED[] = {"A"};
    mxs_market_options options = options_for(MXS_INPUT_PRICES);
    options.exclude = EXCLUDED;
    options.exclude_count = 1;
    static const char *const TEXTS[] = {
        "Ticker,2024-08-01,2024-08-02,2024-08-03\nA,1,x,3\nB,1,2,5\n", "A,1,x,3\nB,1,2,5\n",
        "date,ticker,close\n2024-08-01,A,1\n2024-08-01,B,1\n2024-08-02,B,2\n2024-08-02,A,x\n2024-08-03,B,5\n"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; ++i) {
        mxs_market *market = market_of_text(TEXTS[i], &options);
        const mxs_market_info *info = mxs_market_describe(market);
        static const double EXPECTED[] = {1.0, 1.5};
        assert_int_equal(info->assets, 1);
        assert_string_equal(info->tickers[0], "B");
        assert_same_numbers(info->returns, EXPECTED, 2);
        mxs_market_destroy(market);
    }
}

static void with_nothing_left_what_is_missing_is_named(void **state) {
    (void)state;
    static const char STAGGERED[] = "Date,A,B\n2024-08-01,1,\n2024-08-02,,2\n2024-08-03,1,2\n2024-08-04,2,3\n";
    assert_text_fails(STAGGERED, NULL, MXS_ERROR_DATA,
                      "market.csv: every ticker misses a price (A: no price on 2024-08-02)");
    mxs_market_options options = options_for(MXS_INPUT_PRICES);
    options.missing = MXS_MISSING_DROP_ROWS;
    assert_text_fails("Date,A,B\n2024-08-01,1,\n2024-08-02,2,\n2024-08-03,1,\n", &options, MXS_ERROR_DATA,
                      "market.csv: B has no price at all");
    assert_text_fails("Date,A,B\n2024-08-01,1,\n2024-08-02,,2\n2024-08-03,1,\n", &options, MXS_ERROR_DATA,
                      "market.csv: every row misses a price");
    assert_text_fails("Date,A,B\n2024-08-01,NA,\n2024-08-02,,\n", NULL, MXS_ERROR_DATA,
                      "market.csv: there is no price in any row");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blank_price_drops_the_asset_and_names_it),
        cmocka_unit_test(a_dropped_asset_that_is_asked_for_is_refused_with_its_reason),
        cmocka_unit_test(dropping_rows_keeps_every_asset),
        cmocka_unit_test(as_an_error_the_first_missing_value_is_named_with_its_place),
        cmocka_unit_test(a_pair_that_a_long_file_does_not_have_is_missing),
        cmocka_unit_test(values_missing_before_the_range_do_not_count),
        cmocka_unit_test(a_range_may_be_open_and_begin_between_dates),
        cmocka_unit_test(missing_values_of_excluded_assets_do_not_count),
        cmocka_unit_test(an_excluded_column_may_hold_anything),
        cmocka_unit_test(excluding_works_in_every_layout),
        cmocka_unit_test(with_nothing_left_what_is_missing_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
