/* Searches that are told to stop: from a thread, a signal handler, a callback, a terminal. */
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "support/made_market.h"
#include "support/process_watch.h"
#include "support/search_trial.h"

enum { WORKERS = 2 };

/* Something that happens in another thread a moment after a run has begun, and when it did. */
typedef struct later {
    void (*act)(void *what);
    void *what;
    unsigned after_us;
    double acted_at;
    pthread_t thread;
} later;

static void *act_later(void *user) {
    later *self = user;
    sleep_microseconds(self->after_us);
    self->acted_at = seconds_now();
    self->act(self->what);
    return NULL;
}

/* Runs the endless search while something happens that has to end it at once. */
static void require_stop(mxs_search *search, later *event) {
    assert_int_equal(pthread_create(&event->thread, NULL, act_later, event), 0);
    require_interrupted(search);
    const double ended_at = seconds_now();
    assert_int_equal(pthread_join(event->thread, NULL), 0);
    assert_true(ended_at - event->acted_at < PATIENCE_SECONDS);
    assert_int_equal(count_children(), 0);
}

static void cancel(void *search) {
    mxs_search_cancel(search);
}

static void a_cancel_from_another_thread_ends_the_run(void **state) {
    (void)state;
    mxs_market *market = make_market(60, 10, 3);
    const asked options = endless_options(WORKERS);
    mxs_search *search = require_search(market, &options);
    const unsigned pauses[] = {0, 300, 3000, 10000, 30000, 200000};
    for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; ++i) {
        later event = {.act = cancel, .what = search, .after_us = pauses[i]};
        require_stop(search, &event);
    }
    mxs_search_destroy(search);
    mxs_market_destroy(market);
}

/* One portfolio of many assets: a block is long, and the stop is only seen between blocks. */
static void a_cancel_ends_the_run_of_a_large_portfolio(void **state) {
    (void)state;
    mxs_market *market = make_market_of_moments(1200, 3);
    const asked options = trial_options(0, UINT64_C(1000000000), WORKERS);
    mxs_search *search = require_search(market, &options);
    later event = {.act = cancel, .what = search, .after_us = 300000};
    require_stop(search, &event);
    mxs_search_destroy(search);
    mxs_market_destroy(market);
}

static void stop_children(void *search) {
    const children_list children = running_children(getpid());
    for (size_t i = 0; i < children.count; ++i) {
        (void)kill(children.pids[i], SIGSTOP);
    }
    mxs_search_cancel(search);
}

static void a_cancel_does_not_wait_for_a_worker_that_is_stopped(void **state) {
    (void)state;
    mxs_market *market = make_market(60, 10, 3);
    const asked options = endless_options(WORKERS);
    mxs_search *search = require_search(market, &options);
    later event = {.act = stop_children, .what = search, .after_us = 200000};
    require_stop(search, &event);
    mxs_search_destroy(search);
    mxs_market_destroy(market);
}

static mxs_search *_Atomic search_of_handler;

static void on_user_signal(int number) {
    (void)number;
    mxs_search_cancel(search_of_handler);
}

static void send_user_signal(void *what) {
    (void)what;
    (void)kill(getpid(), SIGUSR1);
}

static void a_cancel_from_a_signal_handler_ends_the_run(void **state) {
    (void)state;
    mxs_market *market = make_market(60, 10, 3);
    const asked options = endless_options(WORKERS);
    mxs_search *search = require_search(market, &options);
    search_of_handler = search;
    const struct sigaction action = {.sa_handler = on_user_signal};
    struct sigaction before;
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    later event = {.act = send_user_signal, .after_us = 100000};
    require_stop(search, &event);
    (void)sigaction(SIGUSR1, &before, NULL);
    mxs_search_destroy(search);
    mxs_market_destroy(market);
}

struct seen_progress {
    unsigned calls;
    int began_with_nothing;
    double best;
};

static int look_at_progress(const mxs_progress *progress, void *user) {
    struct seen_progress *seen = user;
    if (seen->calls++ == 0) {
        seen->began_with_nothing = progress->simulations_done == 0 && progress->best_sharpe == -HUGE_VAL;
    }
    seen->best = progress->best_sharpe;
    return 0;
}

/* Also where every Sharpe ratio is negative: a best of 0 would be made up. */
static void progress_begins_with_nothing_and_ends_with_the_best(void **state) {
    (void)state;
    mxs_market *market = make_market(60, 10, 3);
    for (int negative = 0; negative <= 1; ++negative) {
        struct seen_progress seen = {.best = 0.0};
        asked options = trial_options(4, 2000, WORKERS);
        options.problem.risk_free = negative ? 9.0 : 0.0;
        options.run.progress = look_at_progress;
        options.run.progress_user = &seen;
        mxs_search *search = require_search(market, &options);
        mxs_result *result = require_result(search);
        assert_true(seen.calls >= 2);
        assert_true(seen.began_with_nothing);
        assert_memory_equal(&seen.best, &mxs_result_describe(result)->top[0].sharpe, sizeof seen.best);
        assert_int_equal(seen.best < 0.0, negative);
        mxs_result_destroy(result);
        mxs_search_destroy(search);
    }
    mxs_market_destroy(market);
}

static int count_and_say(const mxs_progress *progress, void *user) {
    int *left = user;
    assert_true(progress->simulations_done <= progress->simulations_total);
    return --*left <= 0;
}

