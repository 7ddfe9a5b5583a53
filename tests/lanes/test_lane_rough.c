/* What is compiled once for each instruction set, compiled here too: this test runs for each of them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engines/cpu/lanes/lane_rough.h"
#include "sampling/exponential.h"

enum { UNIFORMS = 1 << 23 };

/* The words of which the uniforms are `first` and the following; what is below them must not matter. */
static lane_word words_from(uint32_t first) {
    lane_word words;
    for (uint32_t i = 0; i < LANES; ++i) {
        words[i] = (first + i) << 9 | ((first + i) * 2654435761u >> 23);
    }
    return words;
}

static void a_rough_exponential_is_within_its_error_for_every_uniform(void **state) {
    (void)state;
    const struct lane_rough_constants constants = lane_rough_constants();
    double largest = 0.0;
    for (uint32_t first = 0; first < UNIFORMS; first += LANES) {
        const lane_word words = words_from(first);
        const lane_float rough = lane_rough_exponential(&constants, words);
        for (int i = 0; i < LANES; ++i) {
            largest = fmax(largest, fabs((double)rough[i] - (double)mxsi_exponential(words[i])));
        }
    }
    print_message("largest error %.3g, assumed %.3g\n", largest, (double)LANE_ROUGH_ERROR);
    assert_true(largest > 0.0);
    assert_true(largest <= (double)LANE_ROUGH_ERROR);
}

static void a_uniform_is_converted_exactly(void **state) {
    (void)state;
    for (uint32_t first = 0; first < UNIFORMS; first += LANES) {
        const lane_float scaled = lane_exact_uniform(words_from(first));
        for (uint32_t i = 0; i < LANES; ++i) {
            const double expected = ldexp(2.0 * (first + i) + 1.0, LANE_EXACT_SHIFT - 24);
            if ((double)scaled[i] != expected) {
                fail_msg("k = %u: %.17g and not %.17g", first + i, (double)scaled[i], expected);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rough_exponential_is_within_its_error_for_every_uniform),
        cmocka_unit_test(a_uniform_is_converted_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
