/* What is wrong with a file is named with its place, in one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/market_texts.h"

typedef struct fault {
    const char *text;
    const char *message;
} fault;

static void assert_faults(const fault *faults, size_t count, const mxs_market_options *options) {
    for (size_t i = 0; i < count; ++i) {
        assert_text_fails(faults[i].text, options, MXS_ERROR_DATA, faults[i].message);
    }
}

#define ASSERT_FAULTS(faults, options) assert_faults((faults), sizeof(faults) / sizeof *(faults), (options))

static void values_that_cannot_be_are_named_with_ticker_and_place(void **state) {
    (void)state;
    static const fault FAULTS[] = {
        {"Date,A,B\n2024-08-01,1,2\n2024-08-02,1,x\n", "market.csv:3:3: B: \"x\" is not a number"},
        {"Date,A,B\n2024-08-01,1,2\n2024-08-02,0,1\n", "market.csv:3:2: A: \"0\" is a price of zero"},
        {"Date,A,B\n2024-08-01,1,2\n2024-08-02,-1.5,1\n", "market.csv:3:2: A: \"-1.5\" is a price below zero"},
        {"Date,A,B\n2024-08-01,1,1.5%\n", "market.csv:2:3: B: \"1.5%\" is a percentage, not a price"},
        {"Date,A,B\n2024-08-01,1,0%\n", "market.csv:2:3: B: \"0%\" is a percentage, not a price"},
        {"Date,A,B\n2024-08-01,1,1e999\n", "market.csv:2:3: B: \"1e999\" is too large"},
        {"Date,A,B\n2024-08-01,1,inf\n", "market.csv:2:3: B: \"inf\" is not a number"},
        {"Date,A,B\n2024-08-01,1,\"1,5\"\n", "market.csv:2:3: B: \"1,5\" has a decimal comma"},
        {"Date;A;B\n2024-08-01;1,5;1.5\n", "market.csv:2:3: B: \"1.5\" has a decimal point"},
        {"A;B\n1.234;1,234\n", "market.csv: points and commas are used"},
        {"Date,A,B\n2024-08-01,1,a text that is much longer than what an error message can show of it\n",
         "market.csv:2:3: B: \"a text that is much longer than what an ...\" is not a number"},
        {"date,ticker,close\n2024-08-01,A,1\n2024-08-01,B,oops\n2024-08-02,A,2\n2024-08-02,B,2\n",
         "market.csv:3:3: B: \"oops\" is not a number"},
        {"ANT,1,x,2\nBEE,1,2,3\n", "market.csv:1:3: ANT: \"x\" is not a number"},
        {"ANT,1,2\nBEE,1,x\n", "market.csv:2:3: BEE: \"x\" is not a number"},
    };
    ASSERT_FAULTS(FAULTS, NULL);
}

static void a_percent_sign_holds_for_all_numbers_or_none(void **state) {
    (void)state;
    static const fault FAULTS[] = {
        {"A,B\n1%,2%\n1%,2\n", "market.csv:3:2: B: \"2\" has no percent sign"},
        {"A,B\n1,2\n1%,2\n", "market.csv:3:1: A: \"1%\" has a percent sign"},
    };
    const mxs_market_options options = options_for(MXS_INPUT_RETURNS);
    ASSERT_FAULTS(FAULTS, &options);
}

static void tickers_that_cannot_be_are_named(void **state) {
    (void)state;
    static const fault FAULTS[] = {
        {"Date,A,B,A\n2024-08-01,1,2,3\n", "market.csv:1:4: the ticker \"A\" is repeated (first in column 2)"},
        {"Ticker,2024-08-01,2024-08-02\nA,1,2\nB,1,2\nA,1,2\n",
         "market.csv:4:1: the ticker \"A\" is repeated (first in line 2)"},
        {"Date,A,\n2024-08-01,1,2\n", "market.csv:1:3: the ticker \"\" is empty"},
        {",A\n1.5,1\n2.5,2\n", "market.csv:1:1: the ticker \"\" is empty"},
        {"date,ticker,close\n2024-08-01,A,1\n2024-08-01,,1\n", "market.csv:3:2: the ticker \"\" is empty"},
        {"Date,A,\"\xE9t\xE9\"\n2024-08-01,1,2\n", "market.csv:1:3: the ticker \"\xE9t\xE9\" is not UTF-8"},
        {"Date,A,\xC0\x80\n2024-08-01,1,2\n", "market.csv:1:3: the ticker \"\xC0\x80\" is not UTF-8"},
    };
    ASSERT_FAULTS(FAULTS, NULL);
}

static void dates_that_cannot_be_are_named(void **state) {
    (void)state;
    static const fault FAULTS[] = {
        {"Date,A\n2024-08-01,1\nyesterday,2\n", "market.csv:3:1: \"yesterday\" is not a date"},
        {"Date,A\n2024-08-01,1\n,2\n", "market.csv:3:1: the date is missing"},
        {"Date,A\n45505,1\n45506,2\n", "market.csv:2:1: \"45505\" is not a date"},
        {"Quarter,A\nQ1 2024,1\nQ2 2024,2\n", "market.csv:2:1: \"Q1 2024\" is not a date"},
        {"Date,A\n2024-02-29,1\n2024-02-30,2\n", "market.csv:3:1: the calendar has no day \"2024-02-30\""},
        {"Date,A\n13/13/2024,1\n", "market.csv:2:1: the calendar has no day \"13/13/2024\""},
        {"Date,A\n13/01/2024,1\n01/14/2024,2\n",
         "market.csv:3:1: \"01/14/2024\" and \"13/01/2024\" cannot both have day and month in the same order"},
        {"Date,A\n2024-08-01,1\n02/08/2024,2\n", "market.csv:3:1: the date \"02/08/2024\" is written in another way"},
        {"Date,A\n2024-08-01,1\n2024-08-01,2\n", "market.csv:3:1: the date 2024-08-01 comes twice: remove"},
        {"Date,A\n2024-08-01,1\n2024-08-03,2\n2024-08-02,2\n",
         "market.csv:4:1: the date 2024-08-02 comes after 2024-08-03: sort"},
        {"Date,A\n2024-08-03,1\n2024-08-02,2\n2024-08-01,2\n",
         "market.csv:3:1: the date 2024-08-02 comes after 2024-08-03: the file is newest first"},
        {"Ticker,2024-08-02,2024-08-01\nA,1,2\n", "market.csv:1:3: the date 2024-08-01 comes after 2024-08-02"},
        {"date,ticker,close\n2024-08-01,A,1\n2024-08-01,B,1\n2024-08-01,A,1\n",
         "market.csv:4:1: the date 2024-08-01 comes twice for the same ticker"},
        {"date,ticker,close\n2024-08-02,A,1\n2024-08-02,B,1\n2024-08-01,B,1\n",
         "market.csv:4:1: the date 2024-08-01 comes after 2024-08-02: sort"},
    };
    ASSERT_FAULTS(FAULTS, NULL);
}

static void tables_that_are_none_are_named(void **state) {
    (void)state;
    static const fault FAULTS[] = {
        {"", "market.csv: the file is empty"},
        {"\n \n\n", "market.csv: the file holds nothing but blank lines"},
        {"\xEF\xBB\xBF", "market.csv: the file holds nothing but blank lines"},
        {",,\n,,\n", "market.csv: the file holds nothing but blank lines"},
        {"Date,A,B\n", "market.csv:1:1: nothing but a header row"},
        {"Ticker,2024-08-01,2024-08-02\n", "market.csv:1:1: nothing but a header row"},
        {"Date\n2024-08-01\n", "market.csv:1: no comma, semicolon, tab or bar"},
        {"Date,A,B\n2024-08-01,1\n", "market.csv:2:3: the row has 2 cells where the first row has 3"},
        {"Date,A,B\n\n2024-08-01,1,2,3\n", "market.csv:3:4: the row has 4 cells where the first row has 3"},
        {"2024-08-01,1,2\n2024-08-02,1,2\n", "market.csv:1:1: a header row with tickers is missing"},
        {"1,2\n1.5,2\n", "market.csv:1:1: a header row with tickers is missing"},
        {"Date,1.5,2\n2024-08-01,1,2\n", "market.csv:1:1: a header row with tickers is missing"},
        {"2024-08-01,A,2\n2024-08-02,A,2\n", "market.csv:1:1: a header row with tickers is missing"},
        {",Date\n0,2024-08-01\n1,2024-08-02\n", "market.csv:1:1: the table has no column of values"},
        {"Date,A,\"B\n2024-08-01,1,2\n", "market.csv:1:3: a quoted cell is not closed"},
        {"Date,A,B\n2024-08-01,1,2\"3\"\n", "market.csv:2:3: a quote (\") stands within a cell"},
        {"Date,A,B\n2024-08-01,\"1\"2,2\n", "market.csv:2:2: a quote (\") stands within a cell"},
        {"date,symbol,open,high\n2024-08-01,A,1,2\n2024-08-01,B,1,2\n",
         "market.csv:1:2: several columns could hold the values (open, high): name the right one close"},
        {"2\n.1 .2\n.3 .4\n", "market.csv:1: this looks like an OR-Library moments file"},
        {"date,ticker,close\n2024-08-01,A,1\n", "market.csv: 1 row of prices is left, at least 3"},
    };
    ASSERT_FAULTS(FAULTS, NULL);
}

static void too_few_rows_are_counted(void **state) {
    (void)state;
    assert_text_fails("Date,A\n2024-08-01,1\n2024-08-02,2\n", NULL, MXS_ERROR_DATA,
                      "market.csv: 2 rows of prices are left, at least 3 are needed");
    const mxs_market_options options = options_for(MXS_INPUT_RETURNS);
    assert_text_fails("Date,A\n2024-08-01,1\n", &options, MXS_ERROR_DATA,
                      "market.csv: 1 row of returns is left, at least 2 are needed");
}

static void an_asset_that_never_moves_is_named(void **state) {
    (void)state;
    assert_text_fails("Date,A,B\n2024-08-01,1,5\n2024-08-02,2,5\n2024-08-03,3,5\n", NULL, MXS_ERROR_DATA,
                      "market.csv: asset B has constant returns");
    /* Returns that are equal but for the rounding of the prices. */
    const mxs_market_options options = options_for(MXS_INPUT_RETURNS);
    assert_text_fails("A,B\n0.1,0.30000000000000004\n0.2,0.3\n0.1,0.3\n", &options, MXS_ERROR_DATA,
                      "market.csv: asset B has constant returns");
    mxs_market_destroy(market_of_text("A,B\n0.1,0.300000000000001\n0.2,0.3\n0.1,0.3\n", &options));
}

