/* The process that runs a search is killed: its workers end, and nothing of them stays. */
#include <fcntl.h>
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

enum { WORKERS = 3 };

/* A process whose only thread is in an endless search. */
static pid_t start_endless_process(mxs_search *search) {
    const pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        mxs_result *result = NULL;
        (void)!mxs_search_run(search, &result, NULL);
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
    mxs_search *search = require_search(market, &options);
    const pid_t pid = start_endless_process(search);
    children_list workers;
    assert_true(wait_for_children(pid, WORKERS, &workers));
    sleep_microseconds(100000); /* they are in their work */
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(wait_for_orphans(PATIENCE_SECONDS), 0);
    mxs_search_destroy(search);
    mxs_market_destroy(market);
}

/* Also in the moments when the segment is made and the workers are born. */
static void a_parent_killed_at_any_moment_leaves_no_worker(void **state) {
    (void)state;
    adopt_orphans();
    mxs_market *market = make_market(60, 10, 2);
    const asked options = endless_options(WORKERS);
    mxs_search *search = require_search(market, &options);
    uint64_t chance = 900;
    for (unsigned trial = 0; trial < 60; ++trial) {
        const pid_t pid = start_endless_process(search);
        const unsigned pause = (unsigned)(next_chance(&chance) % 8000);
        sleep_microseconds(pause);
        assert_int_equal(kill(pid, SIGKILL), 0);
        const size_t left = wait_for_orphans(PATIENCE_SECONDS);
        if (left != 0) {
            fail_msg("%zu workers outlived their parent, killed after %u us", left, pause);
        }
    }
    mxs_search_destroy(search);
    mxs_market_destroy(market);
}

/* A stopped worker cannot see that it is alone; the kernel ends it all the same. */
static void stopped_workers_end_when_their_parent_is_killed(void **state) {
    (void)state;
    adopt_orphans();
    mxs_market *market = make_market(60, 10, 2);
    const asked options = endless_options(WORKERS);
    mxs_search *search = require_search(market, &options);
    const pid_t pid = start_endless_process(search);
    children_list workers;
    assert_true(wait_for_children(pid, WORKERS, &workers));
    sleep_microseconds(100000); /* they have asked the kernel for it */
    for (size_t i = 0; i < workers.count; ++i) {
        assert_int_equal(kill(workers.pids[i], SIGSTOP), 0);
    }
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(wait_for_orphans(PATIENCE_SECONDS), 0);
    mxs_search_destroy(search);
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
