/* The end of a run, by engines made up here: who is not needed any more is not waited for, and what fails when nothing
 * is left to do, or when the run is to stop, fails nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engines/cpu/cpu_engine.h"
#include "launch/launch.h"
#include "run/worker.h"
#include "support/built_problem.h"
#include "support/made_market.h"
#include "support/process_watch.h"

enum { SEED = 20261126 };

struct run {
    struct built_problem built;
    struct mxsi_task_image image;
    struct mxsi_run_state state;
    _Atomic int cancelled;
    struct mxsi_run_request request;
};

/* A plan for two workers, of several chunks. */
static void begin(struct run *run) {
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 3;
    options.sampling.simulations = 100;
    build_problem(&run->built, make_market(60, 8, SEED), &options);
    run->request = (struct mxsi_run_request){.workers = 2, .cancelled = &run->cancelled};
    const struct mxsi_span whole = mxsi_plan_whole(&run->built.task);
    struct mxsi_engine_plan plan;
    assert_int_equal(mxsi_cpu_engine.plan(&run->built.task, &run->request, &whole, 1, &plan, NULL), MXS_OK);
    assert_int_equal(plan.workers, 2);
    assert_int_equal(mxsi_task_image_create(&run->built.task, &run->image, NULL), MXS_OK);
    assert_int_equal(mxsi_run_state_create(&plan, &whole, 1, NULL, &run->state, NULL), MXS_OK);
}

static void end(struct run *run) {
    mxsi_run_state_destroy(&run->state);
    mxsi_task_image_destroy(&run->image);
    destroy_problem(&run->built);
}

typedef void work_function(const struct mxsi_task_image *image, const struct mxsi_run_state *state, uint32_t worker);

static mxs_status launch(struct run *run, work_function *work, struct mxsi_launch_end *ended, mxs_error *error) {
    struct mxsi_engine engine = mxsi_cpu_engine;
    engine.work = work;
    return mxsi_launch(&engine, &run->image, &run->state, &run->request, 0, ended, error);
}

static int is_all_done(const struct mxsi_run_state *state) {
    return mxsi_run_state_chunks_done(state) == state->plan.work.chunks;
}

/* Long enough to be ready at last, where somebody waits for it. */
static void be_slow_to_start(const struct mxsi_task_image *image, const struct mxsi_run_state *state, uint32_t worker) {
    if (worker == 1) {
        sleep_microseconds(3000000);
    }
    mxsi_cpu_engine.work(image, state, worker);
}

static void who_is_not_ready_when_all_is_done_is_not_waited_for(void **state) {
    (void)state;
    struct run run = {.cancelled = 0};
    struct mxsi_launch_end ended;
    mxs_error error = {.message = ""};
    begin(&run);
    assert_int_equal(launch(&run, be_slow_to_start, &ended, &error), MXS_OK);
    assert_true(is_all_done(&run.state));
    assert_int_equal(ended.workers_lost, 0);
    assert_int_equal(atomic_load(&mxsi_run_state_slot(&run.state, 0)->is_ready), 1);
    assert_int_equal(atomic_load(&mxsi_run_state_slot(&run.state, 1)->is_ready), 0);
    end(&run);
}

static void fail_when_all_is_done(const struct mxsi_task_image *image, const struct mxsi_run_state *state,
                                  uint32_t worker) {
    if (worker == 0) {
        mxsi_cpu_engine.work(image, state, worker);
        return;
    }
    mxsi_worker_is_ready(state, worker);
    while (!is_all_done(state)) {
        sleep_microseconds(1000);
    }
    mxsi_worker_fail(state, worker, MXS_ERROR_BACKEND, "the device is lost");
}

static void an_engine_that_fails_when_all_is_done_has_done_it(void **state) {
    (void)state;
    struct run run = {.cancelled = 0};
    struct mxsi_launch_end ended;
    mxs_error error = {.message = "untouched"};
    begin(&run);
    assert_int_equal(launch(&run, fail_when_all_is_done, &ended, &error), MXS_OK);
    assert_string_equal(error.message, "untouched");
    assert_true(is_all_done(&run.state));
    end(&run);
}

static void fail_when_told_to_stop(const struct mxsi_task_image *image, const struct mxsi_run_state *state,
                                   uint32_t worker) {
    (void)image;
    mxsi_worker_is_ready(state, worker);
    while (atomic_load(&state->board->stop) == 0) {
        sleep_microseconds(1000);
    }
    mxsi_worker_fail(state, worker, MXS_ERROR_BACKEND, "the device is lost");
}

static int stop_the_second_time(const mxs_progress *progress, void *user) {
    (void)progress;
    int *const times = user;
    return ++*times == 2;
}

static void an_engine_that_fails_while_the_run_stops_does_not_fail_it(void **state) {
    (void)state;
    int times = 0;
    struct run run = {.cancelled = 0};
    struct mxsi_launch_end ended;
    mxs_error error = {.message = "untouched"};
    begin(&run);
    run.request.progress = stop_the_second_time;
    run.request.progress_user = &times;
    assert_int_equal(launch(&run, fail_when_told_to_stop, &ended, &error), MXS_OK);
    assert_string_equal(error.message, "untouched");
    assert_int_equal(mxsi_run_state_chunks_done(&run.state), 0);
    end(&run);
}

int main(void) {
    print_message("seed %d\n", SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_not_ready_when_all_is_done_is_not_waited_for),
        cmocka_unit_test(an_engine_that_fails_when_all_is_done_has_done_it),
        cmocka_unit_test(an_engine_that_fails_while_the_run_stops_does_not_fail_it),
    };
    return cmocka_run_group_tests_name("the end of the work", tests, NULL, NULL);
}
