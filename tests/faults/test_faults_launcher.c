/* The launcher: what a process with threads has done by a process that may be forked. This program is its own launcher:
 * beside it lies a link to it by the launcher's name, and under that name it serves the jobs below. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "maxsharpe/maxsharpe.h"
#include "process/child_answer.h"
#include "process/child_process.h"
#include "process/launcher.h"
#include "process/shared_memory.h"
#include "support/process_watch.h"
#include "support/thread_crowd.h"

enum { STATUS = 7, RELATIVES = 2 };

/* ---- the jobs ---- */

struct summands {
    int left;
    int right;
};

struct report {
    int sum;
    int odd_descriptors; /* open ones that are not the job's */
    int odd_signals;     /* numbers of signals that are not as they should be */
    int environment;
    atomic_int is_whole;
};

static int count_odd_signals(void) {
    sigset_t mask;
    (void)sigprocmask(SIG_BLOCK, NULL, &mask);
    int odd = 0;
    for (int number = 1; number <= SIGRTMAX; ++number) {
        struct sigaction action;
        const int is_terminals = number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
        if (sigaction(number, NULL, &action) == 0) {
            odd += action.sa_handler != (is_terminals ? SIG_IGN : SIG_DFL) || sigismember(&mask, number) != 0;
        }
    }
    return odd;
}

static int add(const int *descriptors, int count) {
    struct mxsi_shared_memory from;
    struct mxsi_shared_memory to;
    if (count != 2 || mxsi_shared_memory_map(descriptors[0], 0, &from) != 0 ||
        mxsi_shared_memory_map(descriptors[1], 1, &to) != 0) {
        return 1;
    }
    const struct summands *summands = from.bytes;
    struct report *report = to.bytes;
    report->sum = summands->left + summands->right;
    for (int i = descriptors[1] + 1; i < 1024; ++i) {
        report->odd_descriptors += fcntl(i, F_GETFD) >= 0;
    }
    report->odd_signals = count_odd_signals();
    const char *word = getenv("MAXSHARPE_TEST_WORD"); /* NOLINT(concurrency-mt-unsafe): there is one thread */
    report->environment = word != NULL && strcmp(word, "handed over") == 0;
    atomic_store(&report->is_whole, 1);
    return 0;
}

static int leave(const int *descriptors, int count) {
    (void)descriptors;
    (void)count;
    sleep_microseconds(50000);
    return STATUS;
}

static void live_for_ever(const void *context) {
    atomic_fetch_add((atomic_int *)(uintptr_t)context, 1);
    for (;;) {
        (void)pause();
    }
}

/* Counts how many there are in an int that it is given. */
static int found_a_family(const int *descriptors, int count) {
    struct mxsi_shared_memory memory;
    if (count != 1 || mxsi_shared_memory_map(descriptors[0], 1, &memory) != 0) {
        return 1;
    }
    for (int i = 0; i < RELATIVES; ++i) {
        (void)mxsi_child_start(live_for_ever, memory.bytes);
    }
    live_for_ever(memory.bytes);
    return 0;
}

static void answer_doubled(const void *asked, void *answer) {
    *(int *)answer = 2 * *(const int *)asked;
}

static void die(const void *asked, void *answer) {
    answer_doubled(asked, answer);
    _exit(0);
}

static void hang(const void *asked, void *answer) {
    answer_doubled(asked, answer);
    for (;;) {
        (void)pause();
    }
}

static const struct mxsi_question doubled = {"doubled", answer_doubled, sizeof(int), sizeof(int)};
static const struct mxsi_question death = {"death", die, sizeof(int), sizeof(int)};
static const struct mxsi_question hanging = {"hanging", hang, sizeof(int), sizeof(int)};

static int answer_question(const int *descriptors, int count) {
    static const struct mxsi_question *const questions[] = {&death, &doubled, &hanging};
    return count == 1 ? mxsi_child_answer(descriptors[0], questions, 3) : 1;
}

static const struct mxsi_launcher_job jobs[] = {
    {"add", add},
    {"leave", leave},
    {"family", found_a_family},
    {MXSI_QUESTION_JOB, answer_question},
};

