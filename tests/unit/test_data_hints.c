/* An error says what is wrong; which option helps is its hint, so that each front end has its own words for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/market_texts.h"

#define THREE_DATES "Date,A,B\n2024-08-01,1,5\n2024-08-02,2,6\n2024-08-03,3,5\n"
/* Longer than any line of a moments file. */
#define LONG_LINE                                                      \
    "0123456789012345678901234567890123456789012345678901234567890123" \
    "0123456789012345678901234567890123456789012345678901234567890123" \
    "0123456789012345678901234567890123456789012345678901234567890123" \
    "0123456789012345678901234567890123456789012345678901234567890123"

typedef struct advised {
    const char *text;
    mxs_input input;
    mxs_missing missing;
    const char *from;
    mxs_status status;
    mxs_hint hint;
    const char *subject;
    const char *message; /* all of it */
} advised;

static const advised CASES[] = {
    {"Date,A,B\n2024-08-01,1,1.5%\n", MXS_INPUT_PRICES, MXS_MISSING_DROP_ASSETS, NULL, MXS_ERROR_DATA,
     MXS_HINT_INPUT_RETURNS, "", "market.csv:2:3: B: \"1.5%\" is a percentage, not a price"},
    {"Date,A,B\n2024-08-01,1,-2\n", MXS_INPUT_PRICES, MXS_MISSING_DROP_ASSETS, NULL, MXS_ERROR_DATA,
     MXS_HINT_INPUT_RETURNS, "", "market.csv:2:3: B: \"-2\" is a price below zero"},
    {"Date,A,B\n2024-08-01,1,0\n", MXS_INPUT_PRICES, MXS_MISSING_DROP_ASSETS, NULL, MXS_ERROR_DATA, MXS_HINT_NONE, "",
     "market.csv:2:3: B: \"0\" is a price of zero: correct it, or leave the cell blank if the price is missing"},
    {THREE_DATES, MXS_INPUT_MOMENTS, MXS_MISSING_DROP_ASSETS, NULL, MXS_ERROR_DATA, MXS_HINT_INPUT_TABLE, "",
     "market.csv:1: not an OR-Library moments file, which begins with the number of assets alone on its line"},
    {LONG_LINE, MXS_INPUT_MOMENTS, MXS_MISSING_DROP_ASSETS, NULL, MXS_ERROR_DATA, MXS_HINT_INPUT_TABLE, "",
     "market.csv:1: the line is too long for a moments file"},
    {"2\n.1 .2\n.3 .4\n", MXS_INPUT_PRICES, MXS_MISSING_DROP_ASSETS, NULL, MXS_ERROR_DATA, MXS_HINT_INPUT_MOMENTS, "",
     "market.csv:1: this looks like an OR-Library moments file"},
    {"2\n.1 .2\n.3 .4\n", MXS_INPUT_MOMENTS, MXS_MISSING_DROP_ASSETS, "2024-08-01", MXS_ERROR_ARGUMENT,
     MXS_HINT_NO_RANGE, "", "market.csv holds moments, which have no dates"},
    {"A,B\n1,2\n2,3\n3,1\n", MXS_INPUT_PRICES, MXS_MISSING_DROP_ASSETS, "2024-08-01", MXS_ERROR_ARGUMENT,
     MXS_HINT_NO_RANGE, "", "market.csv has no dates"},
    {THREE_DATES, MXS_INPUT_PRICES, MXS_MISSING_DROP_ASSETS, "2025-01-01", MXS_ERROR_ARGUMENT, MXS_HINT_OTHER_RANGE, "",
     "no date is in the range: market.csv has 2024-08-01 to 2024-08-03"},
    {"A,B Co\n1,5\n2,5\n3,5\n", MXS_INPUT_PRICES, MXS_MISSING_DROP_ASSETS, NULL, MXS_ERROR_DATA, MXS_HINT_EXCLUDE,
     "B Co", "market.csv: asset B Co has constant returns: its variance is zero"},
    {"A,B\n1e-200,1\n2e-200,2\n", MXS_INPUT_RETURNS, MXS_MISSING_DROP_ASSETS, NULL, MXS_ERROR_DATA, MXS_HINT_EXCLUDE,
     "A", "market.csv: asset A: its returns are too small for a variance"},
    {"2\n.1 .2\n.3 0\n1 1 1\n1 2 0\n2 2 1\n", MXS_INPUT_MOMENTS, MXS_MISSING_DROP_ASSETS, NULL, MXS_ERROR_DATA,
     MXS_HINT_EXCLUDE, "A2", "market.csv: asset A2 has constant returns: its variance is not above zero"},
    {"A,B\n1,2\n2,\n3,1\n", MXS_INPUT_PRICES, MXS_MISSING_ERROR, NULL, MXS_ERROR_DATA, MXS_HINT_FILL_OR_DROP, "",
     "market.csv:3:2: B: no price in row 2"},
    {"A,B\n1,\n,2\n1,2\n", MXS_INPUT_PRICES, MXS_MISSING_DROP_ASSETS, NULL, MXS_ERROR_DATA, MXS_HINT_LATER_OR_DROP_ROWS,
     "", "market.csv: every ticker misses a price (A: no price in row 2)"},
    {"A,B\n1,\n2,\n1,\n", MXS_INPUT_PRICES, MXS_MISSING_DROP_ROWS, NULL, MXS_ERROR_DATA,
     MXS_HINT_EXCLUDE_OR_DROP_ASSETS, "B", "market.csv: B has no price at all"},
    {"A,B\n1,\n,2\n1,\n", MXS_INPUT_PRICES, MXS_MISSING_DROP_ROWS, NULL, MXS_ERROR_DATA, MXS_HINT_FEWER_OR_DROP_ASSETS,
     "", "market.csv: every row misses a price"},
};

