/* The run state: every worker has a slot and two lists of its own, all begin with what is known, other programs see the
 * same, and what is left undone is named in as few spans as there can be. */
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

#include "base/monotonic_clock.h"
#include "run/run_state.h"
#include "support/process_watch.h"
#include "support/second_program.h"
#include "support/seeded_random.h"

enum { WORKERS = 3, TOP = 13, MOST_SPANS = 30, MOST_UNITS = 4000 };

/* Chunks of so many units through spans. */
static struct mxsi_engine_plan plan_of(const struct mxsi_span *spans, uint64_t span_count, uint64_t chunk_units) {
    struct mxsi_engine_plan plan = {
        .workers = WORKERS, .way = 5, .work = {.chunk_units = chunk_units, .span_count = span_count}};
    for (uint64_t i = 0; i < span_count; ++i) {
        const uint64_t units = spans[i].end - spans[i].first;
        plan.work.units += units;
        plan.work.chunks += (units + chunk_units - 1) / chunk_units;
    }
    return plan;
}

static void make_state(const struct mxsi_engine_plan *plan, const struct mxsi_span *spans,
                       const struct mxsi_leaders *known, struct mxsi_run_state *state) {
    mxs_error error = {.message = ""};
    if (mxsi_run_state_create(plan, spans, TOP, known, state, &error) != MXS_OK) {
        fail_msg("%s", error.message);
    }
}

static const struct mxsi_span TWO_SPANS[] = {{3, 10}, {20, 25}};

/* Seven chunks, of 2 units but the last ones of each span. */
static void make_small_state(const struct mxsi_leaders *known, struct mxsi_run_state *state) {
    const struct mxsi_engine_plan plan = plan_of(TWO_SPANS, 2, 2);
    assert_int_equal(plan.work.chunks, 7);
    make_state(&plan, TWO_SPANS, known, state);
}

/* Leaders in memory of their own. */
static struct mxsi_leaders *make_leaders(struct mxsi_leaders *leaders, uint32_t capacity) {
    void *memory = aligned_alloc(64, mxsi_leaders_size(capacity));
    assert_non_null(memory);
    mxsi_leaders_init(leaders, capacity, memory);
    return leaders;
}

static void free_leaders(struct mxsi_leaders *leaders) {
    free(leaders->items); /* the first of what lies in it */
}

static void offer(struct mxsi_leaders *leaders, double value, uint64_t rank) {
    const struct mxsi_leader leader = {value, {rank, 1, 2}};
    assert_int_equal(mxsi_leaders_offer(leaders, &leader), 1);
}

static double best_of(const struct mxsi_slot *slot) {
    const uint64_t bits = atomic_load(&slot->best_bits);
    double best = 0.0;
    memcpy(&best, &bits, sizeof best);
    return best;
}

static void a_state_begins_with_the_plan_and_nothing_done(void **state) {
    (void)state;
    struct mxsi_run_state made;
    make_small_state(NULL, &made);
    const struct mxsi_engine_plan plan = plan_of(TWO_SPANS, 2, 2);
    assert_memory_equal(&made.plan, &plan, sizeof plan);
    assert_memory_equal(&made.board->plan, &plan, sizeof plan);
    assert_memory_equal(made.spans, TWO_SPANS, sizeof TWO_SPANS);
    assert_int_equal(made.first_chunk[0], 0);
    assert_int_equal(made.first_chunk[1], 4);
    assert_int_equal(mxsi_run_state_chunks_done(&made), 0);
    assert_int_equal(atomic_load(&made.board->next_chunk), 0);
    assert_int_equal(atomic_load(&made.board->stop), 0);
    assert_int_equal(atomic_load(&made.board->verdict.is_given), 0);
    for (uint32_t worker = 0; worker < WORKERS; ++worker) {
        struct mxsi_slot *slot = mxsi_run_state_slot(&made, worker);
        assert_int_equal(atomic_load(&slot->state), MXSI_SLOT_IDLE);
        assert_int_equal(atomic_load(&slot->is_ready), 0);
        assert_int_equal(atomic_load(&slot->simulations), 0);
        assert_true(best_of(slot) == -HUGE_VAL);
        assert_int_equal(mxsi_slot_leaders(&made, slot, 0)->count, 0);
        assert_int_equal(mxsi_slot_leaders(&made, slot, 1)->count, 0);
    }
    mxsi_run_state_destroy(&made);
}

