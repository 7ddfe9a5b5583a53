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
#include "support/thread_crowd.h"

enum { WORKERS = 2 };

/* Who cancels a run a moment after it has begun. A thread makes this program one with threads, whose workers its
 * launcher forks; without one it forks them itself. */
enum canceller {
    A_THREAD,
    A_HANDLER,              /* of a signal that another process sends */
    A_HANDLER_AMONG_THREADS /* of a signal that another thread sends */
};

static const enum canceller cancellers[] = {A_THREAD, A_HANDLER, A_HANDLER_AMONG_THREADS};
enum { CANCELLERS = sizeof cancellers / sizeof cancellers[0] };

/* Whom it stops, as a terminal's Ctrl-Z does, before it cancels. */
enum stopped { NOBODY, THE_WORKERS, THE_LAUNCHER };

struct cancellation {
    enum canceller canceller;
    enum stopped stopped;
    unsigned after_us;
    pid_t program;
};

static mxs_search *_Atomic search_to_cancel;
static _Atomic double cancelled_at;

static void cancel(void) {
    atomic_store(&cancelled_at, seconds_now());
    mxs_search_cancel(atomic_load(&search_to_cancel));
}

static void on_user_signal(int number) {
    (void)number;
    cancel();
}

static void stop(const struct cancellation *self) {
    children_list victims;
    const enum forker forker = self->canceller == A_HANDLER ? THE_PROGRAM : ITS_LAUNCHER;
    if (wait_for_workers(self->program, forker, WORKERS, &victims)) {
        if (self->stopped == THE_LAUNCHER) {
            victims = running_children(self->program);
        }
        for (size_t i = 0; i < victims.count; ++i) {
            (void)kill(victims.pids[i], SIGSTOP);
        }
    }
}

static void *cancel_later(void *user) {
    const struct cancellation *self = user;
    sleep_microseconds(self->after_us);
    if (self->stopped != NOBODY) {
        stop(self);
    }
    if (self->canceller == A_THREAD) {
        cancel();
    } else {
        (void)kill(self->program, SIGUSR1);
    }
    return NULL;
}

static pid_t start_process(struct cancellation *self) {
    const pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)cancel_later(self);
        _exit(0);
    }
    assert_true(pid > 0);
    return pid;
}

/* Runs the endless search, which has to end as soon as it is cancelled, and to leave nobody. */
static void require_stop(const trial *made, struct cancellation event) {
    const struct sigaction action = {.sa_handler = on_user_signal};
    struct sigaction before;
    pthread_t thread;
    pid_t process = 0;
    event.program = getpid();
    atomic_store(&search_to_cancel, made->search);
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    if (event.canceller == A_HANDLER) {
        process = start_process(&event);
    } else {
        assert_int_equal(pthread_create(&thread, NULL, cancel_later, &event), 0);
    }
    require_interrupted(made);
    const double ended_at = seconds_now();
    if (event.canceller == A_HANDLER) {
        assert_int_equal(waitpid(process, NULL, 0), process);
    } else {
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_true(wait_for_one_thread());
    }
    (void)sigaction(SIGUSR1, &before, NULL);
    if (event.stopped == THE_LAUNCHER) {
        assert_int_equal(wait_for_orphans(PATIENCE_SECONDS), 0); /* its workers end with it, and are ours now */
    }
    assert_true(ended_at - atomic_load(&cancelled_at) < PATIENCE_SECONDS);
    assert_int_equal(count_children(), 0);
}

static void a_cancel_at_any_moment_ends_the_run(void **state) {
    (void)state;
    mxs_market *market = make_market(60, 10, 3);
    const asked options = endless_options(WORKERS);
    trial made = require_search(market, &options);
    static const unsigned pauses[] = {0, 300, 3000, 10000, 30000, 200000};
    for (size_t i = 0; i < CANCELLERS; ++i) {
        for (size_t j = 0; j < sizeof pauses / sizeof pauses[0]; ++j) {
            require_stop(&made, (struct cancellation){.canceller = cancellers[i], .after_us = pauses[j]});
        }
    }
    trial_release(&made);
    mxs_market_destroy(market);
}

