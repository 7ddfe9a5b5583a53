/* Which of OpenBLAS's kernels runs, and why. What is loaded is a stand-in for a version that does not know this
 * processor: see openblas_stand_in.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run_program.h"

static const program_setup unaware = {.libraries = MXS_UNAWARE_OPENBLAS};
static const program_setup old = {.libraries = MXS_OLD_OPENBLAS};
static const program_setup hanging = {.libraries = MXS_HANGING_OPENBLAS};

/* As the kernel of this machine lists them: an opinion other than the compiler's. */
static bool machine_has_avx512(void) {
    static const char *const flags[] = {" avx512f ", " avx512cd ", " avx512bw ", " avx512dq ", " avx512vl "};
    static char text[16384]; /* the first core, and more */
    FILE *const file = fopen("/proc/cpuinfo", "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    bool has_all = true;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; ++i) {
        has_all = has_all && strstr(text, flags[i]) != NULL;
    }
    return has_all;
}

/* Runs `devices` and holds both of its forms against the same two texts. */
static void assert_kernel(const program_setup *setup, const char *core, const char *reason) {
    char line[256];
    (void)snprintf(line, sizeof line, "OpenBLAS    %s kernel: %s\n            OpenBLAS stand-in\n", core, reason);
    program_run run = run_program_with(setup, "devices");
    assert_int_equal(run.status, 0);
    print_message("%s", strstr(run.out, "OpenBLAS"));
    assert_non_null(strstr(run.out, line));
    program_run_free(&run);

    run = run_program_with(setup, "devices --format json");
    assert_int_equal(run.status, 0);
    json_t *const devices = json_loads(run.out, 0, NULL);
    assert_non_null(devices);
    assert_string_equal(json_text_at(devices, "openblas_core"), core);
    assert_string_equal(json_text_at(devices, "openblas_core_reason"), reason);
    json_decref(devices);
    program_run_free(&run);
}

static void kernels_without_avx512_give_way_where_the_processor_has_it(void **state) {
    (void)state;
    if (machine_has_avx512()) {
        assert_kernel(&unaware, "SkylakeX", "OpenBLAS itself would pick Haswell, without AVX-512");
    } else {
        assert_kernel(&unaware, "Haswell", "picked by OpenBLAS");
    }
}

static void a_version_that_has_no_better_kernel_keeps_its_own_pick(void **state) {
    (void)state;
    assert_kernel(
        &old, "Haswell",
        machine_has_avx512() ? "picked by OpenBLAS, whose AVX-512 kernels cannot be had here" : "picked by OpenBLAS");
}

static void a_kernel_named_in_the_environment_stands(void **state) {
    (void)state;
    assert_int_equal(setenv("OPENBLAS_CORETYPE", "Sandybridge", 1), 0);
    assert_kernel(&unaware, "Sandybridge", "OPENBLAS_CORETYPE asks for Sandybridge");
    /* ... and where OpenBLAS runs another, both are told. */
    assert_int_equal(setenv("OPENBLAS_CORETYPE", "Z80", 1), 0);
    assert_kernel(&unaware, "Prescott", "OPENBLAS_CORETYPE asks for Z80");
    assert_int_equal(unsetenv("OPENBLAS_CORETYPE"), 0);
}

static void an_openblas_that_hangs_when_it_is_loaded_is_given_up_and_named(void **state) {
    (void)state;
    program_run run = run_program_with(&hanging, "devices");
    assert_int_equal(run.status, 0);
    print_message("%s", strstr(run.out, "OpenBLAS"));
    assert_non_null(strstr(run.out,
                           "OpenBLAS    none kernel\n"
                           "            OpenBLAS cannot be asked: no answer within 10 seconds\n"));
    program_run_free(&run);
}

static void a_search_by_an_openblas_that_hangs_when_it_is_loaded_fails(void **state) {
    (void)state;
    program_run run = run_program_with(&hanging, "search " MXS_EXAMPLE_MARKET " -k 3 --evaluator openblas");
    print_message("%s", run.err);
    assert_int_equal(run.status, 1);
    assert_string_equal(run.out, "");
    assert_non_null(strstr(run.err, "of cpu was not ready after 10 seconds"));
    program_run_free(&run);
}

int main(void) {
    if (unsetenv("OPENBLAS_CORETYPE") != 0) {
        return EXIT_FAILURE;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_without_avx512_give_way_where_the_processor_has_it),
        cmocka_unit_test(a_version_that_has_no_better_kernel_keeps_its_own_pick),
        cmocka_unit_test(a_kernel_named_in_the_environment_stands),
        cmocka_unit_test(an_openblas_that_hangs_when_it_is_loaded_is_given_up_and_named),
        cmocka_unit_test(a_search_by_an_openblas_that_hangs_when_it_is_loaded_fails),
    };
    return cmocka_run_group_tests_name("OpenBLAS's kernel", tests, NULL, NULL);
}
