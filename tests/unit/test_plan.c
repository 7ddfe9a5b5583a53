/* A search cut into chunks: every tile of every portfolio in exactly one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/plan.h"
#include "sampling/simulation_counter.h"
#include "support/seeded_random.h"

enum { MOST_SPANS = 40 };

/* What a plan looks at of a task. */
struct search {
    struct mxsi_problem problem;
    struct mxsi_sampling sampling;
};

static struct search search_of(uint64_t first, uint64_t end, uint64_t simulations, uint32_t k, double acceptance) {
    return (struct search){
        .problem = {.assets = k, .assets_per_portfolio = k, .portfolios = end},
        .sampling = {.first_portfolio = first,
                     .end_portfolio = end,
                     .simulations = simulations,
                     .tiles_per_portfolio = (simulations - 1) / MXSI_TILE_SIZE + 1,
                     .acceptance = acceptance},
    };
}

static struct mxsi_task task_of(const struct search *search) {
    return (struct mxsi_task){.problem = &search->problem, .sampling = &search->sampling};
}

/* Of all of a search. */
static struct mxsi_plan plan_of(const struct search *search, uint64_t chunk_tiles, uint32_t workers) {
    const struct mxsi_task task = task_of(search);
    const struct mxsi_span whole = mxsi_plan_whole(&task);
    return mxsi_plan_make(&task, &whole, 1, chunk_tiles, workers);
}

/* What must hold of every plan of a whole search. */
static void assert_sound(const struct mxsi_plan *plan, const struct search *search) {
    const struct mxsi_sampling *sampling = &search->sampling;
    const uint64_t units = (sampling->end_portfolio - sampling->first_portfolio) * sampling->tiles_per_portfolio;
    assert_true(plan->units == units);
    assert_int_equal(plan->span_count, 1);
    assert_true(plan->chunks >= 1 && plan->chunks <= MXSI_MAX_CHUNKS);
    assert_true(plan->chunk_units >= 1 && plan->chunk_units <= units);
    /* The last chunk is neither empty nor longer than the others. */
    const uint64_t before_last = (plan->chunks - 1) * plan->chunk_units;
    assert_true(plan->chunks == 1 || before_last / (plan->chunks - 1) == plan->chunk_units);
    assert_true(before_last < units && units - before_last <= plan->chunk_units);
    const struct mxsi_span whole = {0, units};
    uint64_t first_chunk = 77;
    mxsi_plan_number_chunks(plan, &whole, &first_chunk);
    assert_int_equal(first_chunk, 0);
    const struct mxsi_span last = mxsi_plan_chunk(plan, &whole, &first_chunk, plan->chunks - 1);
    assert_true(last.first == before_last && last.end == units);
}

static void a_plan_covers_every_unit_once_with_a_shorter_last_chunk(void **state) {
    (void)state;
    const struct search search = search_of(5, 12, 2500, 10, 1.0); /* 7 portfolios of 3 tiles */
    const struct mxsi_plan plan = plan_of(&search, 4, 2);
    assert_sound(&plan, &search);
    assert_int_equal(plan.units, 21);
    assert_int_equal(plan.chunk_units, 4);
    assert_int_equal(plan.chunks, 6); /* five of 4, one of 1 */
}

static void a_chunk_as_long_as_asked_for_is_never_longer_than_the_search(void **state) {
    (void)state;
    const struct search search = search_of(0, 3, 1, 2, 1.0);
    static const uint64_t LENGTHS[] = {1, 2, 3, 4, 1000000, UINT64_MAX};
    static const uint64_t CHUNKS[] = {3, 2, 1, 1, 1, 1};
    for (size_t i = 0; i < 6; ++i) {
        const struct mxsi_plan plan = plan_of(&search, LENGTHS[i], 8);
        assert_sound(&plan, &search);
        assert_int_equal(plan.chunks, CHUNKS[i]);
    }
}

static void chunks_too_short_to_count_are_lengthened(void **state) {
    (void)state;
    const uint64_t units = 10 * (uint64_t)MXSI_MAX_CHUNKS + 1;
    const struct search search = search_of(0, units, 1000, 25, 0.88);
    const struct mxsi_plan plan = plan_of(&search, 1, 2);
    assert_sound(&plan, &search);
    assert_int_equal(plan.chunk_units, 11);
    const struct search fits = search_of(0, MXSI_MAX_CHUNKS, 1000, 25, 0.88);
    const struct mxsi_plan exact = plan_of(&fits, 1, 2);
    assert_int_equal(exact.chunk_units, 1);
    assert_int_equal(exact.chunks, MXSI_MAX_CHUNKS);
}