static void a_progress_function_that_returns_1_ends_the_run(void **state) {
    (void)state;
    mxs_market *market = make_market(60, 10, 3);
    for (int calls = 1; calls <= 4; calls += 3) {
        int left = calls;
        asked options = endless_options(WORKERS);
        options.run.progress = count_and_say;
        options.run.progress_user = &left;
        mxs_search *search = require_search(market, &options);
        const double begin = seconds_now();
        require_interrupted(search);
        assert_true(seconds_now() - begin < PATIENCE_SECONDS);
        assert_true(left <= 0);
        mxs_search_destroy(search);
    }
    mxs_market_destroy(market);
}

static void a_cancel_before_the_run_is_not_lost_and_holds_for_one_run(void **state) {
    (void)state;
    mxs_market *market = make_market(60, 10, 3);
    const asked options = endless_options(WORKERS);
    mxs_search *search = require_search(market, &options);
    mxs_search_cancel(search);
    require_interrupted(search);
    mxs_search_destroy(search);
    mxs_market_destroy(market);
}

static int cancel_once(const mxs_progress *progress, void *user) {
    int *times = user;
    if (progress->simulations_done == 0 || *times == 0) {
        return 0;
    }
    --*times;
    return 1;
}

static void the_run_after_a_cancelled_one_is_complete_and_the_same(void **state) {
    (void)state;
    mxs_market *market = make_market(60, 14, 3);
    int times = 0;
    asked options = trial_options(6, 20000, WORKERS);
    options.problem.top = 5;
    options.run.progress = cancel_once;
    options.run.progress_user = &times;
    mxs_search *search = require_search(market, &options);
    mxs_result *expected = require_result(search);
    for (unsigned trial = 0; trial < 3; ++trial) {
        times = 1;
        require_interrupted(search);
        assert_int_equal(times, 0);
        mxs_result *result = require_result(search);
        assert_same_answer(search, result, expected);
        mxs_result_destroy(result);
    }
    mxs_result_destroy(expected);
    mxs_search_destroy(search);
    mxs_market_destroy(market);
}

/* Starts the program in a process group of its own, as a shell does. */
static pid_t start_program(int out, int err) {
    const pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)setpgid(0, 0);
        (void)signal(SIGINT, SIG_DFL); /* ignored in what a shell runs in the background */
        (void)dup2(out, STDOUT_FILENO);
        (void)dup2(err, STDERR_FILENO);
        (void)execl(MXS_PROGRAM, MXS_PROGRAM, "search", MXS_EXAMPLE_MARKET, "-k", "20", "-n", "1e9", "--workers", "2",
                    "--progress", "always", "--format", "json", (char *)NULL);
        _exit(99);
    }
    assert_true(pid > 0);
    (void)setpgid(pid, pid);
    return pid;
}

static void read_all(int descriptor, char *text, size_t size) {
    const ssize_t length = pread(descriptor, text, size - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
}

static int wait_for_text(int descriptor, const char *wanted) {
    static char text[65536];
    const double end = seconds_now() + PATIENCE_SECONDS;
    do {
        read_all(descriptor, text, sizeof text);
        if (strstr(text, wanted) != NULL) {
            return 1;
        }
        sleep_microseconds(2000);
    } while (seconds_now() < end);
    return 0;
}

/* A terminal sends Ctrl-C to the whole group: the workers leave it to the program, which says the best so far. */
static void a_signal_to_the_whole_group_reports_the_best_so_far(void **state) {
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; ++i) {
        const int out = memfd_create("stdout", MFD_CLOEXEC);
        const int err = memfd_create("stderr", MFD_CLOEXEC);
        assert_true(out >= 0 && err >= 0);
        const pid_t pid = start_program(out, err);
        const int has_begun = wait_for_text(err, "best");
        (void)kill(-pid, signals[i]);
        int wait_status = 0;
        const int has_ended = wait_for_end(pid, PATIENCE_SECONDS, &wait_status);
        assert_true(has_begun);
        assert_true(has_ended);
        assert_true(WIFEXITED(wait_status));
        assert_int_equal(WEXITSTATUS(wait_status), 130);
        static char text[65536];
        read_all(out, text, sizeof text);
        if (strstr(text, "\"complete\": false") == NULL) {
            static char errors[65536];
            read_all(err, errors, sizeof errors);
            fail_msg("signal %d: the report is '%s', the errors are '%s'", signals[i], text, errors);
        }
        assert_non_null(strstr(text, "\"workers_lost\": 0"));
        assert_non_null(strstr(text, "\"sharpe\": "));
        read_all(err, text, sizeof text);
        assert_non_null(strstr(text, "interrupted after "));
        (void)close(out);
        (void)close(err);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cancel_from_another_thread_ends_the_run, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_cancel_ends_the_run_of_a_large_portfolio, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_cancel_does_not_wait_for_a_worker_that_is_stopped, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_cancel_from_a_signal_handler_ends_the_run, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(progress_begins_with_nothing_and_ends_with_the_best, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_progress_function_that_returns_1_ends_the_run, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_cancel_before_the_run_is_not_lost_and_holds_for_one_run, watch_begin,
                                        watch_end),
        cmocka_unit_test_setup_teardown(the_run_after_a_cancelled_one_is_complete_and_the_same, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_signal_to_the_whole_group_reports_the_best_so_far, watch_begin, watch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
