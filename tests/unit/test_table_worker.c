/* Chunks of a search with shared draws: every tile of every portfolio in them is screened once, with that tile's
 * weights, and counted. The evaluator is a stand-in that keeps a list. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engines/cpu/cpu_workers.h"
#include "engines/cpu/evaluators/weight_table.h"
#include "problem/subsets.h"
#include "sampling/simulation_counter.h"
#include "support/built_problem.h"
#include "support/made_market.h"

enum { N = 5, K = 2, MOST_PORTFOLIOS = 3, MOST_SEEN = 1 << 16, MOST_CHUNKS = 2048 };

/* A tile of a portfolio, screened while the worker was in a chunk. */
struct seen {
    uint64_t rank;
    uint32_t tile;
    uint64_t chunk;
};

/* What the worker did. A worker makes its evaluator itself, so the list is not the evaluator's own. */
struct record {
    const struct mxsi_run_state *state;
    uint32_t assets;     /* N */
    uint32_t most;       /* portfolios that it may be given at a time */
    uint32_t stop_after; /* portfolios */
    uint32_t tile;
    uint32_t loads;
    uint32_t count;
    struct seen seen[MOST_SEEN];
    uint64_t counted[MOST_CHUNKS]; /* simulations counted before each chunk */
    uint64_t drawing[MOST_CHUNKS]; /* nanoseconds likewise */
};

static struct record record;

struct stand_in {
    struct mxsi_evaluator_base base;
    unsigned char unused[64];
};

static uintptr_t lay_out(struct mxsi_evaluator_base *base, uintptr_t at) {
    (void)base;
    return at;
}

static void load_table(void *evaluator, const struct mxsi_weight_table *table, struct mxsi_worker_times *times) {
    (void)evaluator;
    (void)times;
    record.tile = table->tile;
    ++record.loads;
}

/* By trying all pairs. */
static uint64_t rank_of(const uint32_t assets[K]) {
    uint32_t pair[K];
    uint64_t rank = 0;
    mxsi_subset_unrank(record.assets, K, 0, pair);
    while (memcmp(pair, assets, sizeof pair) != 0) {
        assert_true(mxsi_subset_next(record.assets, K, pair));
        ++rank;
    }
    return rank;
}

static void note(const uint32_t *assets) {
    struct mxsi_slot *slot = mxsi_run_state_slot(record.state, 0);
    const uint64_t chunk = atomic_load(&record.state->board->next_chunk) - 1;
    assert_true(record.count < MOST_SEEN && chunk < MOST_CHUNKS);
    if (record.count == 0 || record.seen[record.count - 1].chunk != chunk) {
        record.counted[chunk] = atomic_load(&slot->simulations);
        record.drawing[chunk] = slot->sampling_ns;
    }
    record.seen[record.count++] = (struct seen){rank_of(assets), record.tile, chunk};
}

static void screen_portfolios(void *evaluator, const uint32_t *assets, uint32_t portfolios, float bar, float *highest,
                              struct mxsi_worker_times *times) {
    (void)evaluator;
    (void)times;
    assert_true(bar == -HUGE_VALF);
    assert_true(portfolios >= 1 && portfolios <= record.most);
    for (uint32_t p = 0; p < portfolios; ++p) {
        note(assets + (size_t)p * K);
        highest[p] = -HUGE_VALF;
    }
    if (record.count >= record.stop_after) {
        atomic_store(&record.state->board->stop, 1);
    }
}

static struct mxsi_table_evaluator_kind kind_of(uint32_t max_portfolios) {
    return (struct mxsi_table_evaluator_kind){
        .base = {.name = "stand-in", .size = sizeof(struct stand_in), .lay_out = lay_out},
        .max_portfolios = max_portfolios,
        .load_table = load_table,
        .screen_portfolios = screen_portfolios,
    };
}

struct bench {
    struct built_problem built;
    struct mxsi_run_state state;
};

static void build_shared(struct built_problem *built, uint32_t assets, uint64_t simulations, uint64_t first_portfolio) {
    struct seeded_random random = {5};
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = K;
    options.sampling.simulations = simulations;
    options.sampling.draws = MXS_DRAWS_SHARED;
    options.sampling.first_portfolio = first_portfolio;
    build_problem(built, random_market(&random, assets, 2), &options);
    record.count = record.loads = 0;
    record.assets = assets;
    record.most = MOST_PORTFOLIOS;
    record.stop_after = UINT32_MAX;
}

