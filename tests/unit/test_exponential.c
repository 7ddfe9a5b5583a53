/* The exponential of every one of the 2^23 uniforms that a word can give. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sampling/exponential.h"
#include "support/seeded_random.h"

enum { UNIFORMS = 1 << 23 };

/* k's exponential, from the word with zeros below k. */
static float exponential_of(uint32_t k) {
    return mxsi_exponential(k << 9);
}

static double uniform_of(uint32_t k) {
    return (2.0 * k + 1.0) * 0x1p-24;
}

static void every_exponential_is_minus_the_logarithm_to_a_relative_2e_6(void **state) {
    (void)state;
    double worst = 0.0;
    uint32_t worst_at = 0;
    for (uint32_t k = 0; k < UNIFORMS; ++k) {
        const double exact = -log(uniform_of(k));
        const double off = fabs((double)exponential_of(k) - exact) / exact;
        if (!(off <= worst)) {
            worst = off;
            worst_at = k;
        }
    }
    print_message("largest relative error %.3g, at k = %u\n", worst, worst_at);
    assert_true(worst <= 2.0e-6);
}

static void exponentials_lie_between_those_of_the_extreme_uniforms(void **state) {
    (void)state;
    float lowest = HUGE_VALF;
    float highest = -HUGE_VALF;
    for (uint32_t k = 0; k < UNIFORMS; ++k) {
        const float e = exponential_of(k);
        lowest = e < lowest ? e : lowest;
        highest = e > highest ? e : highest;
    }
    assert_true(lowest == exponential_of(UNIFORMS - 1)); /* u = 1 - 2^-24 */
    assert_true(highest == exponential_of(0));           /* u = 2^-24, e = 24 log(2) */
    assert_true(lowest >= 5.9e-8f && lowest <= 6.0e-8f);
    assert_true(highest >= 16.63f && highest <= 16.7f);
}

static void their_mean_and_variance_are_one(void **state) {
    (void)state;
    double sum = 0.0;
    double squares = 0.0;
    for (uint32_t k = 0; k < UNIFORMS; ++k) {
        const double e = (double)exponential_of(k);
        sum += e;
        squares += e * e;
    }
    const double mean = sum / UNIFORMS;
    const double variance = squares / UNIFORMS - mean * mean;
    print_message("mean 1 %+.3g, variance 1 %+.3g\n", mean - 1.0, variance - 1.0);
    assert_true(fabs(mean - 1.0) < 1e-6);
    assert_true(fabs(variance - 1.0) < 1e-5);
}

static void the_low_nine_bits_of_a_word_do_not_count(void **state) {
    (void)state;
    struct seeded_random random = {20240801};
    for (int i = 0; i < 100000; ++i) {
        const uint32_t word = (uint32_t)random_word(&random);
        assert_true(mxsi_bits_of_float(mxsi_exponential(word)) ==
                    mxsi_bits_of_float(mxsi_exponential(word & 0xfffffe00u)));
        assert_true(mxsi_bits_of_float(mxsi_exponential(word)) == mxsi_bits_of_float(mxsi_exponential(word | 0x1ffu)));
    }
}

/* The bits are the definition of a simulation: results that somebody has written down hold only as long as they stay.
 * The single values are those of exact rational arithmetic, rounded once for each operation; the fingerprint is of the
 * day on which the definition was fixed. */
static void the_bits_of_all_exponentials_have_not_drifted(void **state) {
    (void)state;
    assert_int_equal(mxsi_bits_of_float(mxsi_exponential(0)), 0x41851592u);
    assert_int_equal(mxsi_bits_of_float(mxsi_exponential(0x7fffffffu)), 0x3f31721au);
    assert_int_equal(mxsi_bits_of_float(mxsi_exponential(0x80000000u)), 0x3f317216u);
    assert_int_equal(mxsi_bits_of_float(mxsi_exponential(0xbfffffffu)), 0x3e934b00u);
    assert_int_equal(mxsi_bits_of_float(mxsi_exponential(0xc0000000u)), 0x3e934b05u);
    assert_int_equal(mxsi_bits_of_float(mxsi_exponential(UINT32_MAX)), 0x33800008u);
    float *all = malloc(UNIFORMS * sizeof *all);
    assert_non_null(all);
    for (uint32_t k = 0; k < UNIFORMS; ++k) {
        all[k] = exponential_of(k);
    }
    const uint64_t fingerprint = fingerprint_of(all, UNIFORMS * sizeof *all);
    free(all);
    print_message("fingerprint 0x%016llx\n", (unsigned long long)fingerprint);
    assert_true(fingerprint == 0x32c2071aab3669f2u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_exponential_is_minus_the_logarithm_to_a_relative_2e_6),
        cmocka_unit_test(exponentials_lie_between_those_of_the_extreme_uniforms),
        cmocka_unit_test(their_mean_and_variance_are_one),
        cmocka_unit_test(the_low_nine_bits_of_a_word_do_not_count),
        cmocka_unit_test(the_bits_of_all_exponentials_have_not_drifted),
    };
    return cmocka_run_group_tests_name("exponential", tests, NULL, NULL);
}
