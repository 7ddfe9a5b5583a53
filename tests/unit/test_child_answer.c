/* Answers from a process of its own; and the measuring of a GPU, which is one, where there is no plug-in. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "process/child_answer.h"

struct answer {
    int doubled;
    pid_t process;
};

static int touched = 0;

static void answer_doubled(const void *question, void *shared) {
    struct answer *answer = shared;
    answer->doubled += 2 * *(const int *)question;
    answer->process = getpid();
    touched = 1;
}

static void die_half_way(const void *question, void *shared) {
    answer_doubled(question, shared);
    _exit(0);
}

static void the_answer_comes_from_another_process_which_is_gone(void **state) {
    (void)state;
    struct answer answer = {.doubled = 100};
    const int question = 21;
    assert_int_equal(mxsi_child_ask(answer_doubled, &question, &answer, sizeof answer), MXSI_CHILD_ANSWERED);
    assert_int_equal(answer.doubled, 142);
    assert_true(answer.process > 0 && answer.process != getpid());
    assert_int_equal(touched, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void a_child_that_dies_leaves_the_answer_as_it_was(void **state) {
    (void)state;
    struct answer answer = {.doubled = 100};
    const int question = 21;
    assert_int_equal(mxsi_child_ask(die_half_way, &question, &answer, sizeof answer), MXSI_CHILD_DIED);
    assert_int_equal(answer.doubled, 100);
}

/* The system then reaps the child itself, and its wait status is lost. */
static void a_program_that_ignores_sigchld_gets_its_answer(void **state) {
    (void)state;
    struct answer answer = {.doubled = 0};
    const int question = 21;
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    assert_int_equal(mxsi_child_ask(answer_doubled, &question, &answer, sizeof answer), MXSI_CHILD_ANSWERED);
    (void)signal(SIGCHLD, before);
    assert_int_equal(answer.doubled, 42);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_comes_from_another_process_which_is_gone),
        cmocka_unit_test(a_child_that_dies_leaves_the_answer_as_it_was),
        cmocka_unit_test(a_program_that_ignores_sigchld_gets_its_answer),
        cmocka_unit_test(a_gpu_without_a_plug_in_is_not_measured),
    };
    return cmocka_run_group_tests_name("answers of a child", tests, NULL, NULL);
}
