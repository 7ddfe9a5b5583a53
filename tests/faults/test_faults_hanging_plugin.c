/* The CUDA plug-in beside this test hangs when it is asked for its devices: whoever looks for GPUs is not held up, and
 * leaves no process behind. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engines/gpu/gpu_plugin.h"
#include "maxsharpe/maxsharpe.h"
#include "support/made_market.h"
#include "support/process_watch.h"
#include "support/search_trial.h"

static trial make_search(mxs_market **market) {
    *market = make_market(60, 10, 3);
    asked options = trial_options(5, 100, 2);
    options.run.backend = MXS_BACKEND_CUDA;
    return require_search(*market, &options);
}

static void a_plug_in_that_hangs_is_named_after_its_time(void **state) {
    (void)state;
    const struct mxsi_patience patience = {.limit_ns = 200 * UINT64_C(1000000)};
    struct mxsi_gpu_survey survey;
    assert_int_equal(mxsi_gpu_survey_take(NULL, &patience, &survey), 0);
    print_message("%s\n", survey.reason);
    static const char says[] = "CUDA hangs: no answer within 0.2 seconds";
    assert_int_equal(strncmp(survey.reason, says, sizeof says - 1), 0);
    assert_int_equal(survey.device_count, 0);
}

static trial current;

static void cancel(int number) {
    (void)number;
    mxs_search_cancel(current.search);
}

/* The look for GPUs would take a minute: that the clock of the test does not end it is the proof. */
static void a_search_is_cancelled_while_the_plug_in_hangs(void **state) {
    (void)state;
    mxs_market *market = NULL;
    current = make_search(&market);
    const struct sigaction action = {.sa_handler = cancel};
    struct sigaction before;
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t timer;
    assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    const struct itimerspec soon = {.it_value = {.tv_nsec = 200000000}};
    assert_int_equal(timer_settime(timer, 0, &soon, NULL), 0);
    require_interrupted(&current);
    (void)timer_delete(timer);
    (void)sigaction(SIGUSR1, &before, NULL);
    trial_release(&current);
    mxs_market_destroy(market);
}

static void the_process_that_looks_for_gpus_ends_with_the_program(void **state) {
    (void)state;
    adopt_orphans();
    mxs_market *market = NULL;
    trial made = make_search(&market);
    const pid_t program = fork();
    if (program == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        mxs_result *result = NULL;
        (void)!trial_run(&made, &result, NULL);
        _exit(0);
    }
    assert_true(program > 0);
    children_list children;
    assert_true(wait_for_children(program, 1, &children));
    sleep_microseconds(100000); /* it has asked the kernel for it */
    assert_int_equal(kill(program, SIGKILL), 0);
    assert_int_equal(waitpid(program, NULL, 0), program);
    assert_int_equal(wait_for_orphans(PATIENCE_SECONDS), 0);
    trial_release(&made);
    mxs_market_destroy(market);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, watch_begin, watch_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WATCHED(a_plug_in_that_hangs_is_named_after_its_time),
        WATCHED(a_search_is_cancelled_while_the_plug_in_hangs),
        WATCHED(the_process_that_looks_for_gpus_ends_with_the_program),
    };
    return cmocka_run_group_tests_name("a plug-in that hangs", tests, NULL, NULL);
}