static int serve(const char *version, int argc, char **argv) {
    return mxsi_launcher_serve(version, jobs, sizeof jobs / sizeof jobs[0], argc, argv);
}

/* ---- what becomes of them ---- */

static pid_t require_start(const char *job, const int *descriptors, int count) {
    pid_t pid = -1;
    mxs_error error = {.message = ""};
    if (mxsi_launcher_start(job, descriptors, count, &pid, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    return pid;
}

static int require_status(pid_t pid) {
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* The descriptors in the order in which they were opened, and in the other, in which one stands where another goes. */
static void add_once(int left, int right, int in_order) {
    struct mxsi_shared_memory first;
    struct mxsi_shared_memory second;
    assert_int_equal(mxsi_shared_memory_create(4096, &first), 0);
    assert_int_equal(mxsi_shared_memory_create(4096, &second), 0);
    const struct mxsi_shared_memory *from = in_order ? &first : &second;
    const struct mxsi_shared_memory *to = in_order ? &second : &first;
    *(struct summands *)from->bytes = (struct summands){left, right};
    const int descriptors[] = {from->descriptor, to->descriptor};
    assert_int_equal(require_status(require_start("add", descriptors, 2)), 0);
    struct report *report = to->bytes;
    assert_true(atomic_load(&report->is_whole));
    assert_int_equal(report->sum, left + right);
    assert_int_equal(report->odd_descriptors, 0);
    assert_int_equal(report->odd_signals, 0);
    assert_true(report->environment);
    mxsi_shared_memory_close(&first);
    mxsi_shared_memory_close(&second);
}

static void pass_by(int number) {
    (void)number;
}

/* Among descriptors that are open to every program that is started, signals that are handled, ignored and blocked. */
static void a_job_runs_clean_where_a_fork_would_hang(void **state) {
    (void)state;
    const int stray = fcntl(STDERR_FILENO, F_DUPFD, 100);
    assert_true(stray >= 100);
    const struct sigaction handler = {.sa_handler = pass_by};
    const struct sigaction ignored = {.sa_handler = SIG_IGN};
    struct sigaction before[2];
    sigset_t blocked;
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGUSR2);
    assert_int_equal(sigaction(SIGUSR1, &handler, &before[0]), 0);
    assert_int_equal(sigaction(SIGPIPE, &ignored, &before[1]), 0);
    assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, NULL), 0);
    crowd_begin();
    for (int i = 0; i < 10; ++i) {
        add_once(i, 100 * i, i % 2);
    }
    crowd_end();
    assert_int_equal(sigprocmask(SIG_UNBLOCK, &blocked, NULL), 0);
    (void)sigaction(SIGUSR1, &before[0], NULL);
    (void)sigaction(SIGPIPE, &before[1], NULL);
    (void)close(stray);
}

static void its_exit_status_is_the_jobs(void **state) {
    (void)state;
    const int status = require_status(require_start("leave", NULL, 0));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), STATUS);
    assert_null(mxsi_launcher_refusal(status));
}

/* From its first moment on: they go to the whole process group, and the program alone decides what they mean. */
static void the_terminals_signals_do_not_end_it(void **state) {
    (void)state;
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    for (int i = 0; i < 4; ++i) {
        const pid_t pid = require_start("leave", NULL, 0);
        for (int j = 0; j < 40; ++j) {
            assert_int_equal(kill(pid, numbers[i]), 0);
            sleep_microseconds(100);
        }
        const int status = require_status(pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), STATUS);
    }
}

static void what_it_does_not_know_is_refused_with_the_reason(void **state) {
    (void)state;
    const int status = require_status(require_start("nothing", NULL, 0));
    assert_string_equal(mxsi_launcher_refusal(status),
                        "maxsharpe-launcher beside the library does not know what it is asked for");
}