/* A state in which every span is a chunk. */
static void make_state(struct bench *bench, const struct mxsi_span *chunks, uint64_t count) {
    struct mxsi_engine_plan plan = {.workers = 1,
                                    .work = {.chunk_units = UINT64_MAX, .chunks = count, .span_count = count}};
    for (uint64_t i = 0; i < count; ++i) {
        plan.work.units += chunks[i].end - chunks[i].first;
    }
    assert_int_equal(mxsi_run_state_create(&plan, chunks, 1, NULL, &bench->state, NULL), MXS_OK);
    record.state = &bench->state;
}

static void tear_down(struct bench *bench) {
    mxsi_run_state_destroy(&bench->state);
    destroy_problem(&bench->built);
}

static uint64_t counted(const struct bench *bench) {
    return atomic_load(&mxsi_run_state_slot(&bench->state, 0)->simulations);
}

static void run(struct bench *bench, uint32_t max_portfolios) {
    const struct mxsi_table_evaluator_kind kind = kind_of(max_portfolios);
    mxsi_cpu_table_worker_run(&bench->built.task, &bench->state, 0, &kind);
    assert_int_equal(atomic_load(&mxsi_run_state_slot(&bench->state, 0)->state), MXSI_SLOT_FINISHED);
}

/* From record.seen[at] on, a chunk's units and no others, each once. Returns where the next chunk begins. */
static uint32_t assert_chunk(const struct bench *bench, struct mxsi_span units, uint64_t chunk, uint32_t at) {
    const struct mxsi_sampling *sampling = &bench->built.sampling;
    uint8_t *is_seen = calloc(units.end - units.first, 1);
    assert_non_null(is_seen);
    uint32_t i = at;
    for (; i < record.count && record.seen[i].chunk == chunk; ++i) {
        const struct seen *seen = &record.seen[i];
        const uint64_t unit = (seen->rank - sampling->first_portfolio) * sampling->tiles_per_portfolio + seen->tile;
        assert_true(unit >= units.first && unit < units.end);
        assert_false(is_seen[unit - units.first]);
        is_seen[unit - units.first] = 1;
    }
    assert_int_equal(i - at, units.end - units.first);
    free(is_seen);
    return i;
}

/* Runs chunks, and looks at what was screened and counted in each. */
static void assert_chunks(struct bench *bench, const struct mxsi_span *chunks, uint64_t count) {
    const struct mxsi_sampling *sampling = &bench->built.sampling;
    make_state(bench, chunks, count);
    run(bench, MOST_PORTFOLIOS);
    uint32_t at = 0;
    uint64_t simulations = 0;
    for (uint64_t chunk = 0; chunk < count; ++chunk) {
        assert_true(record.counted[chunk] == simulations);
        at = assert_chunk(bench, chunks[chunk], chunk, at);
        simulations += mxsi_plan_simulations(sampling, chunks[chunk].first, chunks[chunk].end);
    }
    assert_int_equal(at, record.count);
    assert_true(counted(bench) == simulations);
    assert_int_equal(mxsi_run_state_chunks_done(&bench->state), count);
}

static void every_unit_of_a_chunk_is_screened_once_whatever_its_ends(void **state) {
    (void)state;
    static const uint64_t SIMULATIONS[] = {1, 1000, 2500, 7 * MXSI_TILE_SIZE};
    static struct mxsi_span chunks[MOST_CHUNKS];
    for (size_t i = 0; i < sizeof SIMULATIONS / sizeof *SIMULATIONS; ++i) {
        struct bench bench;
        build_shared(&bench.built, N, SIMULATIONS[i], i);
        const uint64_t units = (10 - i) * bench.built.sampling.tiles_per_portfolio;
        uint64_t count = 0;
        for (uint64_t first = 0; first < units; ++first) {
            for (uint64_t end = first + 1; end <= units; end += 1 + units / 20) {
                assert_true(count < MOST_CHUNKS);
                chunks[count++] = (struct mxsi_span){first, end};
            }
        }
        assert_chunks(&bench, chunks, count);
        tear_down(&bench);
    }
}

static void a_tile_that_the_table_holds_is_not_drawn_again(void **state) {
    (void)state;
    struct mxsi_span chunks[10];
    struct bench bench;
    build_shared(&bench.built, N, 1000, 0);
    for (uint64_t unit = 0; unit < 10; ++unit) {
        chunks[unit] = (struct mxsi_span){unit, unit + 1};
    }
    assert_chunks(&bench, chunks, 10);
    assert_int_equal(record.loads, 1);
    assert_int_equal(record.drawing[0], 0);
    assert_true(record.drawing[1] > 0);
    for (int chunk = 2; chunk < 10; ++chunk) {
        assert_true(record.drawing[chunk] == record.drawing[1]);
    }
    tear_down(&bench);
}

