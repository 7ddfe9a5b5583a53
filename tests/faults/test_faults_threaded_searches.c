/* Searches in a program whose threads are busy in OpenBLAS: its handler of forks waits for them, so the program is not
 * forked; the launcher beside the tests forks instead. */
#include <cblas.h>
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "process/process_threads.h"
#include "support/conformance_runs.h"
#include "support/made_market.h"
#include "support/process_watch.h"
#include "support/search_trial.h"
#include "support/thread_crowd.h"

enum { THREADS = 4, SIDE = 160, SEARCHES = 100, SEED = 20261125 };

static __typeof__(&cblas_dgemm) dgemm;
static atomic_int is_multiplying;

/* Large enough that OpenBLAS shares the product out among threads of its own. */
static void *multiply(void *user) {
    double *matrix = calloc((size_t)3 * SIDE * SIDE, sizeof *matrix);
    while (matrix != NULL && atomic_load(&is_multiplying)) {
        dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, SIDE, SIDE, SIDE, 1.0, matrix, SIDE, matrix + SIDE * SIDE,
              SIDE, 0.0, matrix + 2 * SIDE * SIDE, SIDE);
    }
    free(matrix);
    return user;
}

/* In a child: once OpenBLAS has threads in a process, it keeps them. Returns an exit status; cmocka is the parent's. */
static int search_among_products(const trial *made, const mxs_result *expected) {
    void *openblas = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_GLOBAL);
    void *symbol = openblas == NULL ? NULL : dlsym(openblas, "cblas_dgemm");
    if (symbol == NULL) {
        return 77;
    }
    memcpy(&dgemm, &symbol, sizeof dgemm);
    atomic_store(&is_multiplying, 1);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; ++i) {
        if (pthread_create(&threads[i], NULL, multiply, NULL) != 0) {
            return 2;
        }
    }
    if (!mxsi_process_has_threads()) {
        return 3;
    }
    const mxs_portfolio *right = mxs_result_portfolio(expected, 0);
    for (int i = 0; i < SEARCHES; ++i) {
        mxs_result *result = NULL;
        if (trial_run(made, &result, NULL) != MXS_OK) {
            return 4;
        }
        const mxs_portfolio *left = mxs_result_portfolio(result, 0);
        if (left->rank != right->rank || left->tile != right->tile || left->attempt != right->attempt ||
            left->sharpe != right->sharpe || !mxs_result_describe(result)->complete) {
            return 5;
        }
        mxs_result_destroy(result);
    }
    atomic_store(&is_multiplying, 0);
    for (int i = 0; i < THREADS; ++i) {
        (void)pthread_join(threads[i], NULL);
    }
    return 0;
}

static void a_hundred_searches_among_threads_in_openblas_are_all_right(void **state) {
    (void)state;
    mxs_market *market = make_market(80, 12, SEED);
    const asked options = trial_options(4, 300, 2);
    const trial made = require_search(market, &options);
    mxs_result *const expected = require_result(&made);
    const pid_t child = fork();
    if (child == 0) {
        (void)alarm(240); /* a hang is a failure */
        _exit(search_among_products(&made, expected));
    }
    assert_true(child > 0);
    int wait_status = 0;
    assert_int_equal(waitpid(child, &wait_status, 0), child);
    assert_true(WIFEXITED(wait_status));
    if (WEXITSTATUS(wait_status) == 77) {
        skip();
    }
    assert_int_equal(WEXITSTATUS(wait_status), 0);
    mxs_result_destroy(expected);
    trial forgotten = made;
    trial_release(&forgotten);
    mxs_market_destroy(market);
}

static void the_launcher_gives_what_a_fork_gives(void **state) {
    (void)state;
    mxs_market *market = make_market(80, 14, SEED + 1);
    static const mxs_draws draws[] = {MXS_DRAWS_FRESH, MXS_DRAWS_SHARED};
    for (size_t i = 0; i < sizeof draws / sizeof draws[0]; ++i) {
        asked options = trial_options(5, 1500, 3);
        options.problem.top = 20;
        options.problem.max_weight = i == 0 ? 0.23 : 1.0; /* a table of the sampler goes along */
        options.sampling.draws = draws[i];
        trial made = require_search(market, &options);
        mxs_result *const expected = require_result(&made);
        crowd_begin();
        mxs_result *result = NULL;
        mxs_error error = {.message = ""};
        const mxs_status status = trial_run(&made, &result, &error);
        crowd_end();
        assert_string_equal(error.message, "");
        assert_int_equal(status, MXS_OK);
        assert_same_answer(&made, result, expected);
        assert_int_equal(mxs_result_describe(result)->worker_count, 3);
        mxs_result_destroy(result);
        mxs_result_destroy(expected);
        trial_release(&made);
    }
    mxs_market_destroy(market);
}

