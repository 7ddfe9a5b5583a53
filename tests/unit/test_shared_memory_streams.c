/* Shared memory never stands where a program's standard streams would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "process/shared_memory.h"

/* A daemon has closed its standard error: what a library writes there must not end up in the memory of a run. */
static void it_takes_the_place_of_no_standard_stream(void **state) {
    (void)state;
    static const char zeroes[64];
    struct mxsi_shared_memory memory;
    const int kept = dup(STDERR_FILENO);
    assert_int_equal(close(STDERR_FILENO), 0);
    const int failed = mxsi_shared_memory_create(sizeof zeroes, &memory);
    const ssize_t written = write(STDERR_FILENO, "a library's warning", 19);
    assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
    (void)close(kept);
    assert_int_equal(failed, 0);
    assert_int_equal(written, -1);
    assert_memory_equal(memory.bytes, zeroes, sizeof zeroes);
    assert_true(memory.descriptor > STDERR_FILENO);
    mxsi_shared_memory_close(&memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_takes_the_place_of_no_standard_stream),
    };
    return cmocka_run_group_tests_name("shared memory and standard streams", tests, NULL, NULL);
}