static void a_chosen_chunk_is_milliseconds_of_work_and_every_worker_gets_many(void **state) {
    (void)state;
    const struct search reference = search_of(0, 142506, 1000, 25, 0.8834);
    for (uint32_t workers = 1; workers <= 64; workers *= 2) {
        const struct mxsi_plan plan = plan_of(&reference, 0, workers);
        assert_sound(&plan, &reference);
        assert_true(plan.chunks >= 15 * workers);
        assert_true(plan.chunk_units >= 10 && plan.chunk_units <= 1000); /* 25 assets: about 70 ns each, 1000 a unit */
    }
    /* One portfolio of many tiles is dealt out too. */
    const struct search single = search_of(0, 1, 1000000, 30, 1.0);
    const struct mxsi_plan plan = plan_of(&single, 0, 4);
    assert_sound(&plan, &single);
    assert_int_equal(plan.units, 977);
    assert_true(plan.chunks >= 15 * 4);
}

static void chunks_of_shared_draws_are_whole_portfolios_where_every_worker_gets_some(void **state) {
    (void)state;
    static const struct {
        uint64_t portfolios;
        uint64_t simulations;
        uint32_t workers;
        uint64_t portfolios_of_chunk; /* 0: not whole ones */
    } SEARCHES[] = {
        {142506, 1000000, 2, 256}, {142506, 1000000, 1000, 35},           {80, 1000000, 2, 10},
        {7, 1000000, 2, 0},        {1, UINT64_C(1024) << 32, 1, 0},       {1, UINT64_C(1024) << 32, 1000, 0},
        {3999, 5000, 1000, 0},     {4000, UINT64_C(1024) << 32, 1000, 1}, {142506, 1000, 2, 4454},
    };
    for (size_t i = 0; i < sizeof SEARCHES / sizeof *SEARCHES; ++i) {
        struct search search = search_of(0, SEARCHES[i].portfolios, SEARCHES[i].simulations, 25, 1.0);
        search.sampling.shared_draws = 1;
        const uint64_t tiles = search.sampling.tiles_per_portfolio;
        const struct mxsi_plan plan = plan_of(&search, 0, SEARCHES[i].workers);
        assert_sound(&plan, &search);
        assert_true(plan.chunks >= 4 * (uint64_t)SEARCHES[i].workers);
        if (SEARCHES[i].portfolios_of_chunk > 0) {
            assert_int_equal(plan.chunk_units, SEARCHES[i].portfolios_of_chunk * tiles);
        } else {
            assert_true(plan.chunk_units < tiles);
        }
    }
}

static void the_largest_searches_that_fit_64_bits_are_planned(void **state) {
    (void)state;
    static const struct {
        uint64_t portfolios;
        uint64_t simulations;
    } LARGE[] = {
        {UINT64_MAX, 1},
        {UINT64_C(1) << 63, 1},
        {(UINT64_C(1) << 63) - 1, 2},
        {UINT64_MAX / 1024, 1024},
        {UINT64_MAX / 1025, 1025},
        {1, UINT64_C(1024) << 32},
        {4194303, UINT64_C(1024) << 32},
        {14226520737620288370u, 1},
    };
    for (size_t i = 0; i < sizeof LARGE / sizeof *LARGE; ++i) {
        struct search search = search_of(0, LARGE[i].portfolios, LARGE[i].simulations, 33, 0.9);
        for (uint32_t choice = 0; choice < 4; ++choice) {
            search.sampling.shared_draws = choice / 2;
            const struct mxsi_plan plan = plan_of(&search, choice % 2, 64);
            assert_sound(&plan, &search);
        }
        assert_true(
            mxsi_plan_simulations(&search.sampling, 0, LARGE[i].portfolios * search.sampling.tiles_per_portfolio) ==
            LARGE[i].portfolios * LARGE[i].simulations);
    }
}

