/* The library as a guest in programs with children, threads, signals and searches of their own. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "support/made_market.h"
#include "support/process_watch.h"
#include "support/search_trial.h"

enum { WORKERS = 2 };

/* One search with what it finds undisturbed. */
struct known_search {
    mxs_market *market;
    trial made;
    mxs_result *expected;
};

static struct known_search make_known(uint64_t seed, uint64_t simulations) {
    asked options = trial_options(6, simulations, WORKERS);
    options.run.evaluator = MXS_EVALUATOR_OPENBLAS; /* its workers open a library, as a program's other threads may */
    options.problem.top = 3;
    options.sampling.seed = seed;
    struct known_search known = {.market = make_market(60, 14, seed)};
    known.made = require_search(known.market, &options);
    known.expected = require_result(&known.made);
    return known;
}

static void destroy_known(struct known_search *known) {
    mxs_result_destroy(known->expected);
    trial_release(&known->made);
    mxs_market_destroy(known->market);
}

static void run_and_compare(const struct known_search *known) {
    mxs_result *result = require_result(&known->made);
    assert_same_answer(&known->made, result, known->expected);
    assert_int_equal(mxs_result_describe(result)->workers_lost, 0);
    mxs_result_destroy(result);
}

static void a_program_that_ignores_sigchld_gets_its_result(void **state) {
    (void)state;
    struct known_search known = make_known(11, 1000);
    const struct sigaction action = {.sa_handler = SIG_IGN};
    struct sigaction before;
    assert_int_equal(sigaction(SIGCHLD, &action, &before), 0);
    run_and_compare(&known);
    (void)sigaction(SIGCHLD, &before, NULL);
    destroy_known(&known);
}

static void dead_workers_are_noticed_where_sigchld_is_ignored(void **state) {
    (void)state;
    struct known_search known = make_known(11, 4000);
    const struct sigaction action = {.sa_handler = SIG_IGN};
    struct sigaction before;
    assert_int_equal(sigaction(SIGCHLD, &action, &before), 0);
    size_t lost = 0;
    for (unsigned run = 0; run < 5; ++run) {
        tormentor killer = {.seed = 40 + run, .longest_pause_us = 30000, .budget = 6, .signal = SIGKILL};
        tormentor_begin(&killer);
        mxs_result *result = require_result(&known.made);
        (void)tormentor_end(&killer);
        assert_same_answer(&known.made, result, known.expected);
        lost += mxs_result_describe(result)->workers_lost;
        mxs_result_destroy(result);
    }
    assert_true(lost >= 1);
    (void)sigaction(SIGCHLD, &before, NULL);
    destroy_known(&known);
}

static void reap_everything(int number) {
    (void)number;
    const int saved_errno = errno;
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
    errno = saved_errno;
}

static void a_program_whose_handler_reaps_every_child_gets_its_result(void **state) {
    (void)state;
    struct known_search known = make_known(12, 1000);
    const struct sigaction action = {.sa_handler = reap_everything};
    struct sigaction before;
    assert_int_equal(sigaction(SIGCHLD, &action, &before), 0);
    run_and_compare(&known);
    (void)sigaction(SIGCHLD, &before, NULL);
    destroy_known(&known);
}

static void children_of_the_program_are_left_to_it(void **state) {
    (void)state;
    struct known_search known = make_known(13, 4000);
    const pid_t short_lived = fork();
    if (short_lived == 0) {
        _exit(42);
    }
    const pid_t long_lived = fork();
    if (long_lived == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            (void)pause();
        }
    }
    assert_true(short_lived > 0 && long_lived > 0);
    run_and_compare(&known);
    int wait_status = 0;
    assert_int_equal(waitpid(short_lived, &wait_status, 0), short_lived);
    assert_int_equal(WEXITSTATUS(wait_status), 42);
    assert_int_equal(waitpid(long_lived, &wait_status, WNOHANG), 0);
    assert_int_equal(kill(long_lived, SIGKILL), 0);
    assert_int_equal(waitpid(long_lived, &wait_status, 0), long_lived);
    destroy_known(&known);
}

struct thread_run {
    const struct known_search *known;
    unsigned times;
    mxs_status status;
    mxs_result *result; /* of the last time */
    pthread_t thread;
};

/* No assertion may fail outside the main thread: results are compared there. */
static void *run_in_thread(void *user) {
    struct thread_run *self = user;
    for (unsigned i = 0; i < self->times && self->status == MXS_OK; ++i) {
        mxs_result_destroy(self->result);
        self->status = trial_run(&self->known->made, &self->result, NULL);
    }
    return NULL;
}

