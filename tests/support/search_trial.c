#include "support/search_trial.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/conformance_runs.h"
#include "support/made_market.h"

asked trial_options(size_t assets_per_portfolio, uint64_t simulations, unsigned workers) {
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = assets_per_portfolio;
    options.sampling.simulations = simulations;
    options.run.workers = workers;
    return options;
}

asked endless_options(unsigned workers) {
    return trial_options(4, UINT64_C(1000000000000), workers);
}

trial require_search(const mxs_market *market, const asked *options) {
    trial made;
    mxs_error error = {.status = MXS_OK};
    if (trial_create(market, options, &made, &error) != MXS_OK) {
        fail_msg("the search is refused: %s", error.message);
    }
    return made;
}

mxs_result *require_result(const trial *made) {
    mxs_result *result = NULL;
    mxs_error error = {.status = MXS_OK};
    if (trial_run(made, &result, &error) != MXS_OK) {
        fail_msg("the run failed: %s", error.message);
    }
    assert_non_null(result);
    return result;
}

void require_interrupted(const trial *made) {
    mxs_result *result = NULL;
    mxs_error error = {.status = MXS_OK};
    const mxs_status status = trial_run(made, &result, &error);
    if (status != MXS_INTERRUPTED) {
        fail_msg("status %d instead of interrupted: %s", (int)status, error.message);
    }
    assert_int_equal(error.status, MXS_INTERRUPTED);
    assert_true(strlen(error.message) > 0);
    if (result != NULL) {
        assert_int_equal(mxs_result_describe(result)->complete, 0);
        assert_true(mxs_result_describe(result)->portfolio_count >= 1);
    }
    mxs_result_destroy(result);
}

void assert_same_answer(const trial *made, const mxs_result *result, const mxs_result *expected) {
    const mxs_result_info *info = mxs_result_describe(result);
    assert_int_equal(info->complete, 1);
    assert_int_equal(info->simulations_done, mxs_search_describe(made->search)->simulations_total);
    assert_same_leaders(result, expected);
}

struct torment {
    tormentor self;
    pid_t program;
    pid_t process;
    pthread_t thread;
    atomic_int stop;
    atomic_uint sent;
};

static void pause_by_chance(const tormentor *self, struct seeded_random *random) {
    sleep_microseconds((unsigned)(random_below(random, self->longest_pause_us + 1)));
}

static void *torment_workers(void *user) {
    struct torment *torment = user;
    const tormentor *self = &torment->self;
    struct seeded_random random = {self->seed};
    while (!atomic_load(&torment->stop) && atomic_load(&torment->sent) < self->budget) {
        pause_by_chance(self, &random);
        const children_list workers = running_workers(torment->program, self->forker);
        if (workers.count == 0) {
            continue;
        }
        const pid_t victim = workers.pids[random_below(&random, workers.count)];
        if (kill(victim, self->signal) == 0) {
            atomic_fetch_add(&torment->sent, 1);
        }
        if (self->second_signal != 0) {
            pause_by_chance(self, &random);
            (void)kill(victim, self->second_signal);
        }
    }
    return NULL;
}

void tormentor_begin(tormentor *self) {
    struct torment *torment = mmap(NULL, sizeof *torment, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(torment != MAP_FAILED);
    torment->self = *self;
    torment->program = getpid();
    self->torment = torment;
    if (self->forker == ITS_LAUNCHER) {
        assert_int_equal(pthread_create(&torment->thread, NULL, torment_workers, torment), 0);
        return;
    }
    torment->process = fork();
    if (torment->process == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)torment_workers(torment);
        _exit(0);
    }
    assert_true(torment->process > 0);
}

unsigned tormentor_end(tormentor *self) {
    struct torment *torment = self->torment;
    atomic_store(&torment->stop, 1);
    if (self->forker == ITS_LAUNCHER) {
        assert_int_equal(pthread_join(torment->thread, NULL), 0);
        assert_true(wait_for_one_thread());
    } else {
        (void)waitpid(torment->process, NULL, 0); /* fails where SIGCHLD is ignored, but not before it is gone */
    }
    const unsigned sent = atomic_load(&torment->sent);
    (void)munmap(torment, sizeof *torment);
    self->torment = NULL;
    return sent;
}

child_answer ask_in_child(mxs_status (*ask)(const void *argument, mxs_error *error), const void *argument,
                          double seconds) {
    mxs_error *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    child_answer answer = {.ended = 0};
    const pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        shared->status = ask(argument, shared);
        _exit(0);
    }
    assert_true(pid > 0);
    answer.ended = wait_for_end(pid, seconds, &answer.wait_status);
    answer.status = shared->status;
    (void)snprintf(answer.message, sizeof answer.message, "%s", shared->message);
    (void)munmap(shared, sizeof *shared);
    return answer;
}
