/* Shared memory is read as what another process may have spoilt: what cannot be true is not believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/result.h"
#include "base/monotonic_clock.h"
#include "run/run_state.h"
#include "run/task_image.h"
#include "sampling/rescore.h"
#include "support/built_problem.h"

enum { TOP = 3, CAPACITY = TOP };

/* Of one worker and one chunk. */
static void make_state(struct mxsi_run_state *state) {
    static const struct mxsi_span span = {0, 10};
    const struct mxsi_engine_plan plan = {.workers = 1,
                                          .work = {.units = 10, .chunk_units = 10, .chunks = 1, .span_count = 1}};
    assert_int_equal(mxsi_run_state_create(&plan, &span, TOP, NULL, state, NULL), MXS_OK);
}

/* How many leaders are collected from a state, and the simulations. */
static uint32_t collect(const struct mxsi_run_state *state, uint64_t *simulations) {
    struct mxsi_leaders leaders;
    mxs_worker_stats stats;
    char kernel[64];
    void *memory = aligned_alloc(64, mxsi_leaders_size(CAPACITY));
    assert_non_null(memory);
    mxsi_leaders_init(&leaders, CAPACITY, memory);
    *simulations = mxsi_run_state_collect(state, mxsi_now_ns(), &leaders, &stats, kernel, sizeof kernel);
    free(memory);
    return leaders.count;
}

static void a_list_of_more_leaders_than_there_is_room_for_is_not_read(void **state) {
    (void)state;
    static const uint32_t counts[] = {TOP + 1, UINT32_C(1) << 30, UINT32_MAX};
    uint64_t simulations = 0;
    struct mxsi_run_state made;
    make_state(&made);
    struct mxsi_leader_list *list = mxsi_slot_leaders(&made, mxsi_run_state_slot(&made, 0), 0);
    for (uint32_t i = 0; i < TOP; ++i) {
        list->items[i] = (struct mxsi_leader){.value = 1.0, .identity = {.rank = i}};
    }
    list->count = TOP;
    assert_int_equal(collect(&made, &simulations), TOP);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; ++i) {
        list->count = counts[i];
        assert_int_equal(collect(&made, &simulations), 0);
    }
    mxsi_run_state_destroy(&made);
}

static void a_slot_has_two_lists_whichever_it_names(void **state) {
    (void)state;
    struct mxsi_run_state made;
    make_state(&made);
    struct mxsi_slot *slot = mxsi_run_state_slot(&made, 0);
    for (uint32_t which = 0; which < 10; ++which) {
        const char *list = (const char *)mxsi_slot_leaders(&made, slot, UINT32_MAX - which);
        assert_true(list >= (const char *)slot && list + made.list_size <= (const char *)slot + made.slot_size);
    }
    mxsi_run_state_destroy(&made);
}

static void a_worker_that_was_killed_unseen_has_done_its_finished_chunks(void **state) {
    (void)state;
    uint64_t simulations = 0;
    struct mxsi_run_state made;
    make_state(&made);
    struct mxsi_slot *slot = mxsi_run_state_slot(&made, 0);
    atomic_store(&slot->simulations, 100);
    atomic_store(&slot->simulations_kept, 60);
    atomic_store(&slot->state, MXSI_SLOT_FINISHED);
    (void)collect(&made, &simulations);
    assert_int_equal(simulations, 100);
    atomic_store(&slot->state, MXSI_SLOT_RUNNING);
    (void)collect(&made, &simulations);
    assert_int_equal(simulations, 60);
    mxsi_run_state_destroy(&made);
}

