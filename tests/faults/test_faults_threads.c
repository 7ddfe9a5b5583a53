/* The library in a program with threads, some of which do not bear a fork: see thread_crowd.h. The launcher lies beside
 * the tests. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "process/process_threads.h"
#include "support/process_watch.h"
#include "support/thread_crowd.h"

/* A thread that has been joined is still the kernel's for a moment. */
static int has_threads_for_long(void) {
    const double end = seconds_now() + PATIENCE_SECONDS;
    while (mxsi_process_has_threads() && seconds_now() < end) {
        sleep_microseconds(1000);
    }
    return mxsi_process_has_threads();
}

static void a_process_has_threads_while_it_has(void **state) {
    (void)state;
    assert_false(mxsi_process_has_threads());
    crowd_begin();
    assert_true(mxsi_process_has_threads());
    crowd_end();
    assert_false(has_threads_for_long());
}

static void its_devices_are_described(void **state) {
    (void)state;
    mxs_devices *alone = NULL;
    mxs_devices *among = NULL;
    assert_int_equal(mxs_devices_survey(&alone, NULL), MXS_OK);
    crowd_begin();
    assert_int_equal(mxs_devices_survey(&among, NULL), MXS_OK);
    crowd_end();
    const mxs_devices_info *expected = mxs_devices_describe(alone);
    const mxs_devices_info *found = mxs_devices_describe(among);
    print_message("%s: %s\n", found->openblas_core, found->openblas_config);
    assert_true(strlen(found->openblas_core) > 0);
    assert_string_equal(found->openblas_core, expected->openblas_core);
    assert_string_equal(found->openblas_core_reason, expected->openblas_core_reason);
    assert_string_equal(found->openblas_config, expected->openblas_config);
    assert_true(strlen(found->cuda_reason) > 0); /* beside the library, which the launcher loads, or not there */
    mxs_devices_destroy(alone);
    mxs_devices_destroy(among);
}

static void its_cpu_is_measured(void **state) {
    (void)state;
    mxs_peak peak = {.sgemm_flops = 0.0};
    mxs_error error = {.message = ""};
    crowd_begin();
    const mxs_status status = mxs_peak_measure_cpu(2, 0.1, &peak, sizeof peak, &error);
    crowd_end();
    assert_string_equal(error.message, "");
    assert_int_equal(status, MXS_OK);
    assert_true(peak.sgemm_flops > 0.0 && peak.memory_bandwidth > 0.0);
}

static void its_gpu_is_asked_and_the_reason_comes_back(void **state) {
    (void)state;
    enum { NO_SUCH_GPU = 1000 };
    mxs_peak peak;
    mxs_error error = {.message = ""};
    crowd_begin();
    const mxs_status status = mxs_peak_measure_gpu(NO_SUCH_GPU, &peak, sizeof peak, &error);
    crowd_end();
    print_message("%s\n", error.message);
    assert_int_equal(status, MXS_ERROR_BACKEND);
    assert_non_null(strstr(error.message, "GPU 1000 cannot be measured: "));
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, watch_begin, watch_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WATCHED(a_process_has_threads_while_it_has),
        WATCHED(its_devices_are_described),
        WATCHED(its_cpu_is_measured),
        WATCHED(its_gpu_is_asked_and_the_reason_comes_back),
    };
    return cmocka_run_group_tests_name("a program with threads", tests, NULL, NULL);
}
