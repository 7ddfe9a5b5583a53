/* The table of shared draws against the definition of a simulation: the accepted attempts of a tile, in order, and
 * behind them copies of the first up to whole vectors. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engines/cpu/evaluators/weight_table.h"
#include "run/plan.h"
#include "sampling/draw.h"
#include "support/built_problem.h"
#include "support/made_market.h"

struct bench {
    struct built_problem built;
    struct mxsi_weight_table table;
    unsigned char *memory;
    unsigned char *guard; /* 64 bytes behind the table's memory */
    double *weights;
    double *scratch;
};

static void set_up(struct bench *bench, const asked *options, const struct mxsi_lanes *lanes) {
    struct seeded_random random = {options->sampling.seed};
    *bench = (struct bench){0};
    build_problem(&bench->built, random_market(&random, options->problem.assets_per_portfolio + 1, 1), options);
    const struct mxsi_task *task = &bench->built.task;
    const uint32_t k = task->problem->assets_per_portfolio;
    const size_t size = (size_t)mxsi_weight_table_lay_out(&bench->table, task, 0);
    bench->memory = aligned_alloc(64, (size + 63) / 64 * 64 + 64);
    bench->weights = malloc(k * sizeof(double));
    bench->scratch = malloc(mxsi_draw_scratch(k) * sizeof(double));
    assert_non_null(bench->memory);
    assert_non_null(bench->weights);
    assert_non_null(bench->scratch);
    memset(bench->memory, 0, size);
    bench->guard = memset(bench->memory + (size + 63) / 64 * 64, 0xa5, 64);
    (void)mxsi_weight_table_lay_out(&bench->table, task, (uintptr_t)bench->memory);
    mxsi_weight_table_init(&bench->table, task, lanes);
}

static void tear_down(struct bench *bench) {
    free(bench->memory);
    free(bench->weights);
    free(bench->scratch);
    destroy_problem(&bench->built);
}

static void assert_column(const struct bench *bench, uint32_t column, uint32_t attempt) {
    const struct mxsi_weight_table *table = &bench->table;
    assert_int_equal(table->attempt[column], attempt);
    double sum = 0.0;
    for (uint32_t i = 0; i < bench->built.problem.assets_per_portfolio; ++i) {
        const double x = (double)table->x[(size_t)i * MXSI_TABLE_STRIDE + column];
        const double weight = x / (double)table->sum[column];
        sum += weight;
        if (fabs(weight - bench->weights[i]) > 2e-5 * bench->weights[i] + 2e-7) {
            fail_msg("attempt %u: weight %u is %.9g and not %.17g", attempt, i, weight, bench->weights[i]);
        }
    }
    assert_true(fabs(sum - 1.0) < 1e-4);
}

static void assert_tile(struct bench *bench, uint32_t tile) {
    struct mxsi_weight_table *table = &bench->table;
    assert_int_equal(mxsi_weight_table_draw(table, tile), 1);
    assert_int_equal(mxsi_weight_table_draw(table, tile), 0);
    assert_int_equal(table->tile, tile);
    assert_int_equal(table->count, mxsi_tile_simulations(&bench->built.sampling, tile));
    struct mxsi_identity identity = {.tile = tile};
    for (uint32_t column = 0; column < table->count; ++identity.attempt) {
        if (mxsi_draw_weights(&bench->built.problem, &bench->built.sampling, &identity, bench->weights,
                              bench->scratch)) {
            assert_column(bench, column++, identity.attempt);
        }
    }
    for (uint32_t column = table->count; column < mxsi_whole_vectors(table->count); ++column) {
        assert_true(table->sum[column] == table->sum[0]);
        for (size_t i = 0; i < bench->built.problem.assets_per_portfolio; ++i) {
            assert_true(table->x[i * MXSI_TABLE_STRIDE + column] == table->x[i * MXSI_TABLE_STRIDE]);
        }
    }
    for (int i = 0; i < 64; ++i) {
        assert_int_equal(bench->guard[i], 0xa5);
    }
}

/* The last tile first, then full ones, then the last again: a shorter tile keeps nothing of a longer one. */
static void assert_tables(size_t k, double min_weight, double max_weight, mxs_sampler sampler) {
    static const uint64_t SIMULATIONS[] = {1, 5, 16, 17, 1000, 1024, 2500};
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        for (size_t i = 0; i < sizeof SIMULATIONS / sizeof *SIMULATIONS; ++i) {
            asked options = asked_defaults();
            options.problem.assets_per_portfolio = k;
            options.problem.min_weight = min_weight;
            options.problem.max_weight = max_weight;
            options.sampling.simulations = SIMULATIONS[i];
            options.sampling.draws = MXS_DRAWS_SHARED;
            options.sampling.seed = k;
            struct bench bench;
            set_up(&bench, &options, mxsi_lanes_at(t));
            assert_int_equal(bench.built.sampling.sampler, sampler);
            const uint32_t last = (uint32_t)bench.built.sampling.tiles_per_portfolio - 1;
            assert_tile(&bench, last);
            if (last > 0) {
                assert_tile(&bench, 0);
                assert_tile(&bench, last);
            }
            tear_down(&bench);
        }
    }
}

static void a_table_holds_the_attempts_that_rejection_accepts(void **state) {
    (void)state;
    assert_tables(2, 0.0, 1.0, MXS_SAMPLER_REJECTION);
    assert_tables(7, 0.0, 0.4, MXS_SAMPLER_REJECTION);
    assert_tables(25, 0.01, 0.2, MXS_SAMPLER_REJECTION);
    assert_tables(300, 0.001, 0.02, MXS_SAMPLER_REJECTION);
}

static void a_table_holds_every_attempt_of_the_other_samplers(void **state) {
    (void)state;
    assert_tables(10, 0.0, 0.15, MXS_SAMPLER_FIXED_SUM);
    assert_tables(120, 0.002, 0.012, MXS_SAMPLER_FIXED_SUM);
    assert_tables(1, 0.0, 1.0, MXS_SAMPLER_EQUAL_WEIGHTS);
    assert_tables(5, 0.2, 0.2, MXS_SAMPLER_EQUAL_WEIGHTS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_holds_the_attempts_that_rejection_accepts),
        cmocka_unit_test(a_table_holds_every_attempt_of_the_other_samplers),
    };
    return cmocka_run_group_tests_name("weight table", tests, NULL, NULL);
}
