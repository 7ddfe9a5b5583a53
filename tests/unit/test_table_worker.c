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

#include "engines/cpu/cpu_worker_state.h"
#include "problem/subsets.h"
#include "sampling/simulation_counter.h"
#include "support/built_problem.h"

enum { N = 5, K = 2, MOST_PORTFOLIOS = 3, MOST_UNITS = 100 };

struct mxsi_evaluator {
    struct mxsi_segment *segment;
    uint32_t tile;
    uint32_t loads;
    uint32_t stop_after; /* portfolios */
    uint32_t count;
    struct mxsi_identity seen[MOST_UNITS];
};

static uint32_t max_portfolios(const struct mxsi_evaluator *e) {
    (void)e;
    return MOST_PORTFOLIOS;
}

static void load_table(struct mxsi_evaluator *e, const struct mxsi_weight_table *table,
                       struct mxsi_worker_times *times) {
    (void)times;
    e->tile = table->tile;
    ++e->loads;
}

/* By trying all pairs. */
static uint64_t rank_of(const uint32_t assets[K]) {
    uint32_t pair[K];
    uint64_t rank = 0;
    mxsi_subset_unrank(N, K, 0, pair);
    while (memcmp(pair, assets, sizeof pair) != 0) {
        assert_true(mxsi_subset_next(N, K, pair));
        ++rank;
    }
    return rank;
}

static void screen_portfolios(struct mxsi_evaluator *e, const uint32_t *assets, uint32_t portfolios, float bar,
                              float *highest, struct mxsi_worker_times *times) {
    (void)times;
    assert_true(bar == -HUGE_VALF);
    assert_true(portfolios >= 1 && portfolios <= MOST_PORTFOLIOS);
    for (uint32_t p = 0; p < portfolios; ++p) {
        assert_true(e->count < MOST_UNITS);
        e->seen[e->count++] = (struct mxsi_identity){.rank = rank_of(assets + (size_t)p * K), .tile = e->tile};
        highest[p] = -HUGE_VALF;
    }
    if (e->count >= e->stop_after) {
        atomic_store(&e->segment->stop, 1);
    }
}

static const struct mxsi_evaluator_kind KIND = {
    .name = "stand-in",
    .max_portfolios = max_portfolios,
    .load_table = load_table,
    .screen_portfolios = screen_portfolios,
};

struct bench {
    struct built_problem built;
    struct mxsi_segment *segment;
    struct mxsi_evaluator evaluator;
    struct mxsi_cpu_worker worker;
    void *memory[4];
};

static void *zeroed(struct bench *bench, int i, size_t size) {
    bench->memory[i] = aligned_alloc(64, (size + 63) / 64 * 64);
    assert_non_null(bench->memory[i]);
    return memset(bench->memory[i], 0, (size + 63) / 64 * 64);
}

static void set_up(struct bench *bench, uint64_t simulations, uint64_t first_portfolio) {
    *bench = (struct bench){.evaluator.stop_after = UINT32_MAX};
    struct seeded_random random = {5};
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = K;
    options.sampling.simulations = simulations;
    options.sampling.draws = MXS_DRAWS_SHARED;
    options.sampling.first_portfolio = first_portfolio;
    build_problem(&bench->built, random_market(&random, N, 2), &options);
    const struct mxsi_problem *problem = &bench->built.problem;
    const struct mxsi_plan plan = mxsi_plan_make(problem, 0, 1);
    assert_int_equal(mxsi_segment_create(&bench->built.inputs, 0, &plan, 1, &bench->segment, NULL), MXS_OK);
    struct mxsi_cpu_worker *w = &bench->worker;
    w->kind = &KIND;
    w->evaluator = &bench->evaluator;
    bench->evaluator.segment = bench->segment;
    w->chosen = zeroed(bench, 0, K * sizeof *w->chosen);
    w->assets = zeroed(bench, 1, (size_t)MOST_PORTFOLIOS * K * sizeof *w->assets);
    mxsi_worker_begin(&w->base, bench->segment, 0, zeroed(bench, 2, mxsi_worker_memory(problem)));
    void *table = zeroed(bench, 3, (size_t)mxsi_weight_table_lay_out(&w->table, problem, 0));
    (void)mxsi_weight_table_lay_out(&w->table, problem, (uintptr_t)table);
    mxsi_weight_table_init(&w->table, &w->base.inputs, mxsi_lanes_best());
}

static void tear_down(struct bench *bench) {
    for (int i = 0; i < 4; ++i) {
        free(bench->memory[i]);
    }
    mxsi_segment_destroy(bench->segment);
    destroy_problem(&bench->built);
}

static uint64_t counted(struct bench *bench) {
    return atomic_load(&mxsi_segment_slot(bench->segment, 0)->simulations);
}

