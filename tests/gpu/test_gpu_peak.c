/* A GPU's measured rates: that they are measured, and in what unit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"

/* From a fifth of the smallest GPU that can be used (GTX 1650 Max-Q: 2.5 TFLOP/s, 112 GB/s) to ten times the largest
 * one today: what lies outside is in another unit, or was not computed. */
static void a_gpus_rates_are_those_of_a_gpu(void **state) {
    (void)state;
    mxs_peak peak = {.sgemm_flops = 0.0};
    mxs_error error = {.message = ""};
    const mxs_status status = mxs_peak_measure_gpu(0, &peak, sizeof peak, &error);
    print_message("%s%g flops, %g bytes a second\n", error.message, peak.sgemm_flops, peak.memory_bandwidth);
    assert_int_equal(status, MXS_OK);
    assert_true(peak.sgemm_flops > 0.5e12 && peak.sgemm_flops < 1e15);
    assert_true(peak.memory_bandwidth > 20e9 && peak.memory_bandwidth < 1e14);
}

static void a_gpu_that_does_not_exist_is_not_measured(void **state) {
    (void)state;
    mxs_peak peak = {.sgemm_flops = 0.0};
    mxs_error error;
    assert_int_equal(mxs_peak_measure_gpu(999, &peak, sizeof peak, &error), MXS_ERROR_BACKEND);
    assert_non_null(strstr(error.message, "counted from 0"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gpus_rates_are_those_of_a_gpu),
        cmocka_unit_test(a_gpu_that_does_not_exist_is_not_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
