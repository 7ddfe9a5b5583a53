/* Which of OpenBLAS's kernels are passed over, and what a user's environment asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engines/cpu/openblas_kernel.h"

static const char *const WITH[] = {"SkylakeX", "Cooperlake", "Sapphirerapids", "skylakex"};
static const char *const WITHOUT[] = {"Prescott", "Nehalem", "Sandybridge", "Haswell",
                                      "haswell",  "Zen",     "Excavator",   "Steamroller"};
static const char *const UNKNOWN[] = {"Granite", "ARMV8", "Haswell2", "Zen5", ""};

#define COUNT(names) (sizeof(names) / sizeof *(names))

static void kernels_are_told_apart_by_what_is_known_of_them(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(WITH); ++i) {
        assert_true(mxsi_openblas_kernel_has_avx512(WITH[i]));
        assert_false(mxsi_openblas_kernel_lacks_avx512(WITH[i]));
    }
    for (size_t i = 0; i < COUNT(WITHOUT); ++i) {
        assert_false(mxsi_openblas_kernel_has_avx512(WITHOUT[i]));
        assert_true(mxsi_openblas_kernel_lacks_avx512(WITHOUT[i]));
    }
    for (size_t i = 0; i < COUNT(UNKNOWN); ++i) {
        assert_false(mxsi_openblas_kernel_has_avx512(UNKNOWN[i]));
        assert_false(mxsi_openblas_kernel_lacks_avx512(UNKNOWN[i]));
    }
    assert_false(mxsi_openblas_kernel_lacks_avx512(MXSI_OPENBLAS_KERNEL_AVX512));
}

/* By what the kernel says of the processor, which is asked another way than the library asks. */
static int has_flag(const char *flags, const char *flag) {
    const size_t length = strlen(flag);
    for (const char *at = strstr(flags, flag); at != NULL; at = strstr(at + 1, flag)) {
        if (at[-1] == ' ' && (at[length] == ' ' || at[length] == '\n')) {
            return 1;
        }
    }
    return 0;
}

static int avx512_runs_here(void) {
    static const char *const needed[] = {"avx2",     "fma",      "bmi1",     "bmi2",    "avx512f",
                                         "avx512cd", "avx512bw", "avx512dq", "avx512vl"};
    static char line[1 << 16];
    FILE *file = fopen("/proc/cpuinfo", "re");
    int runs = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "flags", 5) == 0) {
            runs = 1;
            for (size_t i = 0; i < COUNT(needed); ++i) {
                runs &= has_flag(line, needed[i]);
            }
            break;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return runs;
}

static void a_kernel_is_passed_over_where_it_lacks_what_this_processor_has(void **state) {
    (void)state;
    const int runs = avx512_runs_here();
    print_message("AVX-512 %s here\n", runs ? "runs" : "does not run");
    for (size_t i = 0; i < COUNT(WITHOUT); ++i) {
        assert_int_equal(mxsi_openblas_kernel_passes_over_avx512(WITHOUT[i]), runs);
    }
    for (size_t i = 0; i < COUNT(WITH); ++i) {
        assert_false(mxsi_openblas_kernel_passes_over_avx512(WITH[i]));
    }
    for (size_t i = 0; i < COUNT(UNKNOWN); ++i) {
        assert_false(mxsi_openblas_kernel_passes_over_avx512(UNKNOWN[i]));
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
        cmocka_unit_test(kernels_are_told_apart_by_what_is_known_of_them),
        cmocka_unit_test(a_kernel_is_passed_over_where_it_lacks_what_this_processor_has),
        cmocka_unit_test(the_environment_is_asked_for_the_whole_name),
    };
    return cmocka_run_group_tests_name("OpenBLAS's kernel", tests, NULL, NULL);
}
