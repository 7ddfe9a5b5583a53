/* Answers from a process of its own, whatever becomes of it; and the measuring of a GPU, which is one, where there is
 * no plug-in. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "process/child_answer.h"
#include "support/process_watch.h"

/* Nothing that answers at all takes so long. */
static const struct mxsi_patience an_hour = {.limit_ns = 3600 * UINT64_C(1000000000)};

struct answer {
    int doubled;
    pid_t process;
};

static int touched = 0;

static void answer_doubled(const void *asked, void *shared) {
    struct answer *answer = shared;
    answer->doubled += 2 * *(const int *)asked;
    answer->process = getpid();
    touched = 1;
}

static void die_half_way(const void *asked, void *shared) {
    answer_doubled(asked, shared);
    _exit(0);
}

static void hang(const void *asked, void *shared) {
    answer_doubled(asked, shared);
    for (;;) {
        (void)pause();
    }
}

static const struct mxsi_question doubled = {"doubled", answer_doubled, sizeof(int), sizeof(struct answer)};
static const struct mxsi_question death = {"death", die_half_way, sizeof(int), sizeof(struct answer)};
static const struct mxsi_question hanging = {"hanging", hang, sizeof(int), sizeof(struct answer)};
static const int asked = 21;

static void the_answer_comes_from_another_process_which_is_gone(void **state) {
    (void)state;
    struct answer answer = {.doubled = 100};
    assert_int_equal(mxsi_child_ask(&doubled, &asked, &answer, &an_hour, NULL), MXSI_CHILD_ANSWERED);
    assert_int_equal(answer.doubled, 142);
    assert_true(answer.process > 0 && answer.process != getpid());
    assert_int_equal(touched, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* Asks what is not to be answered. */
static void assert_comes_to_nothing(const struct mxsi_question *question, const struct mxsi_patience *patience,
                                    enum mxsi_child_end end, const char *says) {
    struct answer answer = {.doubled = 100};
    char reason[MXSI_CHILD_REASON_SIZE] = "";
    assert_int_equal(mxsi_child_ask(question, &asked, &answer, patience, reason), end);
    assert_string_equal(reason, says);
    assert_int_equal(answer.doubled, 100);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void a_child_that_dies_leaves_the_answer_as_it_was(void **state) {
    (void)state;
    assert_comes_to_nothing(&death, &an_hour, MXSI_CHILD_DIED, "the process that was asked died");
}

/* The system then reaps the child itself, and its wait status is lost. */
static void a_program_that_ignores_sigchld_gets_its_answer_or_is_told_of_the_death(void **state) {
    (void)state;
    struct answer answer = {.doubled = 0};
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    assert_int_equal(mxsi_child_ask(&doubled, &asked, &answer, &an_hour, NULL), MXSI_CHILD_ANSWERED);
    assert_int_equal(answer.doubled, 42);
    assert_comes_to_nothing(&death, &an_hour, MXSI_CHILD_DIED, "the process that was asked died");
    (void)signal(SIGCHLD, before);
}

static void a_question_that_hangs_is_given_up_at_its_limit(void **state) {
    (void)state;
    const struct mxsi_patience short_one = {.limit_ns = 50 * UINT64_C(1000000)};
    assert_comes_to_nothing(&hanging, &short_one, MXSI_CHILD_HUNG, "no answer within 0.05 seconds");
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    assert_comes_to_nothing(&hanging, &short_one, MXSI_CHILD_HUNG, "no answer within 0.05 seconds");
    (void)signal(SIGCHLD, before);
}

static _Atomic int cancelled;

static void cancel(int number) {
    (void)number;
    cancelled = 1;
}

/* By a signal, as Ctrl-C does. A limit of an hour: without the wish, the clock of the test ends it. */
static void a_question_that_nobody_wants_any_more_is_given_up(void **state) {
    (void)state;
    const struct mxsi_patience patience = {an_hour.limit_ns, &cancelled};
    const struct sigaction action = {.sa_handler = cancel};
    struct sigaction before;
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    cancelled = 0;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t timer;
    assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    const struct itimerspec soon = {.it_value = {.tv_nsec = 100000000}};
    assert_int_equal(timer_settime(timer, 0, &soon, NULL), 0);
    assert_comes_to_nothing(&hanging, &patience, MXSI_CHILD_CANCELLED, "interrupted");
    (void)timer_delete(timer);
    (void)sigaction(SIGUSR1, &before, NULL);
    /* ... and where nobody wanted it to begin with. */
    assert_comes_to_nothing(&hanging, &patience, MXSI_CHILD_CANCELLED, "interrupted");
}

static void a_child_that_hangs_dies_with_its_parent(void **state) {
    (void)state;
    adopt_orphans();
    const pid_t parent = fork();
    if (parent == 0) {
        struct answer answer = {.doubled = 0};
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)mxsi_child_ask(&hanging, &asked, &answer, &an_hour, NULL);
        _exit(0);
    }
    assert_true(parent > 0);
    children_list children;
    assert_true(wait_for_children(parent, 1, &children));
    sleep_microseconds(100000); /* it has asked the kernel for it */
    assert_int_equal(kill(parent, SIGKILL), 0);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    assert_int_equal(wait_for_orphans(PATIENCE_SECONDS), 0);
}

static volatile sig_atomic_t handled;

static void handle(int number) {
    (void)number;
    handled = 1;
}

/* What the terminal's Ctrl-C means is the parent's to decide, so it must not end the child either. */
static void raise_signals(const void *unused, void *shared) {
    (void)unused;
    static const int numbers[] = {SIGUSR1, SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; ++i) {
        (void)raise(numbers[i]);
    }
    *(int *)shared = handled;
}

static void handlers_of_the_program_do_not_run_in_the_child(void **state) {
    (void)state;
    static const struct mxsi_question question = {"signals", raise_signals, 0, sizeof(int)};
    const struct sigaction action = {.sa_handler = handle};
    struct sigaction before[2];
    assert_int_equal(sigaction(SIGUSR1, &action, &before[0]), 0);
    assert_int_equal(sigaction(SIGINT, &action, &before[1]), 0);
    int has_handled = -1;
    assert_int_equal(mxsi_child_ask(&question, NULL, &has_handled, &an_hour, NULL), MXSI_CHILD_ANSWERED);
    assert_int_equal(has_handled, 0);
    assert_int_equal(handled, 0);
    (void)sigaction(SIGUSR1, &before[0], NULL);
    (void)sigaction(SIGINT, &before[1], NULL);
}

/* Beside the tests lies no plug-in. */
static void a_gpu_without_a_plug_in_is_not_measured(void **state) {
    (void)state;
    mxs_peak peak = {.sgemm_flops = 5.0};
    mxs_error error;
    assert_int_equal(mxs_peak_measure_gpu(0, &peak, sizeof peak, &error), MXS_ERROR_BACKEND);
    print_message("%s\n", error.message);
    assert_string_equal(error.message,
                        "GPU 0 cannot be measured: the CUDA plug-in libmaxsharpe-cuda.so is not "
                        "installed beside the library");
    assert_int_equal(error.status, MXS_ERROR_BACKEND);
    assert_true(peak.sgemm_flops == 5.0);
    assert_int_equal(mxs_peak_measure_gpu(0, &peak, sizeof peak, NULL), MXS_ERROR_BACKEND);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, watch_begin, watch_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WATCHED(the_answer_comes_from_another_process_which_is_gone),
        WATCHED(a_child_that_dies_leaves_the_answer_as_it_was),
        WATCHED(a_program_that_ignores_sigchld_gets_its_answer_or_is_told_of_the_death),
        WATCHED(a_question_that_hangs_is_given_up_at_its_limit),
        WATCHED(a_question_that_nobody_wants_any_more_is_given_up),
        WATCHED(a_child_that_hangs_dies_with_its_parent),
        WATCHED(handlers_of_the_program_do_not_run_in_the_child),
        WATCHED(a_gpu_without_a_plug_in_is_not_measured),
    };
    return cmocka_run_group_tests_name("answers of a child", tests, NULL, NULL);
}
