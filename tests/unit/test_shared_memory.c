/* Memory without a name, shared with a child and with whoever has its descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "process/shared_memory.h"
#include "support/process_watch.h"

enum { SIZE = 100000 };

static struct mxsi_shared_memory require_memory(uint64_t size) {
    struct mxsi_shared_memory memory;
    assert_int_equal(mxsi_shared_memory_create(size, &memory), 0);
    assert_non_null(memory.bytes);
    assert_int_equal(memory.size, size);
    return memory;
}

static void it_is_zeroed_and_a_program_that_is_started_does_not_inherit_it(void **state) {
    (void)state;
    static const unsigned char zeroes[SIZE];
    struct mxsi_shared_memory memory = require_memory(SIZE);
    assert_memory_equal(memory.bytes, zeroes, SIZE);
    assert_true((fcntl(memory.descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    mxsi_shared_memory_close(&memory);
    assert_null(memory.bytes);
    mxsi_shared_memory_close(&memory); /* of nothing */
}

static void what_one_mapping_writes_the_other_and_a_child_read(void **state) {
    (void)state;
    struct mxsi_shared_memory memory = require_memory(SIZE);
    struct mxsi_shared_memory other;
    const int descriptor = dup(memory.descriptor);
    assert_int_equal(mxsi_shared_memory_map(descriptor, 1, &other), 0);
    assert_ptr_not_equal(other.bytes, memory.bytes);
    assert_int_equal(other.size, SIZE);
    assert_int_equal(other.descriptor, descriptor);
    memcpy(memory.bytes, "from the first", sizeof "from the first");
    assert_string_equal(other.bytes, "from the first");
    const pid_t child = fork();
    if (child == 0) {
        memcpy((char *)other.bytes + SIZE - 32, "from the child", sizeof "from the child");
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_string_equal((char *)memory.bytes + SIZE - 32, "from the child");
    mxsi_shared_memory_close(&memory);
    assert_string_equal(other.bytes, "from the first");
    mxsi_shared_memory_close(&other);
}

static void memory_mapped_for_reading_cannot_be_written(void **state) {
    (void)state;
    struct mxsi_shared_memory memory = require_memory(SIZE);
    struct mxsi_shared_memory other;
    assert_int_equal(mxsi_shared_memory_map(dup(memory.descriptor), 0, &other), 0);
    const pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGSEGV, SIG_DFL);
        *(volatile char *)other.bytes = 1;
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    mxsi_shared_memory_close(&other);
    mxsi_shared_memory_close(&memory);
}

/* A limit of file sizes would bring a signal that ends the program; more than there is, the out-of-memory killer. */
static void more_than_there_can_be_is_refused_with_its_reason(void **state) {
    (void)state;
    struct mxsi_shared_memory memory;
    assert_int_equal(mxsi_shared_memory_create(UINT64_C(1) << 60, &memory), -1);
    assert_int_equal(errno, ENOMEM);
    assert_null(memory.bytes);
    assert_true(mxsi_shared_memory_is_beyond_machine(UINT64_C(1) << 60));
    assert_false(mxsi_shared_memory_is_beyond_machine(SIZE));
    assert_int_equal(mxsi_shared_memory_create(UINT64_MAX, &memory), -1);
    assert_int_equal(errno, EFBIG);

    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = {SIZE - 1, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(mxsi_shared_memory_create(SIZE, &memory), -1);
    const int why = errno;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(why, EFBIG);
}

static void what_is_no_memory_is_not_mapped(void **state) {
    (void)state;
    struct mxsi_shared_memory memory;
    assert_int_equal(mxsi_shared_memory_map(-1, 1, &memory), -1);
    assert_int_equal(errno, EBADF);
    assert_null(memory.bytes);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(mxsi_shared_memory_map(ends[0], 1, &memory), -1);
    (void)close(ends[0]); /* still the caller's */
    (void)close(ends[1]);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, watch_begin, watch_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WATCHED(it_is_zeroed_and_a_program_that_is_started_does_not_inherit_it),
        WATCHED(what_one_mapping_writes_the_other_and_a_child_read),
        WATCHED(memory_mapped_for_reading_cannot_be_written),
        WATCHED(more_than_there_can_be_is_refused_with_its_reason),
        WATCHED(what_is_no_memory_is_not_mapped),
    };
    return cmocka_run_group_tests_name("shared memory", tests, NULL, NULL);
}