/* A chunk's units and no others, each once; and so many simulations. */
static void assert_chunk(struct bench *bench, uint64_t first, uint64_t end) {
    const struct mxsi_problem *problem = &bench->built.problem;
    uint8_t is_seen[MOST_UNITS] = {0};
    const uint64_t before = counted(bench);
    bench->evaluator.count = 0;
    assert_int_equal(mxsi_cpu_worker_run_by_table(&bench->worker, first, end), MXSI_GO_ON);
    for (uint32_t i = 0; i < bench->evaluator.count; ++i) {
        const struct mxsi_identity *seen = &bench->evaluator.seen[i];
        const uint64_t unit = (seen->rank - problem->first_portfolio) * problem->tiles_per_portfolio + seen->tile;
        assert_true(unit >= first && unit < end);
        assert_false(is_seen[unit - first]);
        is_seen[unit - first] = 1;
    }
    assert_int_equal(bench->evaluator.count, end - first);
    assert_true(counted(bench) - before == mxsi_plan_simulations(problem, first, end));
}

static void every_unit_of_a_chunk_is_screened_once_whatever_its_ends(void **state) {
    (void)state;
    static const uint64_t SIMULATIONS[] = {1, 1000, 2500, 7 * MXSI_TILE_SIZE};
    for (size_t i = 0; i < sizeof SIMULATIONS / sizeof *SIMULATIONS; ++i) {
        struct bench bench;
        set_up(&bench, SIMULATIONS[i], i);
        const uint64_t units = (10 - i) * bench.built.sampling.tiles_per_portfolio;
        for (uint64_t first = 0; first < units; ++first) {
            for (uint64_t end = first + 1; end <= units; end += 1 + units / 20) {
                assert_chunk(&bench, first, end);
            }
        }
        tear_down(&bench);
    }
}

static void a_tile_that_the_table_holds_is_not_drawn_again(void **state) {
    (void)state;
    struct bench bench;
    set_up(&bench, 1000, 0);
    assert_chunk(&bench, 0, 1);
    const uint64_t sampling = bench.worker.base.times.sampling;
    assert_true(sampling > 0);
    for (uint64_t unit = 0; unit < 10; ++unit) {
        assert_chunk(&bench, unit, unit + 1);
    }
    assert_int_equal(bench.evaluator.loads, 1);
    assert_true(bench.worker.base.times.sampling == sampling);
    tear_down(&bench);
}

/* The time limit of a test is what would fail: going through 2^32 tiles a thousand times takes longer. */
static void a_few_units_of_the_most_tiles_take_no_longer_than_of_few(void **state) {
    (void)state;
    struct bench bench;
    set_up(&bench, (uint64_t)MXSI_TILE_SIZE << 32, 3);
    struct seeded_random random = {7};
    const uint64_t units = 7 * bench.built.sampling.tiles_per_portfolio;
    for (int i = 0; i < 1000; ++i) {
        const uint64_t length = 1 + random_below(&random, 4);
        const uint64_t near_end = bench.built.sampling.tiles_per_portfolio - 2;
        const uint64_t first = i == 0 ? near_end : random_below(&random, units - length);
        assert_chunk(&bench, first, first + length);
    }
    tear_down(&bench);
}

static void a_chunk_that_is_stopped_counts_what_it_has_screened(void **state) {
    (void)state;
    struct bench bench;
    for (uint32_t stop_after = 0; stop_after <= 30; ++stop_after) {
        set_up(&bench, 2500, 0);
        bench.evaluator.stop_after = stop_after;
        if (stop_after == 0) {
            atomic_store(&bench.segment->stop, 1);
        }
        const enum mxsi_outcome outcome = mxsi_cpu_worker_run_by_table(&bench.worker, 0, 30);
        uint64_t expected = 0;
        for (uint32_t i = 0; i < bench.evaluator.count; ++i) {
            expected += mxsi_tile_simulations(&bench.built.problem, bench.evaluator.seen[i].tile);
        }
        assert_true(bench.evaluator.count >= stop_after && bench.evaluator.count < stop_after + MOST_PORTFOLIOS);
        assert_int_equal(outcome, bench.evaluator.count < 30 ? MXSI_STOPPED : MXSI_GO_ON);
        assert_true(counted(&bench) == expected);
        tear_down(&bench);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_unit_of_a_chunk_is_screened_once_whatever_its_ends),
        cmocka_unit_test(a_tile_that_the_table_holds_is_not_drawn_again),
        cmocka_unit_test(a_few_units_of_the_most_tiles_take_no_longer_than_of_few),
        cmocka_unit_test(a_chunk_that_is_stopped_counts_what_it_has_screened),
    };
    return cmocka_run_group_tests_name("table worker", tests, NULL, NULL);
}
