/* The measured peaks of the CPU: numbers that can be, and nothing left behind, whatever happens to the processes. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "maxsharpe/benchmark.h"
#include "process/shared_memory.h"
#include "support/process_watch.h"
#include "support/search_trial.h"
#include "support/second_program.h"
#include "support/thread_crowd.h"

static void assert_measured(const mxs_peak *peak) {
    assert_true(isfinite(peak->sgemm_flops) && peak->sgemm_flops > 0.0);
    assert_true(isfinite(peak->memory_bandwidth) && peak->memory_bandwidth > 0.0);
}

static mxs_peak require_peak(unsigned processes, double seconds) {
    mxs_peak peak = {.sgemm_flops = NAN, .memory_bandwidth = NAN};
    mxs_error error = {.message = ""};
    if (mxs_peak_measure_cpu(processes, seconds, &peak, sizeof peak, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    assert_measured(&peak);
    return peak;
}

static void the_peaks_are_positive_numbers_and_no_process_is_left(void **state) {
    (void)state;
    (void)require_peak(1, 0.2);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* The second program, told to load an OpenBLAS that takes its time: measures by so many processes, and leaves the peak
 * in the shared memory. */
static int measure_into(int descriptor, unsigned processes) {
    struct mxsi_shared_memory memory;
    if (mxsi_shared_memory_map(descriptor, 1, &memory) != 0) {
        return 2;
    }
    mxs_peak *peak = memory.bytes;
    return mxs_peak_measure_cpu(processes, 1.0, peak, sizeof *peak, NULL) == MXS_OK ? 0 : 1;
}

static mxs_peak peak_of_steady_processor(const char *word) {
    struct mxsi_shared_memory memory;
    assert_int_equal(mxsi_shared_memory_create(sizeof(mxs_peak), &memory), 0);
    assert_int_equal(setenv("LD_LIBRARY_PATH", MXS_STEADY_OPENBLAS, 1), 0);
    const int status = run_second_program(word, memory.descriptor);
    (void)unsetenv("LD_LIBRARY_PATH");
    assert_int_equal(status, 0);
    const mxs_peak peak = *(const mxs_peak *)memory.bytes;
    mxsi_shared_memory_close(&memory);
    return peak;
}

/* The products of this OpenBLAS take a tenth of a second, asleep, as long as a processor of that rate would compute:
 * never less, so that no higher rate can be measured, and hardly more on a machine that is busy with other work. */
static void a_processor_of_a_known_rate_is_measured_at_that_rate(void **state) {
    (void)state;
    const mxs_peak one = peak_of_steady_processor("one");
    const mxs_peak three = peak_of_steady_processor("three");
    print_message("%g and %g operations a second\n", one.sgemm_flops, three.sgemm_flops);
    assert_true(one.sgemm_flops <= MXS_STEADY_RATE && one.sgemm_flops > MXS_STEADY_RATE / 4);
    assert_true(three.sgemm_flops <= 3 * MXS_STEADY_RATE && three.sgemm_flops > 3 * MXS_STEADY_RATE / 4);
}

/* The median of some repetitions of an act, as times a second. */
static double rate_of(void (*act)(void)) {
    enum { REPETITIONS = 9 };
    double rates[REPETITIONS];
    for (size_t i = 0; i < REPETITIONS; ++i) {
        const double begin = seconds_now();
        act();
        const double rate = 1.0 / (seconds_now() - begin);
        size_t place = i;
        for (; place > 0 && rates[place - 1] > rate; --place) {
            rates[place] = rates[place - 1];
        }
        rates[place] = rate;
    }
    return rates[REPETITIONS / 2];
}

enum { SIDE = 128, COPIED = 64 << 20 };

static float left[SIDE][SIDE];
static float right[SIDE][SIDE];
static volatile float product[SIDE][SIDE];
static char *copied_from;
static char *copied_to;

static void multiply_by_three_loops(void) {
    for (size_t i = 0; i < SIDE; ++i) {
        for (size_t j = 0; j < SIDE; ++j) {
            float sum = 0.0f;
            for (size_t l = 0; l < SIDE; ++l) {
                sum += left[i][l] * right[l][j];
            }
            product[i][j] = sum;
        }
    }
}

static void copy_array(void) {
    memcpy(copied_to, copied_from, COPIED);
    copied_from[0] = (char)(copied_to[COPIED - 1] + 1); /* so that every copy counts */
}

/* OpenBLAS is the faster by more than any other work on this machine could make up for, and a copy is a copy. */
static void this_processor_is_measured_as_plain_c_finds_it(void **state) {
    (void)state;
    copied_from = calloc(COPIED, 1);
    copied_to = malloc(COPIED);
    assert_non_null(copied_from);
    assert_non_null(copied_to);
    memset(copied_to, 1, COPIED);
    for (size_t i = 0; i < SIDE * SIDE; ++i) {
        left[i / SIDE][i % SIDE] = (float)(i % 7) * 0.25f;
        right[i / SIDE][i % SIDE] = (float)(i % 5) * 0.5f;
    }
    const double plain_flops = 2.0 * SIDE * SIDE * SIDE * rate_of(multiply_by_three_loops);
    const double plain_bandwidth = 2.0 * COPIED * rate_of(copy_array);
    const mxs_peak peak = require_peak(1, 0.4);
    print_message("products %g and %g, copies %g and %g a second\n", peak.sgemm_flops, plain_flops,
                  peak.memory_bandwidth, plain_bandwidth);
    assert_true(peak.sgemm_flops > plain_flops);
    assert_true(peak.memory_bandwidth > plain_bandwidth / 20.0 && peak.memory_bandwidth < plain_bandwidth * 20.0);
    free(copied_from);
    free(copied_to);
}

