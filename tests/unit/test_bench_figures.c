/* What a benchmark makes of its measurements: medians, straight lines through times, crossovers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cli/bench/bench_fit.h"
#include "cli/bench/bench_sample.h"

static void assert_near(double value, double expected) {
    if (!(fabs(value - expected) <= 1e-9 * fabs(expected))) {
        fail_msg("%.17g instead of %.17g", value, expected);
    }
}

static bench_sample sample_of(const double *values, size_t count) {
    bench_sample sample = {.count = 0};
    for (size_t i = 0; i < count; ++i) {
        sample_add(&sample, values[i]);
    }
    return sample;
}

static void the_median_is_the_middle_value_whatever_the_order(void **state) {
    (void)state;
    const double values[] = {5, 1, 4, 2, 100};
    const bench_sample odd = sample_of(values, 5);
    assert_true(sample_median(&odd) == 4 && sample_least(&odd) == 1 && sample_most(&odd) == 100);
    const bench_sample even = sample_of(values, 4); /* 1 2 4 5 */
    assert_true(sample_median(&even) == 3 && sample_least(&even) == 1 && sample_most(&even) == 5);
    const bench_sample one = sample_of(values, 1);
    assert_true(sample_median(&one) == 5 && sample_least(&one) == 5 && sample_most(&one) == 5);
}

static void a_sample_without_values_has_no_median(void **state) {
    (void)state;
    const bench_sample none = {.count = 0};
    assert_true(isnan(sample_median(&none)) && isnan(sample_least(&none)) && isnan(sample_most(&none)));
}

static void a_full_sample_keeps_what_it_has(void **state) {
    (void)state;
    bench_sample sample = {.count = 0};
    for (int i = 0; i < SAMPLE_LIMIT + 5; ++i) {
        sample_add(&sample, i);
    }
    assert_int_equal(sample.count, SAMPLE_LIMIT);
    assert_true(sample_most(&sample) == SAMPLE_LIMIT - 1);
}

static void times_on_a_line_give_its_start_and_rate(void **state) {
    (void)state;
    const double simulations[] = {1e4, 1e5, 1e6, 1e7, 1e8};
    double seconds[5];
    for (size_t i = 0; i < 5; ++i) {
        seconds[i] = 0.25 + simulations[i] / 4e7;
    }
    const time_fit fit = fit_times(simulations, seconds, 5);
    assert_true(fit.made);
    assert_near(fit.start, 0.25);
    assert_near(fit.rate, 4e7);
}

/* 0.1 s for 1e6 and 0.9 s for 8e6 lie on a line that begins below zero. Without a start
 * and with v = simulations / seconds, the sum of (v / rate - 1)^2 is least at 1 / rate = (v1 + v2) / (v1^2 + v2^2). */
static void a_start_below_zero_is_none(void **state) {
    (void)state;
    const double simulations[] = {1e6, 8e6};
    const double seconds[] = {0.1, 0.9};
    const time_fit fit = fit_times(simulations, seconds, 2);
    const double v1 = 1e7;
    const double v2 = 8e6 / 0.9;
    assert_true(fit.made && fit.start == 0);
    assert_near(fit.rate, (v1 * v1 + v2 * v2) / (v1 + v2));
}

static void one_size_or_times_that_do_not_grow_make_no_line(void **state) {
    (void)state;
    const double simulations[] = {1e6, 2e6};
    const double falling[] = {0.2, 0.1};
    const double same[] = {1e6, 1e6};
    const double equal[] = {0.2, 0.2};
    assert_false(fit_times(simulations, falling, 1).made);
    assert_false(fit_times(simulations, falling, 2).made);
    assert_false(fit_times(same, equal, 2).made);
}

/* The ratio of the two is 4 at 1e4 and 1/4 at 1e6: on a log-log scale it is 1 half way, at 1e5. */
static void curves_cross_where_their_ratio_is_one(void **state) {
    (void)state;
    const double simulations[] = {1e4, 1e6, 1e8};
    const double cpu[] = {0.01, 0.4, 40};
    const double gpu[] = {0.04, 0.1, 1};
    assert_near(crossing(simulations, cpu, gpu, 3), 1e5);
}

static void curves_that_do_not_cross_say_which_is_lower(void **state) {
    (void)state;
    const double simulations[] = {1e4, 1e6};
    const double low[] = {0.01, 0.1};
    const double high[] = {0.02, 0.2};
    assert_true(crossing(simulations, high, low, 2) == 0);
    assert_true(isinf(crossing(simulations, low, high, 2)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_median_is_the_middle_value_whatever_the_order),
        cmocka_unit_test(a_sample_without_values_has_no_median),
        cmocka_unit_test(a_full_sample_keeps_what_it_has),
        cmocka_unit_test(times_on_a_line_give_its_start_and_rate),
        cmocka_unit_test(a_start_below_zero_is_none),
        cmocka_unit_test(one_size_or_times_that_do_not_grow_make_no_line),
        cmocka_unit_test(curves_cross_where_their_ratio_is_one),
        cmocka_unit_test(curves_that_do_not_cross_say_which_is_lower),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
