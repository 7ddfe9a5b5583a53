/* Which of OpenBLAS's kernels are passed over, and what a user's environment asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engines/cpu/openblas_kernel.h"

static void kernels_with_avx512_and_unknown_ones_are_never_passed_over(void **state) {
    (void)state;
    static const char *const cores[] = {"SkylakeX", "Cooperlake", "Sapphirerapids", "Granite", "ARMV8", ""};
    for (size_t i = 0; i < sizeof cores / sizeof cores[0]; ++i) {
        assert_false(mxsi_openblas_kernel_passes_over_avx512(cores[i]));
    }
    assert_true(mxsi_openblas_kernel_has_avx512("skylakex"));
    assert_false(mxsi_openblas_kernel_has_avx512("Haswell"));
}

static void every_older_kernel_is_treated_as_haswell_is(void **state) {
    (void)state;
    static const char *const cores[] = {"Prescott", "Nehalem", "Sandybridge", "haswell", "Excavator", "Zen"};
    const int answer = mxsi_openblas_kernel_passes_over_avx512("Haswell");
    for (size_t i = 0; i < sizeof cores / sizeof cores[0]; ++i) {
        assert_int_equal(mxsi_openblas_kernel_passes_over_avx512(cores[i]), answer);
    }
}

static void the_environment_is_asked_for_the_whole_name(void **state) {
    (void)state;
    char other[] = "OPENBLAS_CORETYPES=Zen";
    char first[] = "OPENBLAS_CORETYPE=Haswell";
    char second[] = "OPENBLAS_CORETYPE=Zen";
    char nothing[] = "OPENBLAS_CORETYPE=";
    char *none[] = {other, NULL};
    char *two[] = {other, first, second, NULL};
    char *empty[] = {nothing, NULL};
    assert_null(mxsi_openblas_kernel_asked_for(NULL));
    assert_null(mxsi_openblas_kernel_asked_for(none));
    assert_string_equal(mxsi_openblas_kernel_asked_for(two), "Haswell"); /* as getenv */
    assert_string_equal(mxsi_openblas_kernel_asked_for(empty), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_with_avx512_and_unknown_ones_are_never_passed_over),
        cmocka_unit_test(every_older_kernel_is_treated_as_haswell_is),
        cmocka_unit_test(the_environment_is_asked_for_the_whole_name),
    };
    return cmocka_run_group_tests_name("OpenBLAS's kernel", tests, NULL, NULL);
}