static int compare_spans(const void *left, const void *right) {
    const struct mxsi_span *a = left;
    const struct mxsi_span *b = right;
    return (a->first > b->first) - (a->first < b->first);
}

/* The time limit of a test is what would fail: going through 2^32 tiles a thousand times takes longer. */
static void a_few_units_of_the_most_tiles_take_no_longer_than_of_few(void **state) {
    (void)state;
    enum { CHUNKS = 1000 };
    static struct mxsi_span chunks[CHUNKS];
    struct bench bench;
    build_shared(&bench.built, N, (uint64_t)MXSI_TILE_SIZE << 32, 3);
    struct seeded_random random = {7};
    const uint64_t units = 7 * bench.built.sampling.tiles_per_portfolio;
    for (int i = 0; i < CHUNKS; ++i) {
        const uint64_t length = 1 + random_below(&random, 4);
        const uint64_t near_end = bench.built.sampling.tiles_per_portfolio - 2;
        chunks[i].first = i == 0 ? near_end : random_below(&random, units - length);
        chunks[i].end = chunks[i].first + (i == 0 ? 4 : length); /* the first one goes on in the next portfolio */
    }
    qsort(chunks, CHUNKS, sizeof *chunks, compare_spans);
    assert_chunks(&bench, chunks, CHUNKS);
    tear_down(&bench);
}

static void a_chunk_that_is_stopped_counts_what_it_has_screened_and_is_not_done(void **state) {
    (void)state;
    static const struct mxsi_span whole = {0, 30};
    for (uint32_t stop_after = 0; stop_after <= 30; ++stop_after) {
        struct bench bench;
        build_shared(&bench.built, N, 2500, 0);
        make_state(&bench, &whole, 1);
        record.stop_after = stop_after;
        atomic_store(&bench.state.board->stop, stop_after == 0);
        run(&bench, MOST_PORTFOLIOS);
        uint64_t expected = 0;
        for (uint32_t i = 0; i < record.count; ++i) {
            expected += mxsi_tile_simulations(&bench.built.sampling, record.seen[i].tile);
        }
        assert_true(record.count >= stop_after && record.count < stop_after + MOST_PORTFOLIOS);
        assert_int_equal(mxsi_run_state_chunks_done(&bench.state), record.count == 30);
        assert_true(counted(&bench) == expected);
        tear_down(&bench);
    }
}

/* A worker has room for so many portfolios' bounds, whatever an evaluator says that it can take. */
static void an_evaluator_gets_no_more_portfolios_at_a_time_than_a_worker_has_room_for(void **state) {
    (void)state;
    enum { ASSETS = 40, PORTFOLIOS = ASSETS * (ASSETS - 1) / 2 };
    static const struct mxsi_span whole = {0, 2 * PORTFOLIOS};
    static const uint32_t mosts[] = {
        1, 7, MXSI_TABLE_MAX_PORTFOLIOS - 1, MXSI_TABLE_MAX_PORTFOLIOS, 257, 600, 1000000, UINT32_MAX};
    for (size_t i = 0; i < sizeof mosts / sizeof *mosts; ++i) {
        struct bench bench;
        build_shared(&bench.built, ASSETS, 2000, 0);
        make_state(&bench, &whole, 1);
        record.most = mosts[i] < MXSI_TABLE_MAX_PORTFOLIOS ? mosts[i] : MXSI_TABLE_MAX_PORTFOLIOS;
        run(&bench, mosts[i]);
        assert_int_equal(assert_chunk(&bench, whole, 0, 0), 2 * PORTFOLIOS);
        assert_int_equal(counted(&bench), 2000 * PORTFOLIOS);
        tear_down(&bench);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_unit_of_a_chunk_is_screened_once_whatever_its_ends),
        cmocka_unit_test(a_tile_that_the_table_holds_is_not_drawn_again),
        cmocka_unit_test(a_few_units_of_the_most_tiles_take_no_longer_than_of_few),
        cmocka_unit_test(a_chunk_that_is_stopped_counts_what_it_has_screened_and_is_not_done),
        cmocka_unit_test(an_evaluator_gets_no_more_portfolios_at_a_time_than_a_worker_has_room_for),
    };
    return cmocka_run_group_tests_name("table worker", tests, NULL, NULL);
}
