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

#include "engines/cpu/cpu_worker.h"
#include "launch/worker_pool.h"
#include "problem/problem_build.h"
#include "run/leaders.h"
#include "run/plan.h"
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
static struct mxsi_evaluator *create(const struct mxsi_inputs *inputs, const struct mxsi_lanes *lanes, void *memory,
                                     char *reason, size_t reason_size) {
    take_step();
    struct mxsi_evaluator *evaluator = mxsi_evaluator_openblas.create(inputs, lanes, memory, reason, reason_size);
    take_step();
    return evaluator;
}

static void select_portfolio(struct mxsi_evaluator *evaluator, const uint32_t *assets) {
    take_step();
    mxsi_evaluator_openblas.select_portfolio(evaluator, assets);
}

static void screen(struct mxsi_evaluator *evaluator, const struct mxsi_block *block, struct mxsi_screen *result,
                   struct mxsi_worker_times *times) {
    mxsi_evaluator_openblas.screen(evaluator, block, result, times);
    take_step();
}

static void run_worker(struct mxsi_segment *segment, uint32_t worker, const void *kind) {
    mxsi_cpu_worker_run(segment, worker, kind);
}

/* A search at the seam below the public API, where the evaluator can be chosen. */
struct inner_search {
    mxs_market *market;
    mxsi_arena *arena;
    struct mxsi_problem problem;
    struct mxsi_inputs inputs;
};

enum { TOP = 6, CHUNK_TILES = 7 };

static void make_inner_search(struct inner_search *search) {
    *search = (struct inner_search){.market = make_market(60, 7, 8), .arena = mxsi_arena_create()};
    assert_non_null(search->arena);
    asked options = trial_options(4, 2000, 0);
    options.problem.top = TOP;
    options.problem.max_weight = 0.6;
    assert_int_equal(mxsi_problem_build(mxs_market_describe(search->market), &options, search->arena, &search->problem,
                                        &search->inputs, NULL),
                     MXS_OK);
}

static void destroy_inner_search(struct inner_search *search) {
    mxsi_arena_destroy(search->arena);
    mxs_market_destroy(search->market);
}

/* Runs it with one fatal step. The leaders are the arena's. */
static struct mxsi_backend_outcome run_inner_search(const struct inner_search *search, unsigned workers, unsigned fatal,
                                                    int signal_number) {
    const _Atomic int cancelled = 0;
    struct mxsi_evaluator_kind kind = mxsi_evaluator_openblas;
    kind.create = create;
    kind.select_portfolio = select_portfolio;
    kind.screen = screen;
    const struct mxsi_backend_job job = {
        .inputs = &search->inputs,
        .periods = 60,
        .simulations_total = search->problem.portfolios * search->problem.simulations,
        .cancelled = &cancelled,
    };
    const struct mxsi_pool_work work = {
        .workers = workers,
        .plan = mxsi_plan_make(&search->problem, CHUNK_TILES, workers),
        .run = run_worker,
        .context = &kind,
        .evaluator = kind.name,
        .start_limit_ns = 2000000000u,
    };
    struct mxsi_backend_outcome outcome = {
        .arena = search->arena,
        .leaders = mxsi_arena_allocate(search->arena, 1, mxsi_leaders_size(TOP)),
    };
    assert_non_null(outcome.leaders);
    mxsi_leaders_init(outcome.leaders, TOP);
    atomic_store(&fate->steps, 0);
    fate->fatal = fatal;
    fate->signal = signal_number;
    struct mxsi_identity fault = {0};
    mxs_error error = {.status = MXS_OK};
    const mxs_status status = mxsi_pool_run(&job, &work, &outcome, &fault, &error);
    if (status != MXS_OK) {
        fail_msg("step %u was fatal: %s", fatal, error.message);
    }
    assert_int_equal(outcome.complete, 1);
    assert_int_equal(outcome.simulations_done, job.simulations_total);
    return outcome;
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
    struct inner_search search;
    make_inner_search(&search);
    const struct mxsi_backend_outcome expected = run_inner_search(&search, 1, 0, 0);
    const unsigned steps = atomic_load(&fate->steps);
    assert_true(steps > 100);
    assert_int_equal(expected.leaders->count, TOP);
    assert_int_equal(expected.workers_lost, 0);
    for (unsigned fatal = 1; fatal <= steps; fatal += stride) {
        const int signal_number = signals[fatal / stride % signal_count];
        const struct mxsi_backend_outcome outcome = run_inner_search(&search, workers, fatal, signal_number);
        assert_int_equal(outcome.workers_lost, 1);
        assert_int_equal(outcome.leaders->count, expected.leaders->count);
        assert_memory_equal(outcome.leaders->items, expected.leaders->items, TOP * sizeof expected.leaders->items[0]);
    }
    destroy_inner_search(&search);
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
    struct inner_search search;
    make_inner_search(&search);
    const struct mxsi_backend_outcome expected = run_inner_search(&search, 1, 0, 0);
    const struct mxsi_backend_outcome outcome = run_inner_search(&search, 1, 1, SIGSTOP);
    assert_int_equal(outcome.workers_lost, 1);
    assert_memory_equal(outcome.leaders->items, expected.leaders->items, TOP * sizeof expected.leaders->items[0]);
    destroy_inner_search(&search);
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
