/* Workers that are not ready in time, by engines made up here: one whose worker hangs once, and one whose worker always
 * does, as a GPU whose driver hangs. Time limits are the plan's, so the tests take as long as they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engines/cpu/cpu_engine.h"
#include "launch/launch.h"
#include "run/worker.h"
#include "support/built_problem.h"
#include "support/made_market.h"
#include "support/process_watch.h"

enum { SEED = 20261125 };

static const uint64_t LIMIT_NS = 100 * UINT64_C(1000000);

static void hang(void) {
    for (;;) {
        (void)pause();
    }
}

static void never_be_ready(const struct mxsi_task_image *image, const struct mxsi_run_state *state, uint32_t worker) {
    (void)image;
    (void)state;
    (void)worker;
    hang();
}

/* What the slot counts says whether this is the first start. */
static void be_ready_the_second_time(const struct mxsi_task_image *image, const struct mxsi_run_state *state,
                                     uint32_t worker) {
    struct mxsi_slot *slot = mxsi_run_state_slot(state, worker);
    if (atomic_fetch_add(&slot->simulations_kept, 1) == 0) {
        hang();
    }
    atomic_store(&slot->simulations_kept, 0);
    mxsi_cpu_engine.work(image, state, worker);
}

struct run {
    struct built_problem built;
    struct mxsi_task_image image;
    struct mxsi_run_state state;
    _Atomic int cancelled;
    struct mxsi_run_request request;
};

static void begin(struct run *run, int is_failure) {
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 3;
    options.sampling.simulations = 100;
    build_problem(&run->built, make_market(60, 8, SEED), &options);
    run->request = (struct mxsi_run_request){.workers = 1, .cancelled = &run->cancelled};
    const struct mxsi_span whole = mxsi_plan_whole(&run->built.task);
    struct mxsi_engine_plan plan;
    assert_int_equal(mxsi_cpu_engine.plan(&run->built.task, &run->request, &whole, 1, &plan, NULL), MXS_OK);
    plan.start_limit_ns = LIMIT_NS;
    plan.start_limit_is_failure = (uint32_t)is_failure;
    assert_int_equal(mxsi_task_image_create(&run->built.task, &run->image, NULL), MXS_OK);
    assert_int_equal(mxsi_run_state_create(&plan, &whole, 1, NULL, &run->state, NULL), MXS_OK);
}

static void end(struct run *run) {
    mxsi_run_state_destroy(&run->state);
    mxsi_task_image_destroy(&run->image);
    destroy_problem(&run->built);
}

static mxs_status launch(struct run *run,
                         void (*work)(const struct mxsi_task_image *, const struct mxsi_run_state *, uint32_t),
                         struct mxsi_launch_end *ended, mxs_error *error) {
    struct mxsi_engine engine = mxsi_cpu_engine;
    engine.work = work;
    return mxsi_launch(&engine, &run->image, &run->state, &run->request, 0, ended, error);
}

static void a_worker_that_is_late_is_replaced(void **state) {
    (void)state;
    struct run run = {.cancelled = 0};
    begin(&run, 0);
    struct mxsi_launch_end ended;
    mxs_error error = {.message = ""};
    assert_int_equal(launch(&run, be_ready_the_second_time, &ended, &error), MXS_OK);
    assert_int_equal(ended.workers_lost, 1);
    assert_int_equal(mxsi_run_state_chunks_done(&run.state), run.state.plan.work.chunks);
    end(&run);
}

/* Where the plan takes it for a failure of the engine, what is left can be planned again. */
static void an_engine_whose_worker_is_late_has_failed_and_leaves_all_of_the_work(void **state) {
    (void)state;
    struct run run = {.cancelled = 0};
    begin(&run, 1);
    struct mxsi_launch_end ended;
    mxs_error error = {.message = ""};
    assert_int_equal(launch(&run, never_be_ready, &ended, &error), MXS_ERROR_BACKEND);
    print_message("%s\n", error.message);
    assert_non_null(strstr(error.message, "worker 0 of cpu was not ready after 0.1 seconds"));
    struct mxsi_span rest[2];
    assert_int_equal(mxsi_run_state_rest(&run.state, rest), 1);
    assert_int_equal(rest[0].first, 0);
    assert_int_equal(rest[0].end, mxsi_plan_whole(&run.built.task).end);
    end(&run);
}

static void a_worker_that_is_always_late_ends_the_run(void **state) {
    (void)state;
    struct run run = {.cancelled = 0};
    begin(&run, 0);
    struct mxsi_launch_end ended;
    mxs_error error = {.message = ""};
    assert_int_equal(launch(&run, never_be_ready, &ended, &error), MXS_ERROR_RUN);
    print_message("%s\n", error.message);
    assert_non_null(strstr(error.message, "died one after the other"));
    end(&run);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, watch_begin, watch_end)

int main(void) {
    print_message("seed %d\n", SEED);
    const struct CMUnitTest tests[] = {
        WATCHED(a_worker_that_is_late_is_replaced),
        WATCHED(an_engine_whose_worker_is_late_has_failed_and_leaves_all_of_the_work),
        WATCHED(a_worker_that_is_always_late_ends_the_run),
    };
    return cmocka_run_group_tests_name("workers that are late", tests, NULL, NULL);
}
