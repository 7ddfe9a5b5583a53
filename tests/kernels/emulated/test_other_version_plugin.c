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
    mxs_devices devices;
    mxs_devices_describe(&devices, sizeof devices);
    print_message("%s\n", devices.cuda_reason);
    assert_non_null(strstr(devices.cuda_reason, "the CUDA plug-in is of version 9.8.7, the library of"));
    assert_int_equal(devices.gpu_count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_plug_in_of_another_version_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
