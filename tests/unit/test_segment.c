/* The shared segment: what is put in is read back, by this process and by its children; nothing of it has a name. */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/segment.h"
#include "support/built_problem.h"

enum { WORKERS = 3 };

static struct mxsi_segment *make_segment(const struct mxsi_inputs *inputs, uint64_t periods, uint64_t chunk_tiles) {
    const struct mxsi_plan plan = mxsi_plan_make(inputs->problem, chunk_tiles, WORKERS);
    struct mxsi_segment *segment = NULL;
    mxs_error error = {.message = ""};
    if (mxsi_segment_create(inputs, periods, &plan, WORKERS, &segment, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    assert_non_null(segment);
    return segment;
}

/* A market with returns, two assets included and a sampler that has a table: every array is in use. */
static void build_full_problem(struct built_problem *built) {
    static const char *const INCLUDE[] = {"A7", "A2"};
    enum { ROWS = 40, ASSETS = 11 };
    struct seeded_random random = {17};
    double returns[ROWS * ASSETS];
    for (size_t i = 0; i < ROWS * ASSETS; ++i) {
        returns[i] = 0.01 * random_normal(&random);
    }
    mxs_market_options market_options;
    mxs_market_options_init(&market_options, sizeof market_options);
    market_options.input = MXS_INPUT_RETURNS;
    mxs_market *market = NULL;
    mxs_error error = {.message = ""};
    if (mxs_market_create(returns, ROWS, ASSETS, NULL, &market_options, &market, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = 7;
    options.problem.max_weight = 0.2;
    options.problem.include = INCLUDE;
    options.problem.include_count = 2;
    options.problem.top = 13;
    build_problem(built, market, &options);
    assert_int_equal(built->sampling.sampler, MXS_SAMPLER_FIXED_SUM);
}

static int same_bytes(const void *a, const void *b, size_t size) {
    return memcmp(a, b, size) == 0;
}

static int same_inputs(const struct mxsi_inputs *a, const struct mxsi_inputs *b, size_t periods) {
    const struct mxsi_problem *problem = a->problem;
    const size_t n = problem->assets;
    const size_t k = problem->assets_per_portfolio;
    return same_bytes(problem, b->problem, sizeof *problem) &&
           same_bytes(a->returns, b->returns, periods * n * sizeof(double)) &&
           same_bytes(a->mean, b->mean, n * sizeof(double)) &&
           same_bytes(a->covariance, b->covariance, n * n * sizeof(double)) &&
           same_bytes(a->excess, b->excess, n * sizeof(float)) && same_bytes(a->risk, b->risk, n * n * sizeof(float)) &&
           same_bytes(a->forced, b->forced, problem->forced_count * sizeof(uint32_t)) &&
           same_bytes(a->free_assets, b->free_assets, problem->free_count * sizeof(uint32_t)) &&
           same_bytes(a->fixed_sum_chance, b->fixed_sum_chance, (k - 1) * k * sizeof(uint32_t));
}

static void inputs_read_back_are_those_put_in(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct mxsi_segment *segment = make_segment(&built.inputs, 40, 2);
    const struct mxsi_inputs found = mxsi_segment_inputs(segment);
    assert_ptr_not_equal(found.mean, built.inputs.mean);
    assert_true(same_inputs(&built.inputs, &found, 40));
    assert_ptr_equal(found.problem, &segment->problem);
    assert_int_equal(segment->periods, 40);
    assert_int_equal(segment->worker_count, WORKERS);
    assert_string_equal(segment->magic, MXSI_SEGMENT_MAGIC);
    assert_int_equal(segment->version, MXSI_SEGMENT_VERSION);
    mxsi_segment_destroy(segment);
    destroy_problem(&built);
}

static void every_array_and_slot_begins_on_a_line_of_64_bytes_behind_the_one_before(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct mxsi_segment *segment = make_segment(&built.inputs, 40, 1);
    const struct mxsi_problem *problem = &segment->problem;
    const uint64_t n = problem->assets;
    const uint64_t k = problem->assets_per_portfolio;
    const uint64_t pieces[][2] = {
        {0, sizeof *segment},
        {segment->returns_at, 40 * n * sizeof(double)},
        {segment->mean_at, n * sizeof(double)},
        {segment->covariance_at, n * n * sizeof(double)},
        {segment->excess_at, n * sizeof(float)},
        {segment->risk_at, n * n * sizeof(float)},
        {segment->forced_at, problem->forced_count * sizeof(uint32_t)},
        {segment->free_assets_at, problem->free_count * sizeof(uint32_t)},
        {segment->fixed_sum_chance_at, (k - 1) * k * sizeof(uint32_t)},
        {segment->done_at, segment->plan.chunks},
        {segment->slots_at, WORKERS * segment->slot_size},
        {segment->size, 0},
    };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; ++i) {
        assert_int_equal(pieces[i][0] % MXSI_CACHE_LINE, 0);
        assert_true(i == 0 || pieces[i][0] >= pieces[i - 1][0] + pieces[i - 1][1]);
    }
    assert_int_equal(segment->slot_size % MXSI_CACHE_LINE, 0);
    assert_int_equal(sizeof(struct mxsi_slot) % MXSI_CACHE_LINE, 0);
    assert_true(segment->leaders_size >= mxsi_leaders_size(problem->top));
    mxsi_segment_destroy(segment);
    destroy_problem(&built);
}

static void slots_start_empty_and_each_has_two_lists_of_its_own(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct mxsi_segment *segment = make_segment(&built.inputs, 40, 1);
    for (uint32_t worker = 0; worker < WORKERS; ++worker) {
        struct mxsi_slot *slot = mxsi_segment_slot(segment, worker);
        assert_int_equal(atomic_load(&slot->state), MXSI_SLOT_IDLE);
        assert_int_equal(atomic_load(&slot->simulations), 0);
        for (uint32_t which = 0; which < 2; ++which) {
            struct mxsi_leaders *leaders = mxsi_slot_leaders(segment, slot, which);
            assert_int_equal(leaders->capacity, built.problem.top);
            assert_int_equal(leaders->count, 0);
            for (uint64_t rank = 0; rank < built.problem.top; ++rank) {
                const struct mxsi_leader leader = {worker * 2.0 + which, {rank, worker, which}};
                assert_int_equal(mxsi_leaders_offer(leaders, &leader), 1);
            }
        }
    }
    for (uint32_t worker = 0; worker < WORKERS; ++worker) {
        struct mxsi_slot *slot = mxsi_segment_slot(segment, worker);
        for (uint32_t which = 0; which < 2; ++which) {
            const struct mxsi_leaders *leaders = mxsi_slot_leaders(segment, slot, which);
            assert_int_equal(leaders->count, built.problem.top);
            for (uint32_t i = 0; i < leaders->count; ++i) {
                assert_true(leaders->items[i].sharpe == worker * 2.0 + which);
                assert_int_equal(leaders->items[i].identity.tile, worker);
            }
        }
        assert_int_equal(atomic_load(&slot->state), MXSI_SLOT_IDLE);
    }
    const _Atomic uint8_t *done = mxsi_segment_done(segment);
    for (uint64_t chunk = 0; chunk < segment->plan.chunks; ++chunk) {
        assert_int_equal(atomic_load(&done[chunk]), 0);
    }
    const struct mxsi_inputs found = mxsi_segment_inputs(segment);
    assert_true(same_inputs(&built.inputs, &found, 40)); /* the lists overran nothing */
    mxsi_segment_destroy(segment);
    destroy_problem(&built);
}

static void a_market_of_moments_has_no_returns_in_its_segment(void **state) {
    (void)state;
    struct built_problem built;
    build_sampler(&built, 5, 0.0, 1.0, 1);
    struct mxsi_segment *segment = make_segment(&built.inputs, 0, 1);
    const struct mxsi_inputs found = mxsi_segment_inputs(segment);
    assert_null(found.returns);
    assert_memory_equal(found.mean, built.inputs.mean, 5 * sizeof(double));
    assert_int_equal(segment->periods, 0);
    mxsi_segment_destroy(segment);
    destroy_problem(&built);
}

/* Runs in a child: reads what the parent put in and leaves a word in its slot. */
static int work_as_child(const struct built_problem *built, struct mxsi_segment *segment) {
    const struct mxsi_inputs found = mxsi_segment_inputs(segment);
    if (!same_inputs(&built->inputs, &found, 40)) {
        return 1;
    }
    struct mxsi_slot *slot = mxsi_segment_slot(segment, 1);
    const struct mxsi_leader leader = {1.25, {2, 3, 4}};
    (void)mxsi_leaders_offer(mxsi_slot_leaders(segment, slot, 1), &leader);
    atomic_store(&slot->published, 1);
    atomic_store(&mxsi_segment_done(segment)[2], 1);
    (void)atomic_fetch_add(&segment->next_chunk, 3);
    return sem_post(&segment->wakeup) == 0 ? 0 : 2;
}

static void a_forked_child_and_its_parent_see_the_same_memory(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct mxsi_segment *segment = make_segment(&built.inputs, 40, 1);
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(work_as_child(&built, segment));
    }
    assert_true(pid > 0);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    struct mxsi_slot *slot = mxsi_segment_slot(segment, 1);
    assert_int_equal(atomic_load(&slot->published), 1);
    assert_int_equal(mxsi_slot_leaders(segment, slot, 0)->count, 0);
    assert_true(mxsi_slot_leaders(segment, slot, 1)->items[0].sharpe == 1.25);
    assert_int_equal(atomic_load(&mxsi_segment_done(segment)[2]), 1);
    assert_int_equal(atomic_load(&mxsi_segment_done(segment)[1]), 0);
    assert_int_equal(atomic_load(&segment->next_chunk), 3);
    assert_int_equal(sem_trywait(&segment->wakeup), 0);
    assert_int_equal(sem_trywait(&segment->wakeup), -1);
    mxsi_segment_destroy(segment);
    destroy_problem(&built);
}

static int count_entries(const char *folder) {
    DIR *directory = opendir(folder);
    int count = 0;
    while (directory != NULL && readdir(directory) != NULL) {
        ++count;
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
    return count;
}

/* Other programs may have memory of their own in /dev/shm, so only our name is looked for. */
static int is_named_in_dev_shm(void) {
    DIR *directory = opendir("/dev/shm");
    int found = 0;
    const struct dirent *entry = NULL;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        found |= strstr(entry->d_name, "maxsharpe") != NULL;
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
    return found;
}

static void a_segment_has_no_name_and_keeps_no_file_open(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    const int files = count_entries("/proc/self/fd");
    for (int i = 0; i < 50; ++i) {
        struct mxsi_segment *segment = make_segment(&built.inputs, 40, 1);
        assert_false(is_named_in_dev_shm());
        assert_int_equal(count_entries("/proc/self/fd"), files);
        mxsi_segment_destroy(segment);
    }
    mxsi_segment_destroy(NULL);
    assert_int_equal(count_entries("/proc/self/fd"), files);
    destroy_problem(&built);
}

static void assert_too_large(const struct mxsi_inputs *inputs, uint64_t periods, uint32_t workers) {
    const struct mxsi_plan plan = mxsi_plan_make(inputs->problem, 0, 1);
    struct mxsi_segment *segment = (struct mxsi_segment *)(uintptr_t)64;
    mxs_error error = {.message = ""};
    assert_int_equal(mxsi_segment_create(inputs, periods, &plan, workers, &segment, &error), MXS_ERROR_MEMORY);
    assert_null(segment);
    assert_int_equal(error.status, MXS_ERROR_MEMORY);
    assert_non_null(strstr(error.message, "shared segment"));
}

static void a_segment_that_no_machine_can_hold_is_out_of_memory(void **state) {
    (void)state;
    struct built_problem built;
    build_full_problem(&built);
    struct mxsi_problem huge = built.problem;
    struct mxsi_inputs inputs = built.inputs;
    inputs.problem = &huge;
    const uint64_t n = huge.assets;
    assert_too_large(&inputs, UINT64_MAX, 1);
    assert_too_large(&inputs, UINT64_MAX / n / 8, 1);     /* the arrays alone fit 64 bits */
    assert_too_large(&inputs, UINT64_MAX / n + 1, 1);     /* rows x assets is a small number modulo 2^64 */
    assert_too_large(&inputs, UINT64_MAX / n / 8 + 1, 1); /* and so are the bytes */
    assert_too_large(&inputs, (UINT64_C(1) << 61) / n, 1);
    huge.assets = UINT32_MAX;
    inputs.returns = NULL;
    assert_too_large(&inputs, 0, 1); /* N x N doubles */
    huge = built.problem;
    huge.assets_per_portfolio = UINT32_MAX;
    assert_too_large(&inputs, 0, 1); /* the chances */
    huge = built.problem;
    huge.top = UINT32_MAX;
    assert_too_large(&inputs, 0, UINT32_MAX); /* the slots */
    destroy_problem(&built);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_read_back_are_those_put_in),
        cmocka_unit_test(every_array_and_slot_begins_on_a_line_of_64_bytes_behind_the_one_before),
        cmocka_unit_test(slots_start_empty_and_each_has_two_lists_of_its_own),
        cmocka_unit_test(a_market_of_moments_has_no_returns_in_its_segment),
        cmocka_unit_test(a_forked_child_and_its_parent_see_the_same_memory),
        cmocka_unit_test(a_segment_has_no_name_and_keeps_no_file_open),
        cmocka_unit_test(a_segment_that_no_machine_can_hold_is_out_of_memory),
    };
    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