static void any_number_of_workers_and_any_acceptance_makes_a_sound_plan(void **state) {
    (void)state;
    const uint64_t seed = 90125;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct seeded_random random = {seed};
    for (int i = 0; i < 5000; ++i) {
        const uint64_t first = random_word(&random) >> 40;
        const uint64_t portfolios = 1 + (random_word(&random) >> (40 + random_below(&random, 24)));
        const uint64_t simulations = 1 + (random_word(&random) >> (40 + random_below(&random, 24)));
        struct search search =
            search_of(first, first + portfolios, simulations, 1 + (uint32_t)random_below(&random, 5000),
                      random_below(&random, 3) == 0 ? 0.0 : random_unit(&random));
        search.sampling.shared_draws = (uint32_t)random_below(&random, 2);
        const uint64_t length = random_below(&random, 2) == 0 ? 0 : 1 + random_below(&random, 100);
        const struct mxsi_plan plan =
            plan_of(&search, length, 1 + (uint32_t)(random_word(&random) >> (32 + random_below(&random, 32))));
        assert_sound(&plan, &search);
    }
}

static void a_tile_has_1024_simulations_and_the_last_one_what_is_left(void **state) {
    (void)state;
    static const uint64_t SIMULATIONS[] = {1, 1000, 1023, 1024, 1025, 2048, 2500};
    static const uint32_t LAST[] = {1, 1000, 1023, 1024, 1, 1024, 452};
    for (size_t i = 0; i < sizeof LAST / sizeof *LAST; ++i) {
        const struct search search = search_of(0, 1, SIMULATIONS[i], 5, 1.0);
        uint64_t total = 0;
        for (uint64_t tile = 0; tile < search.sampling.tiles_per_portfolio; ++tile) {
            total += mxsi_tile_simulations(&search.sampling, tile);
        }
        assert_true(total == SIMULATIONS[i]);
        assert_int_equal(mxsi_tile_simulations(&search.sampling, search.sampling.tiles_per_portfolio - 1), LAST[i]);
        assert_int_equal(mxsi_tile_simulations(&search.sampling, 0), SIMULATIONS[i] < 1024 ? SIMULATIONS[i] : 1024);
    }
}

static void simulations_of_any_run_of_units_are_counted(void **state) {
    (void)state;
    static const uint64_t SIMULATIONS[] = {1, 1000, 1024, 1025, 2500, 5120};
    for (size_t i = 0; i < sizeof SIMULATIONS / sizeof *SIMULATIONS; ++i) {
        const struct search search = search_of(100, 107, SIMULATIONS[i], 5, 1.0);
        const uint64_t units = 7 * search.sampling.tiles_per_portfolio;
        for (uint64_t first = 0; first <= units; ++first) {
            uint64_t expected = 0;
            for (uint64_t end = first; end <= units; ++end) {
                assert_true(mxsi_plan_simulations(&search.sampling, first, end) == expected);
                expected += mxsi_tile_simulations(&search.sampling, end % search.sampling.tiles_per_portfolio);
            }
        }
    }
}

/* Spans with gaps of any length between them, or none. Returns the units in them. */
static uint64_t random_spans(struct seeded_random *random, struct mxsi_span *spans, size_t count, uint64_t longest) {
    uint64_t units = 0;
    uint64_t at = random_below(random, 1000);
    for (size_t i = 0; i < count; ++i) {
        const uint64_t length = 1 + random_below(random, longest);
        spans[i] = (struct mxsi_span){at, at + length};
        units += length;
        at += length + random_below(random, 3) * random_below(random, 1000);
    }
    return units;
}

/* Walks the chunks of a plan: they go through the spans from end to end, none empty, longer than a chunk, or across
 * the end of a span, and only the last one of a span is shorter. */
static void assert_chunks_walk_the_spans(const struct mxsi_plan *plan, const struct mxsi_span *spans,
                                         const uint64_t *first_chunk) {
    uint64_t chunk = 0;
    for (uint64_t i = 0; i < plan->span_count; ++i) {
        assert_true(first_chunk[i] == chunk);
        uint64_t at = spans[i].first;
        for (; at < spans[i].end; ++chunk) {
            const struct mxsi_span units = mxsi_plan_chunk(plan, spans, first_chunk, chunk);
            assert_true(units.first == at && units.end > at && units.end <= spans[i].end);
            assert_true(units.end - at == plan->chunk_units || units.end == spans[i].end);
            assert_true(units.end - at <= plan->chunk_units);
            at = units.end;
        }
        assert_true(at == spans[i].end);
    }
    assert_true(chunk == plan->chunks);
}