/* A result of one leader, with the value that it has wherever it is. */
static mxs_status finish_with(const struct mxsi_task *task, struct mxsi_identity identity) {
    struct mxsi_rescorer rescorer;
    struct mxsi_score score = {0};
    void *memory = aligned_alloc(64, mxsi_rescorer_size(task->problem->assets_per_portfolio));
    assert_non_null(memory);
    mxsi_rescorer_init(&rescorer, task->problem, task->sampling, memory);
    assert_int_equal(mxsi_rescore(&rescorer, &identity, &score), 0);
    free(memory);
    const struct mxsi_leader leader = {.value = score.value, .identity = identity};
    mxs_result *result = NULL;
    assert_int_equal(mxsi_result_create(1, &result, NULL), MXS_OK);
    (void)mxsi_leaders_offer(&mxsi_result_record(result)->leaders, &leader);
    const mxs_status status = mxsi_result_finish(result, task, NULL);
    mxs_result_destroy(result);
    return status;
}

static void a_leader_that_is_no_simulation_of_the_search_is_an_error(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    built.sampling.first_portfolio = 2;
    built.sampling.end_portfolio = built.problem.portfolios - 1;
    const uint64_t last = built.sampling.end_portfolio - 1;
    const uint32_t tiles = (uint32_t)built.sampling.tiles_per_portfolio;
    assert_true(last > 2);
    assert_int_equal(finish_with(&built.task, (struct mxsi_identity){2, 0, 0}), MXS_OK);
    assert_int_equal(finish_with(&built.task, (struct mxsi_identity){last, tiles - 1, 0}), MXS_OK);
    assert_int_equal(finish_with(&built.task, (struct mxsi_identity){1, 0, 0}), MXS_ERROR_RUN);
    assert_int_equal(finish_with(&built.task, (struct mxsi_identity){last + 1, 0, 0}), MXS_ERROR_RUN);
    assert_int_equal(finish_with(&built.task, (struct mxsi_identity){2, tiles, 0}), MXS_ERROR_RUN);
    destroy_problem(&built);
}

static void assert_inside(const struct mxsi_task_image *image, const void *array, size_t size) {
    const char *begin = image->shared.bytes;
    const char *at = array;
    assert_true(at >= begin && at + size <= begin + image->shared.size);
}

/* Every word of the header in turn, as a number that would lead far away. */
static void an_image_whose_offsets_lead_out_of_it_is_none(void **state) {
    (void)state;
    struct built_problem built;
    struct mxsi_task_image image;
    build_full_problem(&built);
    assert_int_equal(mxsi_task_image_create(&built.task, &image, NULL), MXS_OK);
    const size_t words = ((size_t)image.problem_image - (size_t)image.shared.bytes) / sizeof(uint64_t);
    uint64_t *header = image.shared.bytes;
    const size_t n = built.problem.assets;
    unsigned refused = 0;
    for (size_t i = 0; i < words; ++i) {
        const uint64_t kept = header[i];
        header[i] = UINT64_C(1) << 40;
        struct mxsi_task_image other;
        const int descriptor = dup(image.shared.descriptor);
        if (mxsi_task_image_map(descriptor, &other) == 0) {
            assert_inside(&other, other.problem_image, mxsi_problem_image_size(&built.problem));
            assert_inside(&other, other.sampling.table, other.sampling.table_size);
            assert_inside(&other, other.screening.excess, n * sizeof(float));
            assert_inside(&other, other.screening.risk, n * n * sizeof(float));
            assert_inside(&other, other.screening.floor, n * sizeof(double));
            assert_inside(&other, other.screening.ceiling, n * sizeof(double));
            mxsi_task_image_destroy(&other);
        } else {
            ++refused;
        }
        header[i] = kept;
    }
    assert_true(refused >= 10); /* magic, version, two sizes, six offsets */
    mxsi_task_image_destroy(&image);
    destroy_problem(&built);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_of_more_leaders_than_there_is_room_for_is_not_read),
        cmocka_unit_test(a_slot_has_two_lists_whichever_it_names),
        cmocka_unit_test(a_worker_that_was_killed_unseen_has_done_its_finished_chunks),
        cmocka_unit_test(a_leader_that_is_no_simulation_of_the_search_is_an_error),
        cmocka_unit_test(an_image_whose_offsets_lead_out_of_it_is_none),
    };
    return cmocka_run_group_tests_name("what is believed of shared memory", tests, NULL, NULL);
}
