/* No data goes through pipes or files: in steady state a worker makes no system call that reads or writes. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/process_watch.h"

enum { WORKERS = 2, PROCESS_LIMIT = 16, SECONDS_TO_RUN = 50 };

#define TRACED                                                                                              \
    "trace=read,write,pread64,pwrite64,readv,writev,preadv,pwritev,sendto,recvfrom,sendmsg,recvmsg,splice," \
    "sendfile,copy_file_range"

/* How often each process of a run read or wrote, in the order in which strace first saw them. */
struct trace {
    size_t processes;
    long pids[PROCESS_LIMIT];
    size_t calls[PROCESS_LIMIT];
};

static pid_t start_traced(const char *evaluator, const char *simulations, const char *trace_path) {
    const pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int nowhere = open("/dev/null", O_RDWR);
        (void)dup2(nowhere, STDOUT_FILENO);
        (void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* its leak check cannot run under strace */
        (void)execlp("strace", "strace", "-f", "--quiet=attach,exit", "-e", "signal=none", "-e", TRACED, "-o",
                     trace_path, MXS_PROGRAM, "search", MXS_EXAMPLE_MARKET, "-k", "28", "-n", simulations, "--workers",
                     "2", "--evaluator", evaluator, "--progress", "never", (char *)NULL);
        _exit(127);
    }
    assert_true(pid > 0);
    return pid;
}

/* Lines are "PID CALL(...". A call that is interrupted by another process's is two lines: the second is no call. */
static struct trace read_trace(const char *path) {
    struct trace trace = {.processes = 0};
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    char line[4096];
    while (fgets(line, sizeof line, file) != NULL) {
        char *call = line;
        const long pid = strtol(line, &call, 10);
        call += strspn(call, " ");
        if (pid <= 0 || *call == '<') {
            continue;
        }
        size_t i = 0;
        while (i < trace.processes && trace.pids[i] != pid) {
            ++i;
        }
        assert_true(i < PROCESS_LIMIT);
        if (i == trace.processes) {
            trace.pids[trace.processes++] = pid;
        }
        ++trace.calls[i];
    }
    (void)fclose(file);
    return trace;
}

static int has_strace(void) {
    const pid_t pid = fork();
    if (pid == 0) {
        const int nowhere = open("/dev/null", O_RDWR);
        (void)dup2(nowhere, STDOUT_FILENO);
        (void)dup2(nowhere, STDERR_FILENO);
        (void)execlp("strace", "strace", "-f", "-o", "/dev/null", "true", (char *)NULL);
        _exit(127);
    }
    int wait_status = 1;
    return pid > 0 && wait_for_end(pid, PATIENCE_SECONDS, &wait_status) && wait_status == 0;
}

static struct trace trace_search(const char *evaluator, const char *simulations) {
    char path[64];
    const int file = memfd_create("trace", 0);
    assert_true(file >= 0);
    (void)snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), file);
    int wait_status = 0;
    const pid_t pid = start_traced(evaluator, simulations, path);
    const int has_ended = wait_for_end(pid, SECONDS_TO_RUN / 2.0, &wait_status);
    assert_true(has_ended);
    assert_int_equal(wait_status, 0);
    const struct trace trace = read_trace(path);
    (void)close(file);
    return trace;
}

static int was_skipped;

static void skip_without_strace(void) {
    if (!has_strace()) {
        print_message("skipped: strace is not installed, or may not trace here\n");
        was_skipped = 1;
        skip();
    }
}

/* Starting costs a worker some reads (OpenBLAS's file), the same number however much work follows. */
static void sixty_four_times_the_work_needs_no_more_reads_and_writes(void **state) {
    (void)state;
    skip_without_strace();
    const struct trace small = trace_search("openblas", "256");
    const struct trace large = trace_search("openblas", "16384");
    assert_int_equal(small.processes, 1 + WORKERS);
    assert_int_equal(large.processes, 1 + WORKERS);
    assert_true(small.calls[0] > 0); /* the program reads the market and prints */
    for (size_t worker = 1; worker <= WORKERS; ++worker) {
        assert_true(small.calls[worker] > 0);
        assert_int_equal(small.calls[worker], small.calls[1]);
        assert_int_equal(large.calls[worker], small.calls[1]);
    }
    print_message("%zu reads and writes a worker, all of them at its start\n", small.calls[1]);
}

/* It opens no library: the workers do not appear in the trace at all. */
static void the_fused_evaluator_needs_no_reads_and_writes_whatever_the_work(void **state) {
    (void)state;
    skip_without_strace();
    const struct trace small = trace_search("fused", "256");
    const struct trace large = trace_search("fused", "16384");
    assert_int_equal(small.processes, 1);
    assert_int_equal(large.processes, 1);
    assert_int_equal(large.calls[0], small.calls[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sixty_four_times_the_work_needs_no_more_reads_and_writes, watch_begin,
                                        watch_end),
        cmocka_unit_test_setup_teardown(the_fused_evaluator_needs_no_reads_and_writes_whatever_the_work, watch_begin,
                                        watch_end),
    };
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    return failures == 0 && was_skipped ? 77 : failures;
}
