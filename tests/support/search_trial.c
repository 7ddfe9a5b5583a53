#include "support/search_trial.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/made_market.h"
#include "support/process_watch.h"

mxs_search_options trial_options(size_t assets_per_portfolio, uint64_t simulations, unsigned workers) {
    mxs_search_options options;
    mxs_search_options_init(&options, sizeof options);
    options.assets_per_portfolio = assets_per_portfolio;
    options.simulations = simulations;
    options.workers = workers;
    return options;
}

mxs_search_options endless_options(unsigned workers) {
    return trial_options(4, UINT64_C(1000000000000), workers);
}

mxs_search *require_search(const mxs_market *market, const mxs_search_options *options) {
    mxs_search *search = NULL;
    mxs_error error = {.status = MXS_OK};
    if (mxs_search_create(market, options, &search, &error) != MXS_OK) {
        fail_msg("the search is refused: %s", error.message);
    }
    return search;
}

mxs_result *require_result(mxs_search *search) {
    mxs_result *result = NULL;
    mxs_error error = {.status = MXS_OK};
    if (mxs_search_run(search, &result, &error) != MXS_OK) {
        fail_msg("the run failed: %s", error.message);
    }
    assert_non_null(result);
    return result;
}

void require_interrupted(mxs_search *search) {
    mxs_result *result = NULL;
    mxs_error error = {.status = MXS_OK};
    const mxs_status status = mxs_search_run(search, &result, &error);
    if (status != MXS_INTERRUPTED) {
        fail_msg("status %d instead of interrupted: %s", (int)status, error.message);
    }
    assert_int_equal(error.status, MXS_INTERRUPTED);
    assert_true(strlen(error.message) > 0);
    if (result != NULL) {
        assert_int_equal(mxs_result_describe(result)->complete, 0);
        assert_true(mxs_result_describe(result)->top_count >= 1);
    }
    mxs_result_destroy(result);
}

void assert_same_answer(const mxs_search *search, const mxs_result *result, const mxs_result *expected) {
    const mxs_problem *problem = mxs_search_problem(search);
    const mxs_result_info *left = mxs_result_describe(result);
    const mxs_result_info *right = mxs_result_describe(expected);
    const size_t k = problem->assets_per_portfolio;
    assert_int_equal(left->complete, 1);
    assert_int_equal(left->simulations_done, problem->simulations_total);
    assert_int_equal(left->top_count, right->top_count);
    for (size_t i = 0; i < left->top_count; ++i) {
        const mxs_portfolio *a = &left->top[i];
        const mxs_portfolio *b = &right->top[i];
        assert_int_equal(a->rank, b->rank);
        assert_int_equal(a->tile, b->tile);
        assert_int_equal(a->attempt, b->attempt);
        assert_memory_equal(&a->sharpe, &b->sharpe, sizeof a->sharpe);
        assert_memory_equal(&a->expected_return, &b->expected_return, sizeof a->expected_return);
        assert_memory_equal(&a->volatility, &b->volatility, sizeof a->volatility);
        assert_memory_equal(a->assets, b->assets, k * sizeof *a->assets);
        assert_memory_equal(a->weights, b->weights, k * sizeof *a->weights);
    }
}

static void pause_by_chance(const tormentor *self, uint64_t *chance) {
    sleep_microseconds((unsigned)(next_chance(chance) % (self->longest_pause_us + 1)));
}

/* A child of the process that is tormented, other than this one. 0: there is none. */
static pid_t choose_victim(uint64_t *chance) {
    const children_list children = running_children(getppid());
    pid_t others[CHILDREN_LIMIT];
    size_t count = 0;
    for (size_t i = 0; i < children.count; ++i) {
        if (children.pids[i] != getpid()) {
            others[count++] = children.pids[i];
        }
    }
    return count == 0 ? 0 : others[next_chance(chance) % count];
}

static void torment(const tormentor *self) {
    uint64_t chance = self->seed;
    while (!atomic_load(&self->shared->stop) && atomic_load(&self->shared->sent) < self->budget) {
        pause_by_chance(self, &chance);
        const pid_t victim = choose_victim(&chance);
        if (victim == 0) {
            continue;
        }
        if (kill(victim, self->signal) == 0) {
            atomic_fetch_add(&self->shared->sent, 1);
        }
        if (self->second_signal != 0) {
            pause_by_chance(self, &chance);
            (void)kill(victim, self->second_signal);
        }
    }
}

void tormentor_begin(tormentor *self) {
    self->shared = mmap(NULL, sizeof *self->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(self->shared != MAP_FAILED);
    self->pid = fork();
    if (self->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        torment(self);
        _exit(0);
    }
    assert_true(self->pid > 0);
}

void tormentor_end(tormentor *self) {
    atomic_store(&self->shared->stop, 1);
    while (waitpid(self->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    self->sent = atomic_load(&self->shared->sent);
    (void)munmap(self->shared, sizeof *self->shared);
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
