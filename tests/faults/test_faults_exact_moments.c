/* A worker that dies at one exact moment after another: at its start, and in every single block of a search. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "engines/cpu/cpu_workers.h"
#include "launch/launch.h"
#include "run/leaders.h"
#include "run/plan.h"
#include "support/built_problem.h"
#include "support/made_market.h"
#include "support/process_watch.h"
#include "support/search_trial.h"

/* A fatal step: the how-manieth step of all workers together ends the process that takes it. */
struct fate {
    atomic_uint steps; /* taken so far */
    unsigned fatal;    /* 0: none */
    int signal;        /* 0: it exits instead */
};

static struct fate *fate; /* in memory shared with the workers */

static void take_step(void) {
    if (atomic_fetch_add(&fate->steps, 1) + 1 != fate->fatal) {
        return;
    }
    if (fate->signal != 0) {
        (void)kill(getpid(), fate->signal);
    }
    _exit(3);
}

/* The evaluator of a search, with a step before and after everything that it does. */
static void init(struct mxsi_evaluator_base *evaluator) {
    take_step();
    if (mxsi_evaluator_openblas.base.init != NULL) {
        mxsi_evaluator_openblas.base.init(evaluator);
    }
    take_step();
}

static void select_portfolio(void *evaluator, const uint32_t *assets) {
    take_step();
    mxsi_evaluator_openblas.select_portfolio(evaluator, assets);
}

static void screen(void *evaluator, const struct mxsi_block *block, struct mxsi_screen *result,
                   struct mxsi_worker_times *times) {
    mxsi_evaluator_openblas.screen(evaluator, block, result, times);
    take_step();
}

/* The first step is before the worker is ready. */
static void work(const struct mxsi_task_image *image, const struct mxsi_run_state *state, uint32_t worker) {
    struct mxsi_block_evaluator_kind kind = mxsi_evaluator_openblas;
    kind.base.init = init;
    kind.select_portfolio = select_portfolio;
    kind.screen = screen;
    const struct mxsi_task task = mxsi_task_image_read(image);
    take_step();
    mxsi_worker_is_ready(state, worker);
    mxsi_cpu_block_worker_run(&task, state, worker, &kind);
}

enum { TOP = 6, CHUNK_TILES = 7 };

static void make_problem(struct built_problem *built) {
    asked options = trial_options(4, 2000, 0);
    options.problem.top = TOP;
    options.problem.max_weight = 0.6;
    build_problem(built, make_market(60, 7, 8), &options);
}

/* What a run leaves. */
struct outcome {
    size_t workers_lost;
    uint32_t count;
    struct mxsi_leader leaders[TOP];
};

static void collect(const struct mxsi_run_state *state, uint64_t simulations, struct outcome *outcome) {
    enum { MOST_WORKERS = 3 };
    mxs_worker_stats stats[MOST_WORKERS];
    char kernel[64];
    struct mxsi_leaders leaders;
    void *memory = aligned_alloc(64, (mxsi_leaders_size(TOP) + 63) / 64 * 64);
    assert_non_null(memory);
    assert_true(state->plan.workers <= MOST_WORKERS);
    mxsi_leaders_init(&leaders, TOP, memory);
    assert_int_equal(mxsi_run_state_collect(state, 0, &leaders, stats, kernel, sizeof kernel), simulations);
    mxsi_leaders_sort(&leaders);
    outcome->count = leaders.count;
    memcpy(outcome->leaders, leaders.items, leaders.count * sizeof *leaders.items);
    free(memory);
}