static int stop_when_something_is_found(const mxs_progress *progress, void *user) {
    int *calls = user;
    *calls += 1;
    return progress->simulations_done > 0 && progress->best_sharpe > -HUGE_VAL;
}

static void a_search_among_threads_shows_progress_and_is_cancelled(void **state) {
    (void)state;
    mxs_market *market = make_market(80, 14, SEED + 2);
    int calls = 0;
    asked options = endless_options(2);
    options.run.progress = stop_when_something_is_found;
    options.run.progress_user = &calls;
    trial made = require_search(market, &options);
    crowd_begin();
    mxs_result *result = NULL;
    mxs_error error = {.message = ""};
    const mxs_status status = trial_run(&made, &result, &error);
    crowd_end();
    assert_int_equal(status, MXS_INTERRUPTED);
    assert_true(calls > 0);
    assert_non_null(result);
    assert_true(mxs_result_describe(result)->simulations_done > 0);
    mxs_result_destroy(result);
    trial_release(&made);
    mxs_market_destroy(market);
}

static void errors_of_workers_come_back_from_the_launcher(void **state) {
    (void)state;
    enum { ASSETS = 2 };
    const double mean[ASSETS] = {0.001, 0.001};
    const double covariance[ASSETS * ASSETS] = {4e-4, -4e-4, -4e-4, 4e-4};
    mxs_market *market = market_of_moments(mean, covariance, ASSETS);
    asked options = trial_options(2, 10, 2);
    options.problem.min_weight = 0.5;
    options.problem.max_weight = 0.5;
    trial made = require_search(market, &options);
    mxs_error alone = {.message = ""};
    mxs_error among = {.message = ""};
    mxs_result *result = NULL;
    assert_int_equal(trial_run(&made, &result, &alone), MXS_ERROR_DATA);
    crowd_begin();
    const mxs_status status = trial_run(&made, &result, &among);
    crowd_end();
    assert_int_equal(status, MXS_ERROR_DATA);
    assert_string_equal(among.message, alone.message);
    trial_release(&made);
    mxs_market_destroy(market);
}

/* Kills the launcher when the search has found something. */
static int kill_children_once(const mxs_progress *progress, void *user) {
    int *killed = user;
    if (*killed == 0 && progress->simulations_done > 0) {
        const children_list children = running_children(getpid());
        for (size_t i = 0; i < children.count; ++i) {
            *killed += kill(children.pids[i], SIGKILL) == 0;
        }
    }
    return 0;
}

static void a_launcher_that_is_killed_is_an_error_and_leaves_nobody(void **state) {
    (void)state;
    adopt_orphans();
    mxs_market *market = make_market(80, 14, SEED + 3);
    int killed = 0;
    asked options = endless_options(2);
    options.run.progress = kill_children_once;
    options.run.progress_user = &killed;
    trial made = require_search(market, &options);
    crowd_begin();
    mxs_result *result = NULL;
    mxs_error error = {.message = ""};
    const mxs_status status = trial_run(&made, &result, &error);
    crowd_end();
    print_message("%s\n", error.message);
    assert_int_equal(status, MXS_ERROR_RUN);
    assert_non_null(strstr(error.message, "the launcher of workers died"));
    assert_int_equal(killed, 1);
    assert_null(result);
    assert_int_equal(wait_for_orphans(PATIENCE_SECONDS), 0);
    trial_release(&made);
    mxs_market_destroy(market);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, watch_begin, watch_end)

int main(void) {
    print_message("seed %d\n", SEED);
    const struct CMUnitTest tests[] = {
        WATCHED(a_hundred_searches_among_threads_in_openblas_are_all_right),
        WATCHED(the_launcher_gives_what_a_fork_gives),
        WATCHED(a_search_among_threads_shows_progress_and_is_cancelled),
        WATCHED(errors_of_workers_come_back_from_the_launcher),
        WATCHED(a_launcher_that_is_killed_is_an_error_and_leaves_nobody),
    };
    return cmocka_run_group_tests_name("searches in a program with threads", tests, NULL, NULL);
}