static void a_launcher_of_another_version_refuses(void **state) {
    (void)state;
    char *arguments[] = {(char *)MXSI_LAUNCHER_NAME, (char *)"9.8.7", (char *)"1", (char *)"leave", (char *)"0", NULL};
    int status = serve(mxs_version(), MXSI_LAUNCHER_ARGUMENTS, arguments); /* the library's that has started it */
    assert_string_equal(mxsi_launcher_refusal(W_EXITCODE(status, 0)),
                        "maxsharpe-launcher beside the library is of another version");
    arguments[1] = (char *)mxs_version();
    status = serve("9.8.7", MXSI_LAUNCHER_ARGUMENTS, arguments); /* its own */
    assert_string_equal(mxsi_launcher_refusal(W_EXITCODE(status, 0)),
                        "maxsharpe-launcher beside the library is of another version");
    assert_non_null(mxsi_launcher_refusal(W_EXITCODE(serve("9.8.7", 1, arguments), 0)));
}

static struct mxsi_shared_memory memory_for_a_family(void) {
    struct mxsi_shared_memory memory;
    assert_int_equal(mxsi_shared_memory_create(sizeof(atomic_int), &memory), 0);
    return memory;
}

static void wait_for_family(const struct mxsi_shared_memory *memory) {
    while (atomic_load((atomic_int *)memory->bytes) < RELATIVES + 1) {
        sleep_microseconds(1000);
    }
}

static void what_it_has_forked_ends_with_it(void **state) {
    (void)state;
    adopt_orphans();
    struct mxsi_shared_memory memory = memory_for_a_family();
    crowd_begin();
    const pid_t launcher = require_start("family", &memory.descriptor, 1);
    wait_for_family(&memory);
    mxsi_child_end(launcher);
    crowd_end();
    assert_int_equal(wait_for_orphans(PATIENCE_SECONDS), 0);
    mxsi_shared_memory_close(&memory);
}

static void it_ends_with_the_program_and_so_does_what_it_has_forked(void **state) {
    (void)state;
    adopt_orphans();
    struct mxsi_shared_memory memory = memory_for_a_family();
    const pid_t program = fork();
    if (program == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        crowd_begin();
        pid_t launcher = -1;
        if (mxsi_launcher_start("family", &memory.descriptor, 1, &launcher, NULL) == MXS_OK) {
            (void)waitpid(launcher, NULL, 0);
        }
        _exit(0);
    }
    assert_true(program > 0);
    wait_for_family(&memory);
    const children_list launchers = running_children(program);
    assert_int_equal(launchers.count, 1);
    assert_int_equal(running_children(launchers.pids[0]).count, RELATIVES);
    assert_int_equal(kill(program, SIGKILL), 0);
    assert_int_equal(waitpid(program, NULL, 0), program);
    assert_int_equal(wait_for_orphans(PATIENCE_SECONDS), 0);
    mxsi_shared_memory_close(&memory);
}

/* ---- questions ---- */

static void ask(const struct mxsi_question *question, const struct mxsi_patience *patience, enum mxsi_child_end end,
                const char *says) {
    static const int asked = 21;
    int answer = 100;
    char reason[MXSI_CHILD_REASON_SIZE] = "";
    assert_int_equal(mxsi_child_ask(question, &asked, &answer, patience, reason), end);
    assert_string_equal(reason, says);
    assert_int_equal(answer, end == MXSI_CHILD_ANSWERED ? 42 : 100);
    assert_int_equal(count_children(), 0);
}

static void questions_are_answered_or_given_up_where_a_fork_would_hang(void **state) {
    (void)state;
    static const struct mxsi_question unknown = {"unknown", answer_doubled, sizeof(int), sizeof(int)};
    const _Atomic int cancelled = 1;
    const struct mxsi_patience an_hour = {.limit_ns = 3600 * UINT64_C(1000000000)};
    const struct mxsi_patience short_one = {.limit_ns = 50 * UINT64_C(1000000)};
    const struct mxsi_patience none = {an_hour.limit_ns, &cancelled};
    crowd_begin();
    ask(&doubled, &an_hour, MXSI_CHILD_ANSWERED, "");
    ask(&death, &an_hour, MXSI_CHILD_DIED, "the process that was asked died");
    ask(&unknown, &an_hour, MXSI_CHILD_DIED, "the process that was asked died");
    ask(&hanging, &short_one, MXSI_CHILD_HUNG, "no answer within 0.05 seconds");
    ask(&hanging, &none, MXSI_CHILD_CANCELLED, "interrupted");
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    ask(&doubled, &an_hour, MXSI_CHILD_ANSWERED, "");
    ask(&death, &an_hour, MXSI_CHILD_DIED, "the process that was asked died");
    (void)signal(SIGCHLD, before);
    crowd_end();
}