static void begin_thread_run(struct thread_run *run, const struct known_search *known, unsigned times) {
    *run = (struct thread_run){.known = known, .times = times};
    assert_int_equal(pthread_create(&run->thread, NULL, run_in_thread, run), 0);
}

static void end_thread_run(struct thread_run *run) {
    assert_int_equal(pthread_join(run->thread, NULL), 0);
    assert_int_equal(run->status, MXS_OK);
    assert_same_answer(&run->known->made, run->result, run->known->expected);
    mxs_result_destroy(run->result);
}

static void searches_at_once_in_threads_do_not_disturb_each_other(void **state) {
    (void)state;
    enum { THREADS = 3 };
    struct known_search known[THREADS];
    struct thread_run runs[THREADS];
    for (unsigned i = 0; i < THREADS; ++i) {
        known[i] = make_known(20 + i, 500 + 300 * i);
    }
    for (unsigned i = 0; i < THREADS; ++i) {
        begin_thread_run(&runs[i], &known[i], 4);
    }
    for (unsigned i = 0; i < THREADS; ++i) {
        end_thread_run(&runs[i]);
        destroy_known(&known[i]);
    }
}

static void a_search_may_be_destroyed_while_another_runs(void **state) {
    (void)state;
    struct known_search stays = make_known(30, 8000);
    struct thread_run run;
    begin_thread_run(&run, &stays, 1);
    for (unsigned i = 0; i < 5; ++i) {
        struct known_search goes = make_known(31 + i, 200);
        run_and_compare(&goes);
        destroy_known(&goes);
    }
    end_thread_run(&run);
    destroy_known(&stays);
}

/* Two searches at once, and how far each is. */
struct meeting {
    atomic_int is_at_work[2]; /* it has simulated something, and is not done */
    atomic_int stays_is_done;
    atomic_int is_cancelled; /* the second one, when both were at work */
};

static int stay(const mxs_progress *progress, void *user) {
    struct meeting *meeting = user;
    const int is_done = progress->simulations_done == progress->simulations_total;
    atomic_store(&meeting->is_at_work[0], progress->simulations_done > 0 && !is_done);
    atomic_store(&meeting->stays_is_done, is_done);
    return 0;
}

static int leave_when_both_are_at_work(const mxs_progress *progress, void *user) {
    struct meeting *meeting = user;
    atomic_store(&meeting->is_at_work[1], progress->simulations_done > 0);
    if (atomic_load(&meeting->is_at_work[0]) && atomic_load(&meeting->is_at_work[1])) {
        atomic_store(&meeting->is_cancelled, 1);
    }
    return atomic_load(&meeting->is_cancelled) || atomic_load(&meeting->stays_is_done); /* it is endless */
}

/* Of two searches at work side by side one is cancelled; the other must not notice. */
static void a_cancel_of_one_search_leaves_the_other_alone(void **state) {
    (void)state;
    struct meeting meeting = {.is_cancelled = 0};
    struct known_search stays = make_known(33, 150000); /* some looks at its progress long */
    stays.made.run.progress = stay;
    stays.made.run.progress_user = &meeting;
    asked options = endless_options(WORKERS);
    options.run.progress = leave_when_both_are_at_work;
    options.run.progress_user = &meeting;
    trial cancelled = require_search(stays.market, &options);
    struct thread_run run;
    begin_thread_run(&run, &stays, 1);
    require_interrupted(&cancelled);
    assert_true(atomic_load(&meeting.is_cancelled));
    end_thread_run(&run); /* its answer is the known one */
    trial_release(&cancelled);
    destroy_known(&stays);
}

static atomic_int noise_stops;

/* Holds the locks of the C library most of the time: a forked child must not need one that it finds locked. */
static void *make_noise(void *user) {
    (void)user;
    char value[32] = "0";
    while (!atomic_load(&noise_stops)) {
        void *volatile memory = malloc(4096);
        free(memory);
        value[0] = (char)('0' + (value[0] - '0' + 1) % 10);
        (void)setenv("MAXSHARPE_TEST_NOISE", value, 1);
    }
    return NULL;
}

static void workers_start_while_other_threads_hold_locks(void **state) {
    (void)state;
    struct known_search known = make_known(34, 50);
    pthread_t thread;
    atomic_store(&noise_stops, 0);
    assert_int_equal(pthread_create(&thread, NULL, make_noise, NULL), 0);
    for (unsigned i = 0; i < 25; ++i) {
        run_and_compare(&known);
    }
    atomic_store(&noise_stops, 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)unsetenv("MAXSHARPE_TEST_NOISE");
    destroy_known(&known);
}