/* One portfolio of many assets: a block is long, and the stop is only seen between blocks. */
static void a_cancel_ends_the_run_of_a_large_portfolio(void **state) {
    (void)state;
    mxs_market *market = make_market_of_moments(1200, 3);
    const asked options = trial_options(0, UINT64_C(1000000000), WORKERS);
    trial made = require_search(market, &options);
    for (size_t i = 0; i < CANCELLERS; ++i) {
        require_stop(&made, (struct cancellation){.canceller = cancellers[i], .after_us = 300000});
    }
    trial_release(&made);
    mxs_market_destroy(market);
}

static void a_cancel_does_not_wait_for_who_is_stopped(void **state) {
    (void)state;
    static const struct cancellation events[] = {
        {.canceller = A_HANDLER, .stopped = THE_WORKERS},
        {.canceller = A_THREAD, .stopped = THE_WORKERS},
        {.canceller = A_THREAD, .stopped = THE_LAUNCHER},
    };
    adopt_orphans();
    mxs_market *market = make_market(60, 10, 3);
    const asked options = endless_options(WORKERS);
    trial made = require_search(market, &options);
    for (size_t i = 0; i < sizeof events / sizeof events[0]; ++i) {
        require_stop(&made, events[i]);
    }
    trial_release(&made);
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
        trial made = require_search(market, &options);
        mxs_result *result = require_result(&made);
        assert_true(seen.calls >= 2);
        assert_true(seen.began_with_nothing);
        assert_memory_equal(&seen.best, &mxs_result_portfolio(result, 0)->sharpe, sizeof seen.best);
        assert_int_equal(seen.best < 0.0, negative);
        mxs_result_destroy(result);
        trial_release(&made);
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
        trial made = require_search(market, &options);
        const double begin = seconds_now();
        require_interrupted(&made);
        assert_true(seconds_now() - begin < PATIENCE_SECONDS);
        assert_true(left <= 0);
        trial_release(&made);
    }
    mxs_market_destroy(market);
}

/* However short the run that is cancelled: it would be over before it is looked at. */
static void a_cancel_before_the_run_is_not_lost_and_holds_for_one_run(void **state) {
    (void)state;
    mxs_market *market = make_market(60, 10, 3);
    const asked options = trial_options(4, 1, WORKERS);
    trial undisturbed = require_search(market, &options);
    mxs_result *expected = require_result(&undisturbed);
    trial made = require_search(market, &options);
    for (int has_threads = 0; has_threads <= 1; ++has_threads) {
        if (has_threads) {
            crowd_begin();
        }
        mxs_search_cancel(made.search);
        mxs_search_cancel(made.search); /* twice is once */
        require_interrupted(&made);
        for (int again = 0; again < 2; ++again) {
            mxs_result *result = require_result(&made);
            assert_same_answer(&made, result, expected);
            mxs_result_destroy(result);
        }
        mxs_search_cancel(made.search); /* nor does it matter that runs have come to their end in between */
        require_interrupted(&made);
        if (has_threads) {
            crowd_end();
        }
    }
    mxs_result_destroy(expected);
    trial_release(&undisturbed);
    trial_release(&made);
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
    trial made = require_search(market, &options);
    mxs_result *expected = require_result(&made);
    for (unsigned i = 0; i < 3; ++i) {
        times = 1;
        require_interrupted(&made);
        assert_int_equal(times, 0);
        mxs_result *result = require_result(&made);
        assert_same_answer(&made, result, expected);
        mxs_result_destroy(result);
    }
    mxs_result_destroy(expected);
    trial_release(&made);
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
        cmocka_unit_test_setup_teardown(a_cancel_at_any_moment_ends_the_run, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_cancel_ends_the_run_of_a_large_portfolio, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_cancel_does_not_wait_for_who_is_stopped, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(progress_begins_with_nothing_and_ends_with_the_best, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_progress_function_that_returns_1_ends_the_run, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_cancel_before_the_run_is_not_lost_and_holds_for_one_run, watch_begin,
                                        watch_end),
        cmocka_unit_test_setup_teardown(the_run_after_a_cancelled_one_is_complete_and_the_same, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_signal_to_the_whole_group_reports_the_best_so_far, watch_begin, watch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