/* An ordinary asset ANT beside BEE, whose price is multiplied by 1 + growth[t % 2] each day. */
static void print_market_with_growth(char *text, size_t size, const double growth[2]) {
    enum { DAYS = 250 };
    size_t used = (size_t)snprintf(text, size, "ANT,BEE\n");
    double bee = 100.0;
    for (int t = 0; t < DAYS && used < size; ++t) {
        used += (size_t)snprintf(text + used, size - used, "%d,%.17g\n", 50 + 7 * t % 11, bee);
        bee *= 1.0 + growth[t % 2];
    }
    assert_true(used < size);
}

static void prices_that_grow_at_one_rate_are_constant_returns(void **state) {
    (void)state;
    static const double RATES[] = {0.001, -0.001, 0.0001, 0.00001, 0.01, 1.0};
    char text[16384];
    for (size_t i = 0; i < sizeof RATES / sizeof *RATES; ++i) {
        const double growth[] = {RATES[i], RATES[i]};
        print_market_with_growth(text, sizeof text, growth);
        assert_text_fails(text, NULL, MXS_ERROR_DATA, "market.csv: asset BEE has constant returns");
    }
}

static void prices_that_hardly_move_are_still_a_market(void **state) {
    (void)state;
    static const double MONEY_MARKET[] = {1e-6, 2e-6};
    static const double NEARLY_AT_ONE_RATE[] = {0.001, 0.001 + 1e-12};
    char text[16384];
    print_market_with_growth(text, sizeof text, MONEY_MARKET);
    mxs_market_destroy(market_of_text(text, NULL));
    print_market_with_growth(text, sizeof text, NEARLY_AT_ONE_RATE);
    mxs_market_destroy(market_of_text(text, NULL));
}