static void every_part_and_slot_begins_on_a_line_of_64_bytes_behind_the_one_before(void **state) {
    (void)state;
    struct mxsi_run_state made;
    make_small_state(NULL, &made);
    const uintptr_t pieces[][2] = {
        {(uintptr_t)made.board, sizeof *made.board},
        {(uintptr_t)made.spans, sizeof TWO_SPANS},
        {(uintptr_t)made.first_chunk, 2 * sizeof *made.first_chunk},
        {(uintptr_t)made.done, made.plan.work.chunks},
        {(uintptr_t)mxsi_run_state_slot(&made, 0), made.slot_size},
        {(uintptr_t)mxsi_run_state_slot(&made, 1), made.slot_size},
        {(uintptr_t)mxsi_run_state_slot(&made, 2), made.slot_size},
        {(uintptr_t)made.shared.bytes + made.shared.size, 0},
    };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; ++i) {
        assert_int_equal(pieces[i][0] % 64, 0);
        assert_true(i == 0 || pieces[i][0] >= pieces[i - 1][0] + pieces[i - 1][1]);
    }
    assert_ptr_equal(made.board, made.shared.bytes);
    assert_true(made.list_size >= mxsi_leader_list_size(TOP));
    assert_true(made.slot_size >= sizeof(struct mxsi_slot) + 2 * made.list_size);
    assert_int_equal(made.list_size % 64, 0);
    assert_int_equal(offsetof(struct mxsi_run_board, next_chunk) % 64, 0);
    assert_int_equal(offsetof(struct mxsi_run_board, stop) % 64, 0);
    mxsi_run_state_destroy(&made);
}

/* Full lists in every slot, each with values of its own; then all of them are read. */
static void each_slot_has_two_full_lists_of_its_own_that_overrun_nothing(void **state) {
    (void)state;
    struct mxsi_run_state made;
    make_small_state(NULL, &made);
    for (uint32_t worker = 0; worker < WORKERS; ++worker) {
        for (uint32_t which = 0; which < 2; ++which) {
            struct mxsi_leaders leaders;
            (void)make_leaders(&leaders, TOP);
            for (uint64_t rank = 0; rank < TOP; ++rank) {
                offer(&leaders, worker * 2.0 + which, rank);
            }
            mxsi_leaders_copy(mxsi_slot_leaders(&made, mxsi_run_state_slot(&made, worker), which), &leaders);
            free_leaders(&leaders);
        }
    }
    for (uint32_t worker = 0; worker < WORKERS; ++worker) {
        struct mxsi_slot *slot = mxsi_run_state_slot(&made, worker);
        for (uint32_t which = 0; which < 2; ++which) {
            const struct mxsi_leader_list *list = mxsi_slot_leaders(&made, slot, which);
            assert_int_equal(list->count, TOP);
            for (uint32_t i = 0; i < list->count; ++i) {
                assert_true(list->items[i].value == worker * 2.0 + which);
            }
        }
        assert_int_equal(atomic_load(&slot->state), MXSI_SLOT_IDLE);
        assert_int_equal(atomic_load(&slot->published), 0);
    }
    assert_int_equal(mxsi_run_state_chunks_done(&made), 0);
    assert_memory_equal(made.spans, TWO_SPANS, sizeof TWO_SPANS);
    mxsi_run_state_destroy(&made);
}