enum { CASE_COUNT = sizeof CASES / sizeof *CASES };

static void what_helps_is_a_hint_and_no_part_of_the_message(void **state) {
    (void)state;
    for (size_t i = 0; i < CASE_COUNT; ++i) {
        mxs_market_options options = options_for(CASES[i].input);
        options.missing = CASES[i].missing;
        options.from = CASES[i].from;
        const mxs_error error = error_of_text(CASES[i].text, &options, CASES[i].status);
        assert_string_equal(error.message, CASES[i].message);
        assert_int_equal(error.hint, CASES[i].hint);
        assert_string_equal(error.subject, CASES[i].subject);
    }
}

static void every_hint_is_given_by_some_error(void **state) {
    (void)state;
#define HINT(name, value, text) name,
    static const mxs_hint HINTS[] = {MXS_HINT_LIST(HINT)};
#undef HINT
    for (size_t i = 0; i < sizeof HINTS / sizeof *HINTS; ++i) {
        size_t at = 0;
        while (at < CASE_COUNT && CASES[at].hint != HINTS[i]) {
            ++at;
        }
        if (at == CASE_COUNT) {
            fail_msg("no case gives hint %d, \"%s\"", (int)HINTS[i], mxs_hint_string(HINTS[i]));
        }
    }
}

static void the_longest_ticker_is_whole_in_a_hint(void **state) {
    (void)state;
    enum { LENGTH = 255 };
    char ticker[LENGTH + 1];
    char text[LENGTH + 64];
    memset(ticker, 'T', LENGTH);
    ticker[LENGTH] = '\0';
    (void)snprintf(text, sizeof text, "A,%s\n1,5\n2,5\n3,5\n", ticker);
    const mxs_error error = error_of_text(text, NULL, MXS_ERROR_DATA);
    assert_int_equal(error.hint, MXS_HINT_EXCLUDE);
    assert_string_equal(error.subject, ticker);
}

static void arrays_are_advised_as_files_are(void **state) {
    (void)state;
    static const double VALUES[] = {1.0, 5.0, 2.0, 5.0, 3.0, 5.0};
    static const char *const TICKERS[] = {"ANT", "BEE"};
    mxs_market *market = NULL;
    mxs_error error;
    assert_int_equal(mxs_market_create(VALUES, 3, 2, TICKERS, NULL, &market, &error), MXS_ERROR_DATA);
    assert_int_equal(error.hint, MXS_HINT_EXCLUDE);
    assert_string_equal(error.subject, "BEE");
    mxs_market_options options = options_for(MXS_INPUT_PRICES);
    options.to = "2024-08-01";
    assert_int_equal(mxs_market_create(VALUES, 3, 2, TICKERS, &options, &market, &error), MXS_ERROR_ARGUMENT);
    assert_int_equal(error.hint, MXS_HINT_NO_RANGE);
    assert_string_equal(error.message, "an array has no dates");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_helps_is_a_hint_and_no_part_of_the_message),
        cmocka_unit_test(every_hint_is_given_by_some_error),
        cmocka_unit_test(the_longest_ticker_is_whole_in_a_hint),
        cmocka_unit_test(arrays_are_advised_as_files_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
