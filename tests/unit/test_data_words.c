/* Dates and numbers as they stand in files. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "data/table/calendar_date.h"
#include "data/table/number_text.h"

static void assert_date(const char *text, mxsi_date_kind kind, int year, int first, int second) {
    const mxsi_date_text date = mxsi_date_scan(text);
    if (date.kind != kind || date.year != year || date.first != first || date.second != second) {
        fail_msg("\"%s\" is read as kind %d: %d %d %d", text, (int)date.kind, date.year, date.first, date.second);
    }
}

static void every_way_to_write_a_date_is_read(void **state) {
    (void)state;
    assert_date("2024-08-01", MXSI_DATE_YEAR_FIRST, 2024, 8, 1);
    assert_date("2024/8/1", MXSI_DATE_YEAR_FIRST, 2024, 8, 1);
    assert_date("2024.08.01", MXSI_DATE_YEAR_FIRST, 2024, 8, 1);
    assert_date("20240801", MXSI_DATE_YEAR_FIRST, 2024, 8, 1);
    assert_date("01/08/2024", MXSI_DATE_TWO_NUMBERS, 2024, 1, 8);
    assert_date("1.8.2024", MXSI_DATE_TWO_NUMBERS, 2024, 1, 8);
    assert_date("31-12-2024", MXSI_DATE_TWO_NUMBERS, 2024, 31, 12);
    assert_date("1-Aug-2024", MXSI_DATE_MONTH_NAME, 2024, 8, 1);
    assert_date("01 august 2024", MXSI_DATE_MONTH_NAME, 2024, 8, 1);
    assert_date("1/SEPT/2024", MXSI_DATE_MONTH_NAME, 2024, 9, 1);
    assert_date("Aug 1, 2024", MXSI_DATE_MONTH_NAME, 2024, 8, 1);
    assert_date("Dec. 31 2024", MXSI_DATE_MONTH_NAME, 2024, 12, 31);
}

static void a_time_of_day_is_passed_over(void **state) {
    (void)state;
    assert_date("2024-08-01 00:00:00", MXSI_DATE_YEAR_FIRST, 2024, 8, 1);
    assert_date("2024-08-01T16:00:00.000-04:00", MXSI_DATE_YEAR_FIRST, 2024, 8, 1);
    assert_date("8/1/2024 4:00 PM", MXSI_DATE_TWO_NUMBERS, 2024, 8, 1);
    assert_date("20240801T160000Z", MXSI_DATE_YEAR_FIRST, 2024, 8, 1);
}

static void what_is_no_date_is_not_taken_for_one(void **state) {
    (void)state;
    static const char *const TEXTS[] = {"",
                                        "2024",
                                        "2024-08",
                                        "2024-08-01x",
                                        "2024-08-01 noon",
                                        "2024-08/01",
                                        "08-01-24",
                                        "202408011",
                                        "2024080",
                                        "99990801",
                                        "1.5",
                                        "12345678",
                                        "Aug 2024",
                                        "Foo 1, 2024",
                                        "1-Au-2024",
                                        "1-Aug/2024",
                                        "1 - Aug - 2024",
                                        "AAPL",
                                        "2024--08-01",
                                        "Aug1, 2024",
                                        "-",
                                        "2024-08-01T",
                                        "1/",
                                        "1-",
                                        "Aug 1,",
                                        "2024-8-",
                                        "2024-08-001",
                                        "Augustus 1, 2024"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; ++i) {
        assert_date(TEXTS[i], MXSI_DATE_NONE, 0, 0, 0);
    }
}

static void the_calendar_knows_its_leap_years(void **state) {
    (void)state;
    static const mxsi_date DAYS[] = {20240229, 20000229, 20241231, 20240430, 10101, 99991231};
    static const mxsi_date NONE[] = {20230229, 19000229, 20240431, 20241301, 20240001, 20240100, 20240132, 101};
    for (size_t i = 0; i < sizeof DAYS / sizeof *DAYS; ++i) {
        assert_true(mxsi_date_is_valid(DAYS[i]));
    }
    for (size_t i = 0; i < sizeof NONE / sizeof *NONE; ++i) {
        assert_false(mxsi_date_is_valid(NONE[i]));
    }
    assert_string_equal(mxsi_date_print(10203).text, "0001-02-03");
    assert_string_equal(mxsi_date_print(20240801).text, "2024-08-01");
}

static void assert_number(const char *text, char decimal_sign, double expected) {
    const locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    double value = 0.0;
    int percent = 0;
    const mxsi_number_result result = mxsi_number_parse(text, decimal_sign, c_locale, &value, &percent);
    freelocale(c_locale);
    if (result != MXSI_NUMBER_OK || value < expected || value > expected) {
        fail_msg("\"%s\" with %c is read as %.17g (%d)", text, decimal_sign, value, (int)result);
    }
}

static void assert_no_number(const char *text, char decimal_sign, mxsi_number_result expected) {
    const locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    double value = 0.0;
    int percent = 0;
    const mxsi_number_result result = mxsi_number_parse(text, decimal_sign, c_locale, &value, &percent);
    freelocale(c_locale);
    if (result != expected || !isnan(value)) {
        fail_msg("\"%s\" with %c is read as %.17g (%d)", text, decimal_sign, value, (int)result);
    }
}

static void numbers_are_read_with_either_decimal_sign(void **state) {
    (void)state;
    assert_number("217.62857055664062", '.', 217.62857055664062);
    assert_number("217,62857055664062", ',', 217.62857055664062);
    assert_number("1,234.56", '.', 1234.56);
    assert_number("1.234,56", ',', 1234.56);
    assert_number("1,234,567", '.', 1234567.0);
    assert_number("1.234", '.', 1.234);
    assert_number("1.234", ',', 1234.0);
    assert_number("-.5", '.', -0.5);
    assert_number("+5.", '.', 5.0);
    assert_number("1.5e-3", '.', 0.0015);
    assert_number("1,5E+3", ',', 1500.0);
    assert_number("1.25%", '.', 0.0125);
    assert_number("-1,25 %", ',', -0.0125);
}

static void only_whole_numbers_are_numbers(void **state) {
    (void)state;
    static const char *const TEXTS[] = {"x",      "1.5x",  "1.5 2", "0x10",    "inf",    "infinity",  "1e",
                                        "1e+",    ".",     "+",     "1,23.4",  "1,2345", "12345,678", "0,123",
                                        "1,,234", ",5",    "1.2.3", "1.5%%",   "% 1",    "1  %",      "--1",
                                        "$5",     "1_000", "1'000", "1,234,5", "nan(1)", "1.5f",      "１"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; ++i) {
        assert_no_number(TEXTS[i], '.', MXSI_NUMBER_BAD);
    }
    assert_no_number("1.5", ',', MXSI_NUMBER_BAD);
    assert_no_number("1e999", '.', MXSI_NUMBER_TOO_LARGE);
}

static void a_number_of_a_thousand_digits_is_refused_without_harm(void **state) {
    (void)state;
    char text[1001];
    for (size_t i = 0; i < 1000; ++i) {
        text[i] = '7';
    }
    text[1000] = '\0';
    assert_no_number(text, '.', MXSI_NUMBER_BAD);
}

static void the_words_for_a_missing_value_are_known(void **state) {
    (void)state;
    static const char *const WORDS[] = {"", "-", "NA", "n/a", "#N/A", "NaN", "null", "NULL"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; ++i) {
        assert_no_number(WORDS[i], '.', MXSI_NUMBER_MISSING);
    }
}

static void a_percentage_is_the_double_nearest_to_its_hundredth(void **state) {
    (void)state;
    assert_number("12.3%", '.', 0.123);
    assert_number("-12,3 %", ',', -0.123);
    for (int hundredths = 1; hundredths <= 9999; ++hundredths) {
        char percentage[32];
        char decimal[32];
        (void)snprintf(percentage, sizeof percentage, "%d.%02d%%", hundredths / 100, hundredths % 100);
        (void)snprintf(decimal, sizeof decimal, "0.%04d", hundredths);
        assert_number(percentage, '.', strtod(decimal, NULL));
    }
}

static void a_percentage_may_have_an_exponent(void **state) {
    (void)state;
    assert_number("12.3e0%", '.', 0.123);
    assert_number("1.23E+1%", '.', 0.123);
    assert_number("1,230e-2%", '.', 0.123);
    assert_number("1e309%", '.', 1e307);
    assert_number("7e-99999999999999999999%", '.', 0.0);
    assert_no_number("7e99999999999999999999%", '.', MXSI_NUMBER_TOO_LARGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_write_a_date_is_read),
        cmocka_unit_test(a_time_of_day_is_passed_over),
        cmocka_unit_test(what_is_no_date_is_not_taken_for_one),
        cmocka_unit_test(the_calendar_knows_its_leap_years),
        cmocka_unit_test(numbers_are_read_with_either_decimal_sign),
        cmocka_unit_test(a_percentage_is_the_double_nearest_to_its_hundredth),
        cmocka_unit_test(a_percentage_may_have_an_exponent),
        cmocka_unit_test(only_whole_numbers_are_numbers),
        cmocka_unit_test(a_number_of_a_thousand_digits_is_refused_without_harm),
        cmocka_unit_test(the_words_for_a_missing_value_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