/* Runs it with one fatal step, below the public API, where the evaluator can be chosen. */
static struct outcome run_problem(const struct built_problem *built, unsigned workers, unsigned fatal,
                                  int signal_number) {
    static const struct mxsi_engine engine = {.backend = MXS_BACKEND_CPU, .work = work};
    const _Atomic int cancelled = 0;
    const struct mxsi_run_request request = {.cancelled = &cancelled};
    const struct mxsi_span whole = mxsi_plan_whole(&built->task);
    const struct mxsi_engine_plan plan = {
        .backend = MXS_BACKEND_CPU,
        .workers = workers,
        .work = mxsi_plan_make(&built->task, &whole, 1, CHUNK_TILES, workers),
        .start_limit_ns = 2000000000u,
    };
    struct mxsi_task_image image;
    struct mxsi_run_state state;
    struct mxsi_launch_end end;
    struct outcome outcome = {0};
    mxs_error error = {.status = MXS_OK};
    assert_int_equal(mxsi_task_image_create(&built->task, &image, NULL), MXS_OK);
    assert_int_equal(mxsi_run_state_create(&plan, &whole, TOP, NULL, &state, NULL), MXS_OK);
    atomic_store(&fate->steps, 0);
    fate->fatal = fatal;
    fate->signal = signal_number;
    if (mxsi_launch(&engine, &image, &state, &request, 0, &end, &error) != MXS_OK) {
        fail_msg("step %u was fatal: %s", fatal, error.message);
    }
    assert_int_equal(mxsi_run_state_chunks_done(&state), plan.work.chunks);
    outcome.workers_lost = end.workers_lost;
    collect(&state, built->problem.portfolios * built->sampling.simulations, &outcome);
    mxsi_run_state_destroy(&state);
    mxsi_task_image_destroy(&image);
    return outcome;
}

static void assert_same_outcome(const struct outcome *outcome, const struct outcome *expected) {
    assert_int_equal(outcome->workers_lost, 1);
    assert_int_equal(outcome->count, TOP);
    assert_memory_equal(outcome->leaders, expected->leaders, sizeof expected->leaders);
}

static int begin(void **state) {
    fate = mmap(NULL, sizeof *fate, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return fate == MAP_FAILED ? -1 : watch_begin(state);
}

static int end(void **state) {
    (void)munmap(fate, sizeof *fate);
    return watch_end(state);
}

static void try_every_fatal_step(unsigned workers, const int *signals, size_t signal_count, unsigned stride) {
    struct built_problem built;
    make_problem(&built);
    const struct outcome expected = run_problem(&built, 1, 0, 0);
    const unsigned steps = atomic_load(&fate->steps);
    assert_true(steps > 100);
    assert_int_equal(expected.count, TOP);
    assert_int_equal(expected.workers_lost, 0);
    for (unsigned fatal = 1; fatal <= steps; fatal += stride) {
        const struct outcome outcome = run_problem(&built, workers, fatal, signals[fatal / stride % signal_count]);
        assert_same_outcome(&outcome, &expected);
    }
    destroy_problem(&built);
}

static void the_only_worker_killed_at_any_step_changes_no_bit(void **state) {
    (void)state;
    static const int signals[] = {SIGKILL};
    try_every_fatal_step(1, signals, 1, 1);
}

static void one_of_three_workers_killed_at_some_step_changes_no_bit(void **state) {
    (void)state;
    static const int signals[] = {SIGKILL};
    try_every_fatal_step(3, signals, 1, 5);
}

/* Whatever ends it: a crash, a limit, even an exit that nobody asked for. */
static void a_worker_may_die_in_any_way(void **state) {
    (void)state;
    static const int signals[] = {SIGKILL, SIGBUS, 0, SIGXCPU, SIGABRT};
    try_every_fatal_step(2, signals, sizeof signals / sizeof signals[0], 7);
}

/* As one that waits for a lock which the fork has left held by nobody. */
static void a_worker_that_never_gets_ready_is_replaced(void **state) {
    (void)state;
    struct built_problem built;
    make_problem(&built);
    const struct outcome expected = run_problem(&built, 1, 0, 0);
    const struct outcome outcome = run_problem(&built, 1, 1, SIGSTOP);
    assert_same_outcome(&outcome, &expected);
    destroy_problem(&built);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_only_worker_killed_at_any_step_changes_no_bit, begin, end),
        cmocka_unit_test_setup_teardown(one_of_three_workers_killed_at_some_step_changes_no_bit, begin, end),
        cmocka_unit_test_setup_teardown(a_worker_may_die_in_any_way, begin, end),
        cmocka_unit_test_setup_teardown(a_worker_that_never_gets_ready_is_replaced, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