static void assert_openblas_is_described(void) {
    mxs_devices *devices = NULL;
    assert_int_equal(mxs_devices_survey(&devices, NULL), MXS_OK);
    assert_true(strlen(mxs_devices_describe(devices)->openblas_core) > 0);
    mxs_devices_destroy(devices);
}

static void on_tick(int number) {
    (void)number;
}

/* A profiler's timer: system calls are interrupted hundreds of times a second, also those without SA_RESTART. */
static void a_storm_of_signals_changes_nothing(void **state) {
    (void)state;
    struct known_search known = make_known(35, 3000);
    struct sigaction action = {.sa_handler = on_tick};
    struct sigaction before;
    assert_int_equal(sigaction(SIGVTALRM, &action, &before), 0);
    const pid_t parent = getpid();
    const pid_t sender = fork();
    if (sender == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (kill(parent, SIGVTALRM) == 0) {
            sleep_microseconds(300);
        }
        _exit(0);
    }
    assert_true(sender > 0);
    run_and_compare(&known);
    for (unsigned i = 0; i < 5; ++i) {
        assert_openblas_is_described();
    }
    (void)kill(sender, SIGKILL);
    while (waitpid(sender, NULL, 0) < 0 && errno == EINTR) {
    }
    assert_int_equal(sigaction(SIGVTALRM, &before, NULL), 0);
    destroy_known(&known);
}

static int pipe_of_handler;

static void write_to_pipe(int number) {
    (void)number;
    (void)!write(pipe_of_handler, "x", 1);
}

static void send_to_children(const children_list *children) {
    static const int numbers[] = {SIGUSR2, SIGCHLD, SIGWINCH};
    for (size_t i = 0; i < children->count; ++i) {
        for (size_t j = 0; j < sizeof numbers / sizeof numbers[0]; ++j) {
            (void)kill(children->pids[i], numbers[j]);
        }
    }
}

static int torment_children(const mxs_progress *progress, void *user) {
    (void)progress;
    unsigned *count = user;
    const children_list children = running_children(getpid());
    send_to_children(&children);
    *count += (unsigned)children.count;
    return 0;
}

/* An event loop's handlers write to a pipe: from a worker that byte would be a signal that never was. */
static void handlers_of_the_program_do_not_run_in_workers(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pipe_of_handler = ends[1];
    const struct sigaction action = {.sa_handler = write_to_pipe};
    struct sigaction before;
    assert_int_equal(sigaction(SIGUSR2, &action, &before), 0);
    mxs_market *market = make_market(60, 14, 37);
    unsigned count = 0;
    asked options = trial_options(6, 20000, WORKERS);
    options.run.evaluator = MXS_EVALUATOR_OPENBLAS;
    options.run.progress = torment_children;
    options.run.progress_user = &count;
    trial made = require_search(market, &options);
    mxs_result *result = require_result(&made);
    assert_int_equal(mxs_result_describe(result)->workers_lost, 0);
    assert_true(count > 0);
    (void)close(ends[1]);
    char byte = 0;
    assert_int_equal(read(ends[0], &byte, 1), 0);
    (void)close(ends[0]);
    assert_int_equal(sigaction(SIGUSR2, &before, NULL), 0);
    mxs_result_destroy(result);
    trial_release(&made);
    mxs_market_destroy(market);
}

static void devices_are_described_where_sigchld_is_ignored(void **state) {
    (void)state;
    const struct sigaction action = {.sa_handler = SIG_IGN};
    struct sigaction before;
    assert_int_equal(sigaction(SIGCHLD, &action, &before), 0);
    assert_openblas_is_described();
    (void)sigaction(SIGCHLD, &before, NULL);
}

static void a_hundred_runs_leave_nothing_behind(void **state) {
    (void)state;
    struct known_search known = make_known(36, 20);
    for (unsigned i = 0; i < 100; ++i) {
        run_and_compare(&known);
    }
    destroy_known(&known);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_program_that_ignores_sigchld_gets_its_result, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(dead_workers_are_noticed_where_sigchld_is_ignored, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_program_whose_handler_reaps_every_child_gets_its_result, watch_begin,
                                        watch_end),
        cmocka_unit_test_setup_teardown(children_of_the_program_are_left_to_it, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(searches_at_once_in_threads_do_not_disturb_each_other, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_search_may_be_destroyed_while_another_runs, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_cancel_of_one_search_leaves_the_other_alone, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(workers_start_while_other_threads_hold_locks, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_storm_of_signals_changes_nothing, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(handlers_of_the_program_do_not_run_in_workers, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(devices_are_described_where_sigchld_is_ignored, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_hundred_runs_leave_nothing_behind, watch_begin, watch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
