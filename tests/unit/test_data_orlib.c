/* Moments files in the form of OR-Library's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/market_texts.h"

static const char FILE_OF_THREE[] =
    " 3\n .25 .5\n .125 .25  \n\n0.5\t2\n 1 1 1.000000\n 1 2 .5\n 1 3 -.25\n"
    " 2 2 1\n 3 2 0\n 3 3 1";

static void a_moments_file_gives_mean_and_covariance(void **state) {
    (void)state;
    const mxs_market_options options = options_for(MXS_INPUT_MOMENTS);
    mxs_market *market = market_of_text(FILE_OF_THREE, &options);
    const mxs_market_info *info = mxs_market_describe(market);
    static const double MEAN[] = {0.25, 0.125, 0.5};
    /* correlation times both deviations: .5 * .5 * .25, -.25 * .5 * 2 and so on */
    static const double COVARIANCE[] = {0.25, 0.0625, -0.25, 0.0625, 0.0625, 0.0, -0.25, 0.0, 4.0};
    assert_int_equal(info->assets, 3);
    assert_int_equal(info->periods, 0);
    assert_null(info->returns);
    assert_string_equal(info->tickers[2], "A3");
    assert_string_equal(info->format, "OR-Library moments");
    assert_same_numbers(info->mean, MEAN, 3);
    assert_same_numbers(info->covariance, COVARIANCE, 9);
    mxs_market_destroy(market);
}

static void assets_can_be_excluded_from_a_moments_file(void **state) {
    (void)state;
    static const char *const EXCLUDED[] = {"A1"};
    mxs_market_options options = options_for(MXS_INPUT_MOMENTS);
    options.exclude = EXCLUDED;
    options.exclude_count = 1;
    mxs_market *market = market_of_text(FILE_OF_THREE, &options);
    const mxs_market_info *info = mxs_market_describe(market);
    static const double COVARIANCE[] = {0.0625, 0.0, 0.0, 4.0};
    assert_int_equal(info->assets, 2);
    assert_string_equal(info->tickers[0], "A2");
    assert_same_numbers(info->covariance, COVARIANCE, 4);
    mxs_market_destroy(market);
}

static void a_moments_file_may_be_gzip(void **state) {
    (void)state;
    const test_folder folder = make_folder();
    const test_path path = path_in(&folder, "port.gz");
    write_gzip(path.text, FILE_OF_THREE, sizeof FILE_OF_THREE - 1);
    const mxs_market_options options = options_for(MXS_INPUT_MOMENTS);
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_read(path.text, &options, &market, NULL), MXS_OK);
    assert_string_equal(mxs_market_describe(market)->format, "OR-Library moments, gzip");
    mxs_market_destroy(market);
    remove_folder(&folder);
}

static void what_is_wrong_with_a_moments_file_is_named_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } FAULTS[] = {
        {"Date,A\n2024-08-01,1\n", "market.csv:1: not an OR-Library moments file"},
        {"", "market.csv: the file is empty"},
        {"0\n", "market.csv:1: not an OR-Library moments file"},
        {"-1\n", "market.csv:1: not an OR-Library moments file"},
        {"99999999999999999999\n", "market.csv:1: not an OR-Library moments file"},
        {"20000\n.1 .2\n", "market.csv:1:1: 20000 assets, more than"},
        {"2\n.1 .2\n", "market.csv:3: expected the mean and the standard deviation of asset 2 of 2"},
        {"2\n.1 .2\n.1 x\n", "market.csv:3:2: \"x\" is not a number"},
        {"2\n.1 .2\n.1 -.5\n", "market.csv:3:2: the standard deviation \"-.5\" is below zero"},
        {"2\n.1 .2\n.1 .2\n1 1 1\n1 2\n", "market.csv:5: expected two assets and their correlation"},
        {"2\n.1 .2\n.1 .2\n1 1 1\n1 3 .5\n", "market.csv:5:2: \"3\" is not an asset from 1 to 2"},
        {"2\n.1 .2\n.1 .2\n1 1 1\n1 2 1.5\n", "market.csv:5:3: \"1.5\" is not a correlation: it lies beyond 1"},
        {"2\n.1 .2\n.1 .2\n1 1 .9\n", "market.csv:4:3: \".9\" is not a correlation of an asset with itself"},
        {"2\n.1 .2\n.1 .2\n1 1 1\n1 2 .5\n2 1 .5\n", "market.csv:6: the pair 1 2 comes twice"},
        {"2\n.1 .2\n.1 .2\n1 1 1\n2 2 1\n", "market.csv:6: the file ends without the correlation of 1 and 2"},
        {"2\n.1 .2\n.1 .2\n1 1 1\n1 2 .5\n2 2 1\n1 1 1 1\n", "market.csv:7: expected two assets"},
        {"2\n.1 .2\n.1 0\n1 1 1\n1 2 .5\n2 2 1\n", "market.csv: asset A2 has constant returns"},
    };
    const mxs_market_options options = options_for(MXS_INPUT_MOMENTS);
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; ++i) {
        assert_text_fails(FAULTS[i].text, &options, MXS_ERROR_DATA, FAULTS[i].message);
    }
}

static void a_line_without_end_is_refused(void **state) {
    (void)state;
    char text[2000];
    memset(text, '1', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    const mxs_market_options options = options_for(MXS_INPUT_MOMENTS);
    assert_text_fails(text, &options, MXS_ERROR_DATA, "market.csv:1: the line is too long");
}

static void moments_have_no_dates_to_choose_from(void **state) {
    (void)state;
    mxs_market_options options = options_for(MXS_INPUT_MOMENTS);
    options.from = "2024-08-01";
    assert_text_fails(FILE_OF_THREE, &options, MXS_ERROR_ARGUMENT, "market.csv holds moments, which have no dates");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_moments_file_gives_mean_and_covariance),
        cmocka_unit_test(assets_can_be_excluded_from_a_moments_file),
        cmocka_unit_test(a_moments_file_may_be_gzip),
        cmocka_unit_test(what_is_wrong_with_a_moments_file_is_named_with_its_place),
        cmocka_unit_test(a_line_without_end_is_refused),
        cmocka_unit_test(moments_have_no_dates_to_choose_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