static void what_is_known_before_is_in_every_slot_from_the_beginning(void **state) {
    (void)state;
    struct mxsi_run_state made;
    struct mxsi_leaders known;
    struct mxsi_leaders found;
    (void)make_leaders(&known, TOP);
    offer(&known, 1.5, 40);
    offer(&known, -2.5, 41);
    make_small_state(&known, &made);
    for (uint32_t worker = 0; worker < WORKERS; ++worker) {
        struct mxsi_slot *slot = mxsi_run_state_slot(&made, worker);
        assert_true(best_of(slot) == 1.5);
        (void)make_leaders(&found, TOP);
        mxsi_leaders_offer_list(&found, mxsi_slot_leaders(&made, slot, atomic_load(&slot->published)));
        mxsi_leaders_sort(&found);
        assert_int_equal(found.count, 2);
        assert_true(found.items[0].value == 1.5 && found.items[0].identity.rank == 40);
        assert_true(found.items[1].value == -2.5 && found.items[1].identity.rank == 41);
        free_leaders(&found);
    }
    mxsi_run_state_destroy(&made);
    free_leaders(&known);
}

/* What a worker does that finds one portfolio in the chunk with the given number. 0 where it found what it should. */
static int work_elsewhere(struct mxsi_run_state *made) {
    struct mxsi_slot *slot = mxsi_run_state_slot(made, 1);
    if (made->plan.work.chunks != 7 || made->plan.way != 5 || memcmp(made->spans, TWO_SPANS, sizeof TWO_SPANS) != 0 ||
        made->first_chunk[1] != 4 || made->top != TOP || best_of(slot) != 0.5) {
        return 1;
    }
    struct mxsi_leader_list *list = mxsi_slot_leaders(made, slot, 1);
    list->count = 1;
    list->items[0] = (struct mxsi_leader){1.25, {2, 3, 4}};
    atomic_store(&slot->published, 1);
    atomic_store(&made->done[2], 1);
    (void)atomic_fetch_add(&made->board->next_chunk, 3);
    return sem_post(&made->board->wakeup) == 0 ? 0 : 2;
}

/* The second program. */
static int work_with_descriptor(int descriptor) {
    struct mxsi_run_state made;
    if (mxsi_run_state_map(descriptor, &made) != 0) {
        return 3;
    }
    const int failed = work_elsewhere(&made);
    mxsi_run_state_destroy(&made); /* the semaphore is its creator's */
    return failed;
}