/* ---- where there is none ---- */

/* What this program does when it is told to: it needs a launcher, and says what becomes of it. */
static int need_launcher(void) {
    pid_t pid = -1;
    mxs_error error = {.message = "started"};
    if (mxsi_launcher_start("leave", NULL, 0, &pid, &error) == MXS_OK) {
        (void)waitpid(pid, NULL, 0);
    }
    (void)printf("%s\n", error.message);
    return 0;
}

static void read_output(const char *command, char *line, int size) {
    FILE *output = popen(command, "re"); /* NOLINT(cert-env33-c): the command is ours */
    assert_non_null(output);
    if (fgets(line, size, output) == NULL) {
        line[0] = '\0';
    }
    assert_int_equal(pclose(output), 0);
}

/* Called by a bare name, which the dynamic linker takes for its path, from a folder in which something of the
 * launcher's name lies: that must not run. */
static void a_launcher_that_is_not_beside_the_library_is_an_error_even_where_the_current_folder_has_one(void **state) {
    (void)state;
    char self[PATH_MAX] = "";
    assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    char folder[PATH_MAX + 16];
    (void)snprintf(folder, sizeof folder, "%s-XXXXXX", self);
    assert_non_null(mkdtemp(folder));
    char alone[PATH_MAX + 32];
    (void)snprintf(alone, sizeof alone, "%s/alone", folder);
    assert_int_equal(link(self, alone), 0);
    const char *name = strrchr(self, '/') + 1;
    const int home = (int)(name - self);
    char command[3 * PATH_MAX];
    char line[256];
    (void)snprintf(command, sizeof command, "cd '%.*s' && PATH='%s' && alone need", home, self, folder);
    read_output(command, line, sizeof line);
    assert_string_equal(line, "a program with threads needs maxsharpe-launcher, which is not beside the library\n");
    /* ... while one that is beside it is found from any folder and by any path. */
    (void)snprintf(command, sizeof command, "cd '%s' && PATH='%.*s' && %s need", folder, home, self, name);
    read_output(command, line, sizeof line);
    assert_string_equal(line, "started\n");
    (void)snprintf(command, sizeof command, "cd '%s' && '../%s' need", folder, name);
    read_output(command, line, sizeof line);
    assert_string_equal(line, "started\n");
    assert_int_equal(unlink(alone), 0);
    assert_int_equal(rmdir(folder), 0);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, watch_begin, watch_end)

int main(int argc, char **argv) {
    if (strcmp(argv[0], MXSI_LAUNCHER_NAME) == 0) {
        _exit(serve(mxs_version(), argc, argv));
    }
    if (argc > 1) {
        return need_launcher();
    }
    (void)setenv("MAXSHARPE_TEST_WORD", "handed over", 1);
    const struct CMUnitTest tests[] = {
        WATCHED(a_job_runs_clean_where_a_fork_would_hang),
        WATCHED(its_exit_status_is_the_jobs),
        WATCHED(the_terminals_signals_do_not_end_it),
        WATCHED(what_it_does_not_know_is_refused_with_the_reason),
        WATCHED(a_launcher_of_another_version_refuses),
        WATCHED(what_it_has_forked_ends_with_it),
        WATCHED(it_ends_with_the_program_and_so_does_what_it_has_forked),
        WATCHED(questions_are_answered_or_given_up_where_a_fork_would_hang),
        WATCHED(a_launcher_that_is_not_beside_the_library_is_an_error_even_where_the_current_folder_has_one),
    };
    return cmocka_run_group_tests_name("the launcher", tests, NULL, NULL);
}
