/* A plug-in that lies beside the library but is not of its version is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"

static void a_plug_in_of_another_version_is_refused(void **state) {
    (void)state;
    mxs_devices *devices = NULL;
    assert_int_equal(mxs_devices_survey(&devices, NULL), MXS_OK);
    const mxs_devices_info *info = mxs_devices_describe(devices);
    print_message("%s\n", info->cuda_reason);
    assert_non_null(strstr(info->cuda_reason, "the CUDA plug-in is of version 9.8.7, the library of"));
    assert_int_equal(info->gpu_count, 0);
    mxs_devices_destroy(devices);
}

static void its_devices_are_not_measured(void **state) {
    (void)state;
    mxs_peak peak;
    mxs_error error;
    assert_int_equal(mxs_peak_measure_gpu(0, &peak, sizeof peak, &error), MXS_ERROR_BACKEND);
    assert_non_null(strstr(error.message, "the CUDA plug-in is of version 9.8.7"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plug_in_of_another_version_is_refused),
        cmocka_unit_test(its_devices_are_not_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