static void returns_beyond_a_double_are_named(void **state) {
    (void)state;
    assert_text_fails("Date,A\n2024-08-01,1e-200\n2024-08-02,1e200\n2024-08-03,1\n", NULL, MXS_ERROR_DATA,
                      "market.csv: A: the return on 2024-08-02 is too large");
    const mxs_market_options options = options_for(MXS_INPUT_RETURNS);
    assert_text_fails("A,B\n1e200,1\n2,2\n", &options, MXS_ERROR_DATA,
                      "market.csv: asset A: its returns are too large for a variance");
    assert_text_fails("A,B\n1e-200,1\n2e-200,2\n", &options, MXS_ERROR_DATA,
                      "market.csv: asset A: its returns are too small for a variance");
}

static void options_that_cannot_be_are_argument_errors(void **state) {
    (void)state;
    static const char TEXT[] = "Date,A,B\n2024-08-01,1,5\n2024-08-02,2,6\n2024-08-03,3,5\n";
    mxs_market_options options = options_for(MXS_INPUT_PRICES);
    options.from = "2024-8-1";
    assert_text_fails(TEXT, &options, MXS_ERROR_ARGUMENT, "from: \"2024-8-1\" is not a date");
    options.from = "2024-02-30";
    assert_text_fails(TEXT, &options, MXS_ERROR_ARGUMENT, "from: \"2024-02-30\" is not a date");
    options.from = "2024-08-03";
    options.to = "2024-08-02";
    assert_text_fails(TEXT, &options, MXS_ERROR_ARGUMENT, "from 2024-08-03 to 2024-08-02 holds no day");
    options.from = "2025-01-01";
    options.to = NULL;
    assert_text_fails(TEXT, &options, MXS_ERROR_ARGUMENT,
                      "no date is in the range: market.csv has 2024-08-01 to 2024-08-03");
    assert_text_fails("A,B\n1,2\n2,3\n3,1\n", &options, MXS_ERROR_ARGUMENT, "market.csv has no dates");
    options = options_for(MXS_INPUT_PRICES);
    static const char *const UNKNOWN[] = {"A", "Z"};
    options.exclude = UNKNOWN;
    options.exclude_count = 2;
    assert_text_fails(TEXT, &options, MXS_ERROR_ARGUMENT, "no ticker \"Z\" to exclude in market.csv");
    static const char *const ALL[] = {"A", "B"};
    options.exclude = ALL;
    assert_text_fails(TEXT, &options, MXS_ERROR_ARGUMENT, "every ticker is excluded");
    options = options_for((mxs_input)7);
    assert_text_fails(TEXT, &options, MXS_ERROR_ARGUMENT, "there is no kind of input 7");
    options = options_for(MXS_INPUT_PRICES);
    options.struct_size = 0;
    assert_text_fails(TEXT, &options, MXS_ERROR_ARGUMENT, "the market options are not initialised");
}