static void every_unit_of_any_spans_is_in_exactly_one_chunk(void **state) {
    (void)state;
    const uint64_t seed = 2112;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct seeded_random random = {seed};
    for (int i = 0; i < 3000; ++i) {
        struct mxsi_span spans[MOST_SPANS];
        uint64_t first_chunk[MOST_SPANS];
        const size_t count = 1 + (size_t)random_below(&random, MOST_SPANS);
        const uint64_t units = random_spans(&random, spans, count, 1 + random_below(&random, 300));
        struct search search = search_of(0, UINT64_C(1) << 40, 1 + random_below(&random, 5000), 25, 0.88);
        search.sampling.shared_draws = (uint32_t)random_below(&random, 2);
        const struct mxsi_task task = task_of(&search);
        const uint64_t length = random_below(&random, 2) == 0 ? 0 : 1 + random_below(&random, 400);
        const struct mxsi_plan plan =
            mxsi_plan_make(&task, spans, count, length, 1 + (uint32_t)random_below(&random, 64));
        assert_true(plan.units == units);
        assert_int_equal(plan.span_count, count);
        assert_true(length == 0 || plan.chunk_units == (length < units ? length : units));
        mxsi_plan_number_chunks(&plan, spans, first_chunk);
        assert_chunks_walk_the_spans(&plan, spans, first_chunk);
    }
}

/* A quarter of a million chunks, and one more for each span at most. */
static void short_chunks_of_long_spans_are_lengthened_too(void **state) {
    (void)state;
    struct seeded_random random = {2113};
    struct mxsi_span spans[MOST_SPANS];
    uint64_t first_chunk[MOST_SPANS];
    (void)random_spans(&random, spans, MOST_SPANS, 1 << 18);
    const struct search search = search_of(0, UINT64_C(1) << 40, 1000, 25, 0.88);
    const struct mxsi_task task = task_of(&search);
    const struct mxsi_plan plan = mxsi_plan_make(&task, spans, MOST_SPANS, 1, 2);
    assert_true(plan.units > 4 * (uint64_t)MXSI_MAX_CHUNKS);
    assert_true(plan.chunks > MXSI_MAX_CHUNKS / 2 && plan.chunks <= MXSI_MAX_CHUNKS + MOST_SPANS);
    mxsi_plan_number_chunks(&plan, spans, first_chunk);
    assert_chunks_walk_the_spans(&plan, spans, first_chunk);
}

static void the_whole_of_a_range_of_portfolios_counts_from_its_first_unit(void **state) {
    (void)state;
    const struct search search = search_of(1000, 1007, 2500, 10, 1.0);
    const struct mxsi_task task = task_of(&search);
    const struct mxsi_span whole = mxsi_plan_whole(&task);
    assert_int_equal(whole.first, 0);
    assert_int_equal(whole.end, 21);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_covers_every_unit_once_with_a_shorter_last_chunk),
        cmocka_unit_test(a_chunk_as_long_as_asked_for_is_never_longer_than_the_search),
        cmocka_unit_test(chunks_too_short_to_count_are_lengthened),
        cmocka_unit_test(a_chosen_chunk_is_milliseconds_of_work_and_every_worker_gets_many),
        cmocka_unit_test(chunks_of_shared_draws_are_whole_portfolios_where_every_worker_gets_some),
        cmocka_unit_test(the_largest_searches_that_fit_64_bits_are_planned),
        cmocka_unit_test(any_number_of_workers_and_any_acceptance_makes_a_sound_plan),
        cmocka_unit_test(a_tile_has_1024_simulations_and_the_last_one_what_is_left),
        cmocka_unit_test(simulations_of_any_run_of_units_are_counted),
        cmocka_unit_test(every_unit_of_any_spans_is_in_exactly_one_chunk),
        cmocka_unit_test(short_chunks_of_long_spans_are_lengthened_too),
        cmocka_unit_test(the_whole_of_a_range_of_portfolios_counts_from_its_first_unit),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
