/* One small made-up market, written in every layout and dialect, is always the same market. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/market_texts.h"

enum { ASSETS = 3, PRICES = 5, RETURNS = PRICES - 1 };

static const char *const TICKERS[ASSETS] = {"ANT", "BEE", "CAT"};
static const double TABLE[PRICES][ASSETS] = {
    {10.5, 1200.25, 0.75}, {10.75, 1190.5, 0.7}, {10.25, 1210.125, 0.725}, {11, 1230.5, 0.8}, {11.5, 1180.75, 0.85}};

static void assert_is_the_market(const mxs_market_info *info, const char *format) {
    assert_string_equal(info->format, format);
    assert_int_equal(info->assets, ASSETS);
    assert_int_equal(info->periods, RETURNS);
    for (size_t j = 0; j < ASSETS; ++j) {
        assert_string_equal(info->tickers[j], TICKERS[j]);
        for (size_t t = 0; t < RETURNS; ++t) {
            const double expected = TABLE[t + 1][j] / TABLE[t][j] - 1.0;
            assert_near(info->returns[t * ASSETS + j], expected, 0.0);
        }
    }
    assert_int_equal(info->dropped_count, 0);
    assert_int_equal(info->dropped_rows, 0);
}

static void assert_reads_as(const char *text, const char *format) {
    mxs_market *market = market_of_text(text, NULL);
    const mxs_market_info *info = mxs_market_describe(market);
    assert_is_the_market(info, format);
    assert_string_equal(info->file, "market.csv");
    assert_int_equal(info->warning_count, 0);
    if (strstr(format, "no dates") == NULL) {
        assert_string_equal(info->first, "2024-08-01");
        assert_string_equal(info->last, "2024-08-15");
    } else {
        assert_null(info->first);
        assert_null(info->last);
    }
    mxs_market_destroy(market);
}

static void wide_with_iso_dates(void **state) {
    (void)state;
    assert_reads_as(
        "Date,ANT,BEE,CAT\n2024-08-01,10.5,1200.25,0.75\n2024-08-02,10.75,1190.5,.7\n2024-08-05,10.25,1210.125,.725\n"
        "2024-08-06,11,1230.5,.8\n2024-08-15,11.5,1180.75,.85\n",
        "wide CSV, comma-separated, ISO dates");
}

static void wide_in_the_european_way(void **state) {
    (void)state;
    assert_reads_as(
        "Datum;ANT;BEE;CAT\r\n01.08.2024;10,5;1.200,25;0,75\r\n02.08.2024;10,75;1.190,5;0,7\r\n"
        "05.08.2024;10,25;1.210,125;0,725\r\n06.08.2024;11;1230,5;0,8\r\n15.08.2024;11,5;1180,75;0,85\r\n",
        "wide CSV, semicolon-separated, decimal commas, day-first dates");
}

static void wide_in_the_american_way(void **state) {
    (void)state;
    assert_reads_as(
        "Date,ANT,BEE,CAT\n8/1/2024,10.5,\"1,200.25\",0.75\n8/2/2024,10.75,\"1,190.5\",.7\n"
        "8/5/2024,10.25,\"1,210.125\",.725\n8/6/2024,11,\"1,230.5\",.8\n8/15/2024,11.5,\"1,180.75\",.85\n",
        "wide CSV, comma-separated, month-first dates");
}

static void wide_with_tabs_and_month_names(void **state) {
    (void)state;
    assert_reads_as(
        "\tANT\tBEE\tCAT\n1-Aug-2024\t10.5\t1200.25\t0.75\n2-Aug-2024\t10.75\t1190.5\t.7\n"
        "5-Aug-2024\t10.25\t1210.125\t.725\n6-Aug-2024\t11\t1230.5\t.8\n15-Aug-2024\t11.5\t1180.75\t.85",
        "wide CSV, tab-separated, dates with month names");
}

static void wide_with_bars_and_commas_in_dates(void **state) {
    (void)state;
    assert_reads_as(
        "Date|ANT|BEE|CAT\nAug 1, 2024|10.5|1200.25|0.75\nAug 2, 2024|10.75|1190.5|.7\n"
        "Aug 5, 2024|10.25|1210.125|.725\nAug 6, 2024|11|1230.5|.8\nAug 15, 2024|11.5|1180.75|.85\n",
        "wide CSV, bar-separated, dates with month names");
}

static void wide_with_byte_order_mark_quotes_and_times(void **state) {
    (void)state;
    assert_reads_as(
        "\xEF\xBB\xBF\"Date\",\" ANT \",\"BEE\",\"CAT\"\n\"2024-08-01 00:00:00\",\"10.5\",1200.25, 0.75 \n"
        "2024-08-02T16:00:00Z,10.75,1190.5,.7\n\n2024-08-05,10.25,1210.125,.725\n20240806,11,1230.5,.8\n"
        "2024/8/15,11.5,1180.75,.85\n\n  \n,,,\n,,,\n\n",
        "wide CSV, comma-separated, ISO dates");
}

static void wide_with_old_mac_line_ends(void **state) {
    (void)state;
    assert_reads_as(
        "Date,ANT,BEE,CAT\r2024-08-01,10.5,1200.25,0.75\r2024-08-02,10.75,1190.5,.7\r2024-08-05,10.25,1210.125,.725\r"
        "2024-08-06,11,1230.5,.8\r2024-08-15,11.5,1180.75,.85\r",
        "wide CSV, comma-separated, ISO dates");
}

static void wide_with_an_index_before_the_dates(void **state) {
    (void)state;
    assert_reads_as(
        ",Date,ANT,BEE,CAT\n0,2024-08-01,10.5,1200.25,0.75\n1,2024-08-02,10.75,1190.5,.7\n"
        "2,2024-08-05,10.25,1210.125,.725\n3,2024-08-06,11,1230.5,.8\n4,2024-08-15,11.5,1180.75,.85\n",
        "wide CSV, comma-separated, ISO dates");
}

static void assert_passes_over_count(const char *text, const char *format, const char *warning) {
    mxs_market *market = market_of_text(text, NULL);
    const mxs_market_info *info = mxs_market_describe(market);
    assert_is_the_market(info, format);
    assert_int_equal(info->warning_count, 1);
    assert_string_equal(info->warnings[0], warning);
    mxs_market_destroy(market);
}

static void a_column_that_counts_the_rows_is_no_asset_whatever_its_name(void **state) {
    (void)state;
    assert_passes_over_count(
        "Day,ANT,BEE,CAT\n1,10.5,1200.25,0.75\n2,10.75,1190.5,.7\n3,10.25,1210.125,.725\n4,11,1230.5,.8\n"
        "5,11.5,1180.75,.85\n",
        "wide CSV, comma-separated, no dates", "column 'Day' counts the rows and is not taken as an asset");
    assert_passes_over_count(
        "t,Date,ANT,BEE,CAT\n0,2024-08-01,10.5,1200.25,0.75\n1,2024-08-02,10.75,1190.5,.7\n"
        "2,2024-08-05,10.25,1210.125,.725\n3,2024-08-06,11,1230.5,.8\n4,2024-08-15,11.5,1180.75,.85\n",
        "wide CSV, comma-separated, ISO dates", "column 't' counts the rows and is not taken as an asset");
    assert_passes_over_count(
        "\"a\nb\",ANT,BEE,CAT\n1,10.5,1200.25,0.75\n2,10.75,1190.5,.7\n3,10.25,1210.125,.725\n4,11,1230.5,.8\n"
        "5,11.5,1180.75,.85\n",
        "wide CSV, comma-separated, no dates", "column '1' counts the rows and is not taken as an asset");
}

static void assert_first_asset_is(const char *text, mxs_input input, const char *ticker) {
    const mxs_market_options options = options_for(input);
    mxs_market *market = market_of_text(text, &options);
    const mxs_market_info *info = mxs_market_describe(market);
    assert_string_equal(info->tickers[0], ticker);
    assert_int_equal(info->warning_count, 0);
    mxs_market_destroy(market);
}

static void a_column_that_does_not_count_every_row_is_an_asset(void **state) {
    (void)state;
    assert_first_asset_is("Day,ANT\n1,10\n2,11\n5,10\n", MXS_INPUT_PRICES, "Day");
    assert_first_asset_is("Day,ANT\n2,10\n3,11\n4,10\n", MXS_INPUT_PRICES, "Day");
    assert_first_asset_is("ANT,Day\n10,1\n11,2\n10,3\n", MXS_INPUT_PRICES, "ANT");
    assert_first_asset_is("Day,ANT\n1,0.5\n2,0.25\n", MXS_INPUT_RETURNS, "Day");
    assert_first_asset_is("Index,ANT\n1,0.5\n2,0.25\n", MXS_INPUT_RETURNS, "ANT");
}

static void wide_without_dates(void **state) {
    (void)state;
    assert_reads_as(
        "ANT,BEE,CAT\n10.5,1200.25,0.75\n10.75,1190.5,.7\n10.25,1210.125,.725\n11,1230.5,.8\n"
        "11.5,1180.75,.85\n",
        "wide CSV, comma-separated, no dates");
}

static void wide_with_an_index_instead_of_dates(void **state) {
    (void)state;
    assert_reads_as(
        ",ANT,BEE,CAT\n0,10.5,1200.25,0.75\n1,10.75,1190.5,.7\n2,10.25,1210.125,.725\n3,11,1230.5,.8\n"
        "4,11.5,1180.75,.85\n",
        "wide CSV, comma-separated, no dates");
}

static void long_sorted_by_date(void **state) {
    (void)state;
    assert_reads_as(
        "date,ticker,close\n2024-08-01,ANT,10.5\n2024-08-01,BEE,1200.25\n2024-08-01,CAT,.75\n"
        "2024-08-02,ANT,10.75\n2024-08-02,BEE,1190.5\n2024-08-02,CAT,.7\n2024-08-05,ANT,10.25\n"
        "2024-08-05,BEE,1210.125\n2024-08-05,CAT,.725\n2024-08-06,ANT,11\n2024-08-06,BEE,1230.5\n"
        "2024-08-06,CAT,.8\n2024-08-15,CAT,.85\n2024-08-15,BEE,1180.75\n2024-08-15,ANT,11.5\n",
        "long CSV, comma-separated, ISO dates");
}

static void long_sorted_by_ticker_with_many_columns(void **state) {
    (void)state;
    assert_reads_as(
        ";Symbol;Volume;Close;Adj Close;Date\n0;ANT;100;1;10,5;01/08/2024\n1;ANT;100;1;10,75;02/08/2024\n"
        "2;ANT;100;1;10,25;05/08/2024\n3;ANT;100;1;11;06/08/2024\n4;ANT;100;1;11,5;15/08/2024\n"
        "5;BEE;100;1;1200,25;01/08/2024\n6;BEE;100;1;1190,5;02/08/2024\n7;BEE;100;1;1210,125;05/08/2024\n"
        "8;BEE;100;1;1230,5;06/08/2024\n9;BEE;100;1;1180,75;15/08/2024\n10;CAT;100;1;0,75;01/08/2024\n"
        "11;CAT;100;1;0,7;02/08/2024\n12;CAT;100;1;0,725;05/08/2024\n13;CAT;100;1;0,8;06/08/2024\n"
        "14;CAT;100;1;0,85;15/08/2024\n",
        "long CSV, semicolon-separated, decimal commas, day-first dates");
}

static void long_with_columns_named_in_another_language(void **state) {
    (void)state;
    assert_reads_as(
        "datum,wertpapier,kurs\n2024-08-01,ANT,10.5\n2024-08-02,ANT,10.75\n2024-08-05,ANT,10.25\n"
        "2024-08-06,ANT,11\n2024-08-15,ANT,11.5\n2024-08-01,BEE,1200.25\n2024-08-02,BEE,1190.5\n"
        "2024-08-05,BEE,1210.125\n2024-08-06,BEE,1230.5\n2024-08-15,BEE,1180.75\n2024-08-01,CAT,.75\n"
        "2024-08-02,CAT,.7\n2024-08-05,CAT,.725\n2024-08-06,CAT,.8\n2024-08-15,CAT,.85\n",
        "long CSV, comma-separated, ISO dates");
}

static void transposed_with_dates(void **state) {
    (void)state;
    assert_reads_as(
        "Ticker,2024-08-01,2024-08-02,2024-08-05,2024-08-06,2024-08-15\nANT,10.5,10.75,10.25,11,11.5\n"
        "BEE,1200.25,1190.5,1210.125,1230.5,1180.75\nCAT,.75,.7,.725,.8,.85\n",
        "tickers in rows, comma-separated, ISO dates");
}

static void transposed_without_header(void **state) {
    (void)state;
    assert_reads_as(
        "ANT;10,5;10,75;10,25;11;11,5\nBEE;1200,25;1190,5;1210,125;1230,5;1180,75\nCAT;0,75;0,7;0,725;0,8;0,85",
        "tickers in rows, semicolon-separated, decimal commas, no dates");
}

static void transposed_under_counted_columns(void **state) {
    (void)state;
    assert_reads_as(
        ",0,1,2,3,4\nANT,10.5,10.75,10.25,11,11.5\nBEE,1200.25,1190.5,1210.125,1230.5,1180.75\n"
        "CAT,.75,.7,.725,.8,.85\n",
        "tickers in rows, comma-separated, no dates");
}

static void gzip_holds_the_same_market(void **state) {
    (void)state;
    static const char TEXT[] =
        "Date,ANT,BEE,CAT\n2024-08-01,10.5,1200.25,0.75\n2024-08-02,10.75,1190.5,.7\n2024-08-05,10.25,1210.125,.725\n"
        "2024-08-06,11,1230.5,.8\n2024-08-15,11.5,1180.75,.85\n";
    const test_folder folder = make_folder();
    const test_path path = path_in(&folder, "market.csv.gz");
    write_gzip(path.text, TEXT, sizeof TEXT - 1);
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_read(path.text, NULL, &market, NULL), MXS_OK);
    assert_is_the_market(mxs_market_describe(market), "wide CSV, comma-separated, ISO dates, gzip");
    assert_string_equal(mxs_market_describe(market)->file, path.text);
    mxs_market_destroy(market);
    remove_folder(&folder);
}

static void returns_in_percent_are_hundredths(void **state) {
    (void)state;
    const mxs_market_options options = options_for(MXS_INPUT_RETURNS);
    mxs_market *market = market_of_text("ANT;BEE\n1,25%;-2%\n0;3 %\n-0,5%;1%\n", &options);
    const mxs_market_info *info = mxs_market_describe(market);
    static const double EXPECTED[] = {0.0125, -0.02, 0.0, 0.03, -0.005, 0.01};
    assert_int_equal(info->periods, 3);
    assert_same_numbers(info->returns, EXPECTED, 6);
    assert_int_equal(info->input, MXS_INPUT_RETURNS);
    mxs_market_destroy(market);
}

static void a_long_file_of_returns_takes_the_column_of_returns(void **state) {
    (void)state;
    const mxs_market_options options = options_for(MXS_INPUT_RETURNS);
    mxs_market *market = market_of_text(
        "date,ticker,close,return\n2024-08-01,ANT,10,0.5\n2024-08-02,ANT,11,0.25\n2024-08-03,ANT,12,-0.5\n", &options);
    static const double EXPECTED[] = {0.5, 0.25, -0.5};
    assert_same_numbers(mxs_market_describe(market)->returns, EXPECTED, 3);
    mxs_market_destroy(market);
}

static void stocks_may_be_numbered_where_dates_tell_the_header(void **state) {
    (void)state;
    mxs_market *market = market_of_text("Date,7203,6758\n2024-08-01,1,2\n2024-08-02,2,3\n2024-08-03,3,1\n", NULL);
    assert_string_equal(mxs_market_describe(market)->tickers[1], "6758");
    mxs_market_destroy(market);
}

static void assert_dates(const char *text, const char *format, const char *first, const char *last, size_t warnings) {
    mxs_market *market = market_of_text(text, NULL);
    const mxs_market_info *info = mxs_market_describe(market);
    assert_non_null(strstr(info->format, format));
    assert_string_equal(info->first, first);
    assert_string_equal(info->last, last);
    assert_int_equal(info->warning_count, warnings);
    if (warnings > 0) {
        assert_non_null(strstr(info->warnings[0], "day-first"));
    }
    mxs_market_destroy(market);
}

static void day_and_month_are_told_apart_by_all_dates(void **state) {
    (void)state;
    assert_dates("Date,A\n01/02/2024,1\n02/02/2024,2\n13/02/2024,1\n", "day-first", "2024-02-01", "2024-02-13", 0);
    assert_dates("Date,A\n01/02/2024,1\n01/03/2024,2\n01/13/2024,1\n", "month-first", "2024-01-02", "2024-01-13", 0);
}

static void day_and_month_are_told_apart_by_the_order(void **state) {
    (void)state;
    assert_dates("Date,A\n01/11/2024,1\n01/12/2024,2\n02/01/2024,1\n", "month-first", "2024-01-11", "2024-02-01", 0);
    assert_dates("Date,A\n11/01/2024,1\n12/01/2024,2\n01/02/2024,1\n", "day-first", "2024-01-11", "2024-02-01", 0);
}

static void day_first_with_a_warning_where_nothing_tells(void **state) {
    (void)state;
    assert_dates("Date,A\n01/02/2024,1\n02/03/2024,2\n03/04/2024,1\n", "day-first", "2024-02-01", "2024-04-03", 1);
}

static void the_order_of_a_long_file_is_looked_at_ticker_by_ticker(void **state) {
    (void)state;
    assert_dates(
        "date,ticker,close\n01/11/2024,A,1\n01/12/2024,A,2\n02/01/2024,A,1\n01/11/2024,B,1\n01/12/2024,B,3\n"
        "02/01/2024,B,1\n",
        "month-first", "2024-01-11", "2024-02-01", 0);
}

static void commas_alone_in_a_tab_file_are_decimal_with_a_warning(void **state) {
    (void)state;
    mxs_market *market = market_of_text("A\tB\n1,234\t2,345\n1,250\t2,300\n1,300\t2,500\n", NULL);
    const mxs_market_info *info = mxs_market_describe(market);
    assert_near(info->returns[0], 1.250 / 1.234 - 1.0, 0.0);
    assert_int_equal(info->warning_count, 1);
    assert_non_null(strstr(info->warnings[0], "decimal"));
    mxs_market_destroy(market);
}

static void a_quoted_line_end_is_part_of_its_cell(void **state) {
    (void)state;
    assert_text_fails("Date,\"A\nB\",C\n2024-08-01,1,2\n", NULL, MXS_ERROR_DATA,
                      "market.csv:1:2: the ticker \"A?B\" holds a line end");
    assert_text_fails("Date,A,B\n\"2024-08-01\n\",1,2\n2024-08-02,1,x\n", NULL, MXS_ERROR_DATA,
                      "market.csv:4:3: B: \"x\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_with_iso_dates),
        cmocka_unit_test(wide_in_the_european_way),
        cmocka_unit_test(wide_in_the_american_way),
        cmocka_unit_test(wide_with_tabs_and_month_names),
        cmocka_unit_test(wide_with_bars_and_commas_in_dates),
        cmocka_unit_test(wide_with_byte_order_mark_quotes_and_times),
        cmocka_unit_test(wide_with_old_mac_line_ends),
        cmocka_unit_test(wide_with_an_index_before_the_dates),
        cmocka_unit_test(a_column_that_counts_the_rows_is_no_asset_whatever_its_name),
        cmocka_unit_test(a_column_that_does_not_count_every_row_is_an_asset),
        cmocka_unit_test(wide_without_dates),
        cmocka_unit_test(wide_with_an_index_instead_of_dates),
        cmocka_unit_test(long_sorted_by_date),
        cmocka_unit_test(long_sorted_by_ticker_with_many_columns),
        cmocka_unit_test(long_with_columns_named_in_another_language),
        cmocka_unit_test(transposed_with_dates),
        cmocka_unit_test(transposed_without_header),
        cmocka_unit_test(transposed_under_counted_columns),
        cmocka_unit_test(gzip_holds_the_same_market),
        cmocka_unit_test(returns_in_percent_are_hundredths),
        cmocka_unit_test(a_long_file_of_returns_takes_the_column_of_returns),
        cmocka_unit_test(stocks_may_be_numbered_where_dates_tell_the_header),
        cmocka_unit_test(day_and_month_are_told_apart_by_all_dates),
        cmocka_unit_test(day_and_month_are_told_apart_by_the_order),
        cmocka_unit_test(day_first_with_a_warning_where_nothing_tells),
        cmocka_unit_test(the_order_of_a_long_file_is_looked_at_ticker_by_ticker),
        cmocka_unit_test(commas_alone_in_a_tab_file_are_decimal_with_a_warning),
        cmocka_unit_test(a_quoted_line_end_is_part_of_its_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