static int work_in_child(struct mxsi_run_state *made) {
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(work_elsewhere(made));
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_work_is_seen(int in_another_program) {
    struct mxsi_run_state made;
    struct mxsi_leaders known;
    (void)make_leaders(&known, TOP);
    offer(&known, 0.5, 40);
    make_small_state(&known, &made);
    assert_int_equal(in_another_program ? run_second_program("work", made.shared.descriptor) : work_in_child(&made), 0);
    struct mxsi_slot *slot = mxsi_run_state_slot(&made, 1);
    assert_int_equal(atomic_load(&slot->published), 1);
    assert_int_equal(mxsi_slot_leaders(&made, slot, 0)->count, 1);
    assert_true(mxsi_slot_leaders(&made, slot, 0)->items[0].value == 0.5);
    assert_true(mxsi_slot_leaders(&made, slot, 1)->items[0].value == 1.25);
    assert_int_equal(mxsi_run_state_chunks_done(&made), 1);
    assert_int_equal(atomic_load(&made.done[2]), 1);
    assert_int_equal(atomic_load(&made.board->next_chunk), 3);
    assert_int_equal(sem_trywait(&made.board->wakeup), 0);
    assert_int_equal(sem_trywait(&made.board->wakeup), -1);
    mxsi_run_state_destroy(&made);
    free_leaders(&known);
}

static void a_forked_child_and_its_parent_see_the_same_state(void **state) {
    (void)state;
    assert_work_is_seen(0);
}

static void another_program_that_is_handed_its_descriptor_does_too(void **state) {
    (void)state;
    assert_work_is_seen(1);
}

static int can_be_mapped(const struct mxsi_run_state *made) {
    struct mxsi_run_state again;
    const int can = mxsi_run_state_map(dup(made->shared.descriptor), &again) == 0;
    if (can) {
        mxsi_run_state_destroy(&again);
    }
    return can;
}

static void what_is_no_state_of_this_version_is_not_mapped(void **state) {
    (void)state;
    struct mxsi_run_state made;
    struct mxsi_run_state none;
    struct mxsi_shared_memory other;
    make_small_state(NULL, &made);
    assert_true(can_be_mapped(&made));
    unsigned char *bytes = made.shared.bytes;
    for (size_t i = 0; i < offsetof(struct mxsi_run_board, top); ++i) { /* the magic and the version */
        bytes[i] ^= 1;
        assert_false(can_be_mapped(&made));
        bytes[i] ^= 1;
    }
    made.board->plan.workers += 1; /* then it would be longer */
    assert_false(can_be_mapped(&made));
    made.board->plan.workers = UINT32_MAX;
    assert_false(can_be_mapped(&made));
    made.board->plan.workers = WORKERS;
    made.board->plan.work.span_count = UINT64_MAX;
    assert_false(can_be_mapped(&made));
    made.board->plan.work.span_count = 2;
    assert_true(can_be_mapped(&made));
    assert_int_equal(mxsi_shared_memory_create(8, &other), 0);
    assert_int_equal(mxsi_run_state_map(dup(other.descriptor), &none), -1);
    assert_int_equal(mxsi_run_state_map(-1, &none), -1);
    mxsi_shared_memory_close(&other);
    mxsi_run_state_destroy(&made);
}

/* A worker's slot as it leaves it. */
static void fill_slot(struct mxsi_slot *slot, uint64_t simulations, uint64_t begin_ns, uint64_t busy_ns,
                      const char *kernel) {
    atomic_store(&slot->simulations, simulations);
    slot->begin_ns = begin_ns;
    slot->end_ns = begin_ns + busy_ns;
    slot->sampling_ns = busy_ns / 2;
    slot->return_ns = busy_ns / 4;
    slot->variance_ns = busy_ns / 8;
    (void)snprintf(slot->kernel, sizeof slot->kernel, "%s", kernel);
}

static void publish(const struct mxsi_run_state *made, uint32_t worker, uint32_t which, double value, uint64_t rank) {
    struct mxsi_leader_list *list = mxsi_slot_leaders(made, mxsi_run_state_slot(made, worker), which);
    list->count = 1;
    list->items[0] = (struct mxsi_leader){value, {rank, 0, 0}};
}

static void what_workers_leave_is_collected_from_the_lists_that_they_have_published(void **state) {
    (void)state;
    struct mxsi_run_state made;
    struct mxsi_leaders leaders;
    mxs_worker_stats stats[WORKERS];
    char kernel[32];
    const uint64_t begin_ns = mxsi_now_ns() - 10000000000u;
    make_small_state(NULL, &made);
    publish(&made, 0, 0, 3.0, 30);
    publish(&made, 1, 0, 9.0, 90); /* half written when its worker was killed */
    publish(&made, 1, 1, 2.0, 20);
    publish(&made, 2, 0, 4.0, 20); /* a better one of the same portfolio */
    atomic_store(&mxsi_run_state_slot(&made, 1)->published, 1);
    fill_slot(mxsi_run_state_slot(&made, 0), 100, begin_ns, 0, ""); /* killed before it said anything */
    fill_slot(mxsi_run_state_slot(&made, 1), 20, begin_ns + 1000000000u, 8000000000u, "avx2");
    fill_slot(mxsi_run_state_slot(&made, 2), 3, begin_ns, 4000000000u, "avx512");
    (void)make_leaders(&leaders, TOP);
    assert_int_equal(mxsi_run_state_collect(&made, begin_ns, &leaders, stats, kernel, sizeof kernel), 123);
    mxsi_leaders_sort(&leaders);
    assert_int_equal(leaders.count, 2);
    assert_true(leaders.items[0].value == 4.0 && leaders.items[0].identity.rank == 20);
    assert_true(leaders.items[1].value == 3.0 && leaders.items[1].identity.rank == 30);
    assert_string_equal(kernel, "avx2"); /* of the first worker that said one */
    assert_int_equal(stats[0].simulations, 100);
    assert_int_equal(stats[1].simulations, 20);
    assert_true(fabs(stats[0].seconds) == 0.0);
    assert_true(fabs(stats[1].seconds - 8.0) < 1e-9);
    assert_true(fabs(stats[1].sampling_seconds - 4.0) < 1e-9);
    assert_true(fabs(stats[1].return_seconds - 2.0) < 1e-9);
    assert_true(fabs(stats[1].variance_seconds - 1.0) < 1e-9);
    assert_true(stats[1].waiting_seconds >= 2.0 && stats[2].waiting_seconds >= 6.0); /* of ten seconds and some */
    assert_true(fabs(stats[2].waiting_seconds - stats[1].waiting_seconds - 4.0) < 1e-6);
    free_leaders(&leaders);
    mxsi_run_state_destroy(&made);
}

/* Units one by one: which are in a plan's spans and not done, and the runs of them. */
static uint64_t naive_rest(const struct mxsi_run_state *made, struct mxsi_span *rest) {
    static uint8_t is_left[MOST_UNITS + 1];
    uint64_t count = 0;
    uint64_t chunk = 0;
    memset(is_left, 0, sizeof is_left);
    for (uint64_t i = 0; i < made->plan.work.span_count; ++i) {
        for (uint64_t unit = made->spans[i].first; unit < made->spans[i].end; ++unit) {
            const uint64_t within = unit - made->spans[i].first;
            chunk += within > 0 && within % made->plan.work.chunk_units == 0;
            is_left[unit] = !atomic_load(&made->done[chunk]);
        }
        ++chunk;
    }
    for (uint64_t unit = 0; unit < MOST_UNITS; ++unit) {
        if (is_left[unit] && (unit == 0 || !is_left[unit - 1])) {
            rest[count++].first = unit;
        }
        if (is_left[unit] && !is_left[unit + 1]) {
            rest[count - 1].end = unit + 1;
        }
    }
    return count;
}

/* Into exactly the room that is promised to do. */
static void assert_rest(const struct mxsi_run_state *made) {
    static struct mxsi_span expected[MOST_UNITS];
    const uint64_t room = mxsi_run_state_most_rest(made);
    struct mxsi_span *rest = malloc((room + 1) * sizeof *rest);
    assert_non_null(rest);
    rest[room] = (struct mxsi_span){77, 78};
    const uint64_t count = mxsi_run_state_rest(made, rest);
    assert_int_equal(count, naive_rest(made, expected));
    assert_true(count <= room);
    assert_memory_equal(rest, expected, count * sizeof *rest);
    assert_true(rest[room].first == 77 && rest[room].end == 78);
    free(rest);
}

/* Spans as an earlier run may have left them: with gaps between them, or none. */
static uint64_t random_spans(struct seeded_random *random, struct mxsi_span *spans) {
    const uint64_t count = 1 + random_below(random, MOST_SPANS);
    uint64_t at = random_below(random, 5);
    for (uint64_t i = 0; i < count; ++i) {
        spans[i].first = at;
        spans[i].end = at + 1 + random_below(random, 80);
        at = spans[i].end + random_below(random, 2) * random_below(random, 40);
    }
    assert_true(at < MOST_UNITS);
    return count;
}

static void what_is_left_of_any_spans_is_as_few_spans_as_there_can_be(void **state) {
    (void)state;
    const uint64_t seed = 4711;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct seeded_random random = {seed};
    for (int i = 0; i < 400; ++i) {
        struct mxsi_span spans[MOST_SPANS];
        struct mxsi_run_state made;
        const uint64_t count = random_spans(&random, spans);
        const struct mxsi_engine_plan plan = plan_of(spans, count, 1 + random_below(&random, 20));
        const uint64_t done_of_8 = random_below(&random, 9); /* none, some, all */
        make_state(&plan, spans, NULL, &made);
        for (uint64_t chunk = 0; chunk < plan.work.chunks; ++chunk) {
            atomic_store(&made.done[chunk], random_below(&random, 8) < done_of_8);
        }
        assert_rest(&made);
        mxsi_run_state_destroy(&made);
    }
}

/* Every other chunk is done, or every span is a chunk of its own, which nobody has touched. */
static void the_most_spans_that_can_be_left_have_room(void **state) {
    (void)state;
    struct mxsi_run_state made;
    const struct mxsi_span whole = {0, 1001};
    struct mxsi_engine_plan plan = plan_of(&whole, 1, 1);
    make_state(&plan, &whole, NULL, &made);
    for (uint64_t chunk = 1; chunk < plan.work.chunks; chunk += 2) {
        atomic_store(&made.done[chunk], 1);
    }
    assert_int_equal(mxsi_run_state_most_rest(&made), 501);
    assert_rest(&made);
    mxsi_run_state_destroy(&made);
    struct mxsi_span apart[MOST_SPANS];
    for (uint64_t i = 0; i < MOST_SPANS; ++i) {
        apart[i] = (struct mxsi_span){10 * i, 10 * i + 1};
    }
    plan = plan_of(apart, MOST_SPANS, 1);
    make_state(&plan, apart, NULL, &made);
    assert_int_equal(mxsi_run_state_most_rest(&made), MOST_SPANS);
    assert_rest(&made);
    mxsi_run_state_destroy(&made);
}

static void assert_too_large(const struct mxsi_engine_plan *plan, uint32_t top) {
    struct mxsi_run_state made;
    memset(&made, 0xa5, sizeof made);
    mxs_error error = {.message = ""};
    assert_int_equal(mxsi_run_state_create(plan, TWO_SPANS, top, NULL, &made, &error), MXS_ERROR_MEMORY);
    assert_int_equal(error.status, MXS_ERROR_MEMORY);
    assert_non_null(strstr(error.message, "the shared memory of the workers would need"));
    assert_null(strchr(error.message, '\n'));
    assert_null(made.shared.bytes);
}

static void a_state_that_no_machine_can_hold_is_out_of_memory(void **state) {
    (void)state;
    const struct mxsi_engine_plan plan = plan_of(TWO_SPANS, 2, 2);
    struct mxsi_engine_plan huge = plan;
    huge.work.chunks = UINT64_MAX;
    assert_too_large(&huge, TOP);
    huge.work.chunks = UINT64_MAX - 63; /* rounded up to whole lines, it is nothing */
    assert_too_large(&huge, TOP);
    huge.work.chunks = INT64_MAX;
    assert_too_large(&huge, TOP);
    huge = plan;
    huge.work.span_count = UINT64_MAX / sizeof(struct mxsi_span) + 1; /* bytes modulo 2^64: none */
    assert_too_large(&huge, TOP);
    huge = plan;
    huge.workers = UINT32_MAX;
    assert_too_large(&huge, UINT32_MAX); /* the slots */
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, watch_begin, watch_end)

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "work") == 0) {
        return work_with_descriptor((int)strtol(argv[2], NULL, 10));
    }
    const struct CMUnitTest tests[] = {
        WATCHED(a_state_begins_with_the_plan_and_nothing_done),
        WATCHED(every_part_and_slot_begins_on_a_line_of_64_bytes_behind_the_one_before),
        WATCHED(each_slot_has_two_full_lists_of_its_own_that_overrun_nothing),
        WATCHED(what_is_known_before_is_in_every_slot_from_the_beginning),
        WATCHED(a_forked_child_and_its_parent_see_the_same_state),
        WATCHED(another_program_that_is_handed_its_descriptor_does_too),
        WATCHED(what_is_no_state_of_this_version_is_not_mapped),
        WATCHED(what_workers_leave_is_collected_from_the_lists_that_they_have_published),
        WATCHED(what_is_left_of_any_spans_is_as_few_spans_as_there_can_be),
        WATCHED(the_most_spans_that_can_be_left_have_room),
        WATCHED(a_state_that_no_machine_can_hold_is_out_of_memory),
    };
    return cmocka_run_group_tests_name("run state", tests, NULL, NULL);
}