static void any_number_of_processes_measures_together(void **state) {
    (void)state;
    (void)require_peak(2, 0.2);
    (void)require_peak(5, 1e-6); /* so short that each does everything once */
    (void)require_peak(0, 0.1);
    assert_int_equal(count_children(), 0);
}

static void a_caller_with_a_shorter_struct_gets_what_it_knows(void **state) {
    (void)state;
    mxs_peak peak = {.sgemm_flops = -1.0, .memory_bandwidth = -2.0};
    assert_int_equal(mxs_peak_measure_cpu(1, 0.1, &peak, sizeof peak.sgemm_flops, NULL), MXS_OK);
    assert_true(peak.sgemm_flops > 0.0);
    assert_true(peak.memory_bandwidth == -2.0);
}

static void a_time_that_is_none_is_refused(void **state) {
    (void)state;
    static const double seconds[] = {0.0, -1.0, 1e6, (double)INFINITY, (double)NAN};
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; ++i) {
        mxs_peak peak;
        mxs_error error = {.message = ""};
        assert_int_equal(mxs_peak_measure_cpu(1, seconds[i], &peak, sizeof peak, &error), MXS_ERROR_ARGUMENT);
        assert_non_null(strstr(error.message, "seconds"));
    }
}

static void ignore_or_handle_children(const struct sigaction *action) {
    struct sigaction before;
    assert_int_equal(sigaction(SIGCHLD, action, &before), 0);
    (void)require_peak(2, 0.1);
    (void)sigaction(SIGCHLD, &before, NULL);
}

static void reap_everything(int number) {
    (void)number;
    const int saved_errno = errno;
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
    errno = saved_errno;
}

static void a_program_that_ignores_or_collects_every_child_gets_its_peaks(void **state) {
    (void)state;
    ignore_or_handle_children(&(struct sigaction){.sa_handler = SIG_IGN});
    ignore_or_handle_children(&(struct sigaction){.sa_handler = reap_everything});
}

/* Kills a process at some moment, and fails unless that is an error. */
static void assert_killed_is_an_error(uint64_t seed) {
    tormentor killer = {.seed = seed, .longest_pause_us = 400000, .budget = 1, .signal = SIGKILL};
    mxs_peak peak = {.sgemm_flops = -1.0};
    mxs_error error = {.message = ""};
    tormentor_begin(&killer);
    const mxs_status status = mxs_peak_measure_cpu(2, 30.0, &peak, sizeof peak, &error);
    tormentor_end(&killer);
    assert_int_equal(status, MXS_ERROR_RUN);
    assert_non_null(strstr(error.message, "died"));
    assert_true(peak.sgemm_flops == -1.0);
    assert_int_equal(count_children(), 0);
}

static void a_process_that_is_killed_is_an_error_and_the_others_end(void **state) {
    (void)state;
    struct sigaction before;
    for (uint64_t seed = 0; seed < 4; ++seed) {
        assert_killed_is_an_error(seed);
    }
    assert_int_equal(sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_IGN}, &before), 0);
    assert_killed_is_an_error(4);
    (void)sigaction(SIGCHLD, &before, NULL);
}

/* Where a program has threads, the processes are the launcher's, which may be killed as well as they. */
static void a_launcher_that_is_killed_is_an_error_and_the_processes_end(void **state) {
    (void)state;
    adopt_orphans();
    tormentor killer = {.seed = 5, .longest_pause_us = 400000, .budget = 1, .signal = SIGKILL};
    mxs_peak peak = {.sgemm_flops = -1.0};
    mxs_error error = {.message = ""};
    tormentor_begin(&killer);
    crowd_begin();
    const mxs_status status = mxs_peak_measure_cpu(2, 30.0, &peak, sizeof peak, &error);
    crowd_end();
    tormentor_end(&killer);
    assert_int_equal(status, MXS_ERROR_RUN);
    assert_string_equal(error.message, "the CPU cannot be measured: the process that was asked died");
    assert_true(peak.sgemm_flops == -1.0);
    assert_int_equal(wait_for_orphans(PATIENCE_SECONDS), 0);
}

static void the_processes_end_with_the_program(void **state) {
    (void)state;
    adopt_orphans();
    const pid_t program = fork();
    if (program == 0) {
        mxs_peak peak;
        _exit(mxs_peak_measure_cpu(2, 30.0, &peak, sizeof peak, NULL) == MXS_OK ? 0 : 1);
    }
    children_list children;
    assert_true(wait_for_children(program, 2, &children));
    assert_int_equal(kill(program, SIGKILL), 0);
    assert_int_equal(waitpid(program, NULL, 0), program);
    assert_int_equal(wait_for_orphans(PATIENCE_SECONDS), 0);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, watch_begin, watch_end)

int main(int argc, char **argv) {
    if (argc == 3) {
        return measure_into((int)strtol(argv[2], NULL, 10), strcmp(argv[1], "one") == 0 ? 1 : 3);
    }
    const struct CMUnitTest tests[] = {
        WATCHED(the_peaks_are_positive_numbers_and_no_process_is_left),
        WATCHED(a_processor_of_a_known_rate_is_measured_at_that_rate),
        WATCHED(this_processor_is_measured_as_plain_c_finds_it),
        WATCHED(any_number_of_processes_measures_together),
        WATCHED(a_caller_with_a_shorter_struct_gets_what_it_knows),
        WATCHED(a_time_that_is_none_is_refused),
        WATCHED(a_program_that_ignores_or_collects_every_child_gets_its_peaks),
        WATCHED(a_process_that_is_killed_is_an_error_and_the_others_end),
        WATCHED(a_launcher_that_is_killed_is_an_error_and_the_processes_end),
        WATCHED(the_processes_end_with_the_program),
    };
    return cmocka_run_group_tests_name("cpu_peak", tests, NULL, NULL);
}