static void a_sparse_long_file_is_refused_before_it_takes_memory(void **state) {
    (void)state;
    /* 9000 tickers on 9000 dates, one value each: 650 MB of nothing. */
    enum { ROWS = 9000, ROW_SIZE = 40 };
    char *text = malloc(ROWS * ROW_SIZE);
    assert_non_null(text);
    size_t used = (size_t)sprintf(text, "date,ticker,close\n");
    for (int i = 0; i < ROWS; ++i) {
        used += (size_t)sprintf(text + used, "%04d-%02d-%02d,T%d,1\n", 1000 + i / 336, i / 28 % 12 + 1, i % 28 + 1, i);
    }
    assert_text_fails(text, NULL, MXS_ERROR_DATA, "market.csv: 9000 tickers on 9000 dates, but only 9000 rows");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_that_cannot_be_are_named_with_ticker_and_place),
        cmocka_unit_test(a_percent_sign_holds_for_all_numbers_or_none),
        cmocka_unit_test(tickers_that_cannot_be_are_named),
        cmocka_unit_test(dates_that_cannot_be_are_named),
        cmocka_unit_test(tables_that_are_none_are_named),
        cmocka_unit_test(too_few_rows_are_counted),
        cmocka_unit_test(an_asset_that_never_moves_is_named),
        cmocka_unit_test(prices_that_grow_at_one_rate_are_constant_returns),
        cmocka_unit_test(prices_that_hardly_move_are_still_a_market),
        cmocka_unit_test(returns_beyond_a_double_are_named),
        cmocka_unit_test(options_that_cannot_be_are_argument_errors),
        cmocka_unit_test(a_sparse_long_file_is_refused_before_it_takes_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
