/* The process that runs a search is killed: its workers end, and nothing of them stays. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "support/made_market.h"
#include "support/process_watch.h"
#include "support/search_trial.h"

enum { WORKERS = 3, FORKERS = 2 };

static const enum forker forkers[FORKERS] = {THE_PROGRAM, ITS_LAUNCHER};

static void *live(void *user) {
    for (;;) {
        (void)pause();
    }
    return user;
}

/* A process in an endless search: in its only thread, or beside another one. */
static pid_t start_endless_process(const trial *made, enum forker forker) {
    const pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        pthread_t thread;
        mxs_result *result = NULL;
        if (forker == THE_PROGRAM || pthread_create(&thread, NULL, live, NULL) == 0) {
            (void)!trial_run(made, &result, NULL);
        }
        _exit(0);
    }
    assert_true(pid > 0);
    return pid;
}

static void workers_end_when_their_parent_is_killed(void **state) {
    (void)state;
    adopt_orphans();
    mxs_market *market = make_market(60, 10, 2);
    const asked options = endless_options(WORKERS);
    trial made = require_search(market, &options);
    for (size_t i = 0; i < FORKERS; ++i) {
        const pid_t pid = start_endless_process(&made, forkers[i]);
        children_list workers;
        assert_true(wait_for_workers(pid, forkers[i], WORKERS, &workers));
        sleep_microseconds(100000); /* they are in their work */
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(wait_for_orphans(PATIENCE_SECONDS), 0);
    }
    trial_release(&made);
    mxs_market_destroy(market);
}

/* Also in the moments when what they share is made and the workers, or the launcher, are born. */
static void a_parent_killed_at_any_moment_leaves_no_worker(void **state) {
    (void)state;
    adopt_orphans();
    mxs_market *market = make_market(60, 10, 2);
    const asked options = endless_options(WORKERS);
    trial made = require_search(market, &options);
    struct seeded_random random = {900};
    for (unsigned i = 0; i < 120; ++i) {
        const pid_t pid = start_endless_process(&made, forkers[i % FORKERS]);
        const unsigned pause = (unsigned)(random_below(&random, 8000));
        sleep_microseconds(pause);
        assert_int_equal(kill(pid, SIGKILL), 0);
        const size_t left = wait_for_orphans(PATIENCE_SECONDS);
        if (left != 0) {
            fail_msg("%zu workers outlived their parent, killed after %u us", left, pause);
        }
    }
    trial_release(&made);
    mxs_market_destroy(market);
}

/* A stopped worker cannot see that it is alone; the kernel ends it all the same. */
static void stopped_workers_end_when_their_parent_is_killed(void **state) {
    (void)state;
    adopt_orphans();
    mxs_market *market = make_market(60, 10, 2);
    const asked options = endless_options(WORKERS);
    trial made = require_search(market, &options);
    for (size_t i = 0; i < FORKERS; ++i) {
        const pid_t pid = start_endless_process(&made, forkers[i]);
        children_list workers;
        assert_true(wait_for_workers(pid, forkers[i], WORKERS, &workers));
        sleep_microseconds(100000); /* they have asked the kernel for it */
        for (size_t j = 0; j < workers.count; ++j) {
            assert_int_equal(kill(workers.pids[j], SIGSTOP), 0);
        }
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(wait_for_orphans(PATIENCE_SECONDS), 0);
    }
    trial_release(&made);
    mxs_market_destroy(market);
}

static void workers_end_when_the_program_is_killed(void **state) {
    (void)state;
    adopt_orphans();
    const pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int nowhere = open("/dev/null", O_RDWR);
        (void)dup2(nowhere, STDOUT_FILENO);
        (void)execl(MXS_PROGRAM, MXS_PROGRAM, "search", MXS_EXAMPLE_MARKET, "-k", "20", "-n", "1e9", "--workers", "3",
                    (char *)NULL);
        _exit(99);
    }
    assert_true(pid > 0);
    children_list workers;
    assert_true(wait_for_children(pid, WORKERS, &workers));
    sleep_microseconds(100000);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(wait_for_orphans(PATIENCE_SECONDS), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(workers_end_when_their_parent_is_killed, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(a_parent_killed_at_any_moment_leaves_no_worker, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(stopped_workers_end_when_their_parent_is_killed, watch_begin, watch_end),
        cmocka_unit_test_setup_teardown(workers_end_when_the_program_is_killed, watch_begin, watch_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
