/* Every evaluator of the CPU, on every instruction set: which attempts it counts, and that no upper bound is below the
 * Sharpe ratio in double. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engines/cpu/evaluators/evaluator.h"
#include "sampling/sampling_build.h"
#include "support/built_problem.h"
#include "support/evaluator_checks.h"
#include "support/hard_markets.h"
#include "support/made_market.h"

static const struct mxsi_block_evaluator_kind *const BLOCK_KINDS[] = {
    &mxsi_evaluator_openblas, &mxsi_evaluator_full_product, &mxsi_evaluator_row_wise,   &mxsi_evaluator_mean_first,
    &mxsi_evaluator_single,   &mxsi_evaluator_fused,        &mxsi_evaluator_fused_full,
};

static const struct mxsi_table_evaluator_kind *const TABLE_KINDS[] = {
    &mxsi_evaluator_openblas_table,
    &mxsi_evaluator_fused_table,
    &mxsi_evaluator_fused_full_table,
};

/* What holds of both types. A variance that is one sum over packed products has a wider bound: see screen_bound.h. */
static void assert_report(const struct evaluator_report *report, int may_rule_out, int is_packed) {
    assert_true(report->widest_gap < (is_packed ? 0.03 : 0.01));
    assert_true(report->ruled_out == 0 || may_rule_out);
}

static void assert_block_kinds(const struct built_problem *built) {
    const int rejects = built->sampling.sampler == MXS_SAMPLER_REJECTION && built->sampling.acceptance < 1.0;
    for (size_t i = 0; i < sizeof BLOCK_KINDS / sizeof BLOCK_KINDS[0]; ++i) {
        for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
            const struct evaluator_report report =
                check_block_evaluator(BLOCK_KINDS[i], &built->task, mxsi_lanes_at(t));
            assert_report(&report, BLOCK_KINDS[i] == &mxsi_evaluator_fused, 0);
            assert_true(report.accepted > 500);
            assert_true((report.rejected > 0) == rejects);
        }
    }
}

/* The same problem, of which a table of weights serves all portfolios: a full tile, and a shorter one. */
static void assert_table_kinds(const struct built_problem *built, mxs_sampling_options options) {
    struct mxsi_sampling sampling;
    options.draws = MXS_DRAWS_SHARED;
    options.simulations = 1500;
    assert_int_equal(mxsi_sampling_build(&built->problem, &options, built->arena, &sampling, NULL), MXS_OK);
    const struct mxsi_task task = {&built->problem, &sampling, &built->screening};
    for (size_t i = 0; i < sizeof TABLE_KINDS / sizeof TABLE_KINDS[0]; ++i) {
        for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
            const struct evaluator_report report = check_table_evaluator(TABLE_KINDS[i], &task, mxsi_lanes_at(t));
            assert_report(&report, TABLE_KINDS[i] == &mxsi_evaluator_fused_table,
                          TABLE_KINDS[i] == &mxsi_evaluator_openblas_table);
            assert_true(report.accepted > (sampling.simulations == 1 ? 50 : 20000));
        }
    }
}

static void assert_market(mxs_market *market, const asked *options, mxs_sampler sampler) {
    struct built_problem built;
    build_problem(&built, market, options);
    assert_int_equal(built.sampling.sampler, sampler);
    assert_block_kinds(&built);
    assert_table_kinds(&built, options->sampling);
    destroy_problem(&built);
}

static void assert_problem(const asked *options, size_t assets, mxs_sampler sampler) {
    struct seeded_random random = {options->sampling.seed};
    assert_market(random_market(&random, assets, 3), options, sampler);
}

static asked options_of(size_t k, double min_weight, double max_weight, uint64_t seed) {
    asked options = asked_defaults();
    options.problem.assets_per_portfolio = k;
    options.problem.min_weight = min_weight;
    options.problem.max_weight = max_weight;
    options.sampling.seed = seed;
    return options;
}

static void rejected_attempts_and_those_past_the_wanted_do_not_count(void **state) {
    (void)state;
    const asked options = options_of(25, 0.0, 0.2, 101);
    assert_problem(&options, 30, MXS_SAMPLER_REJECTION);
    const asked few = options_of(3, 0.0, 0.6, 102);
    assert_problem(&few, 8, MXS_SAMPLER_REJECTION);
}

static void minimum_weights_are_in_the_bound(void **state) {
    (void)state;
    const asked options = options_of(12, 0.03, 0.35, 103);
    assert_problem(&options, 15, MXS_SAMPLER_REJECTION);
    const asked uncapped = options_of(7, 0.1, 1.0, 104);
    assert_problem(&uncapped, 9, MXS_SAMPLER_REJECTION);
}

static void the_fixed_sum_sampler_rejects_nothing(void **state) {
    (void)state;
    const asked options = options_of(10, 0.0, 0.2, 105);
    assert_problem(&options, 14, MXS_SAMPLER_FIXED_SUM);
    const asked raised = options_of(25, 0.03, 0.05, 106);
    assert_problem(&raised, 28, MXS_SAMPLER_FIXED_SUM);
}

static void equal_weights_are_evaluated_too(void **state) {
    (void)state;
    const asked options = options_of(5, 0.2, 0.2, 107);
    assert_problem(&options, 9, MXS_SAMPLER_EQUAL_WEIGHTS);
    const asked single = options_of(1, 0.0, 1.0, 108);
    assert_problem(&single, 4, MXS_SAMPLER_EQUAL_WEIGHTS);
}

static void shared_draws_and_included_assets_are_evaluated_as_they_are_drawn(void **state) {
    (void)state;
    static const char *const INCLUDE[] = {"A9", "A4"};
    asked options = options_of(6, 0.0, 0.5, 109);
    options.sampling.draws = MXS_DRAWS_SHARED;
    options.problem.include = INCLUDE;
    options.problem.include_count = 2;
    assert_problem(&options, 11, MXS_SAMPLER_REJECTION);
}

/* Means that nearly cancel against the risk-free rate, from returns that are much larger: all gains come first, so that
 * what their sum loses to rounding is most of the excess return. */
static void daily_returns_that_cancel_are_within_the_bound(void **state) {
    (void)state;
    enum { ROWS = 2000, COLUMNS = 8 };
    static double returns[ROWS * COLUMNS];
    struct seeded_random random = {110};
    for (size_t t = 0; t < ROWS / 2; ++t) {
        for (size_t i = 0; i < COLUMNS; ++i) {
            const double move = 0.2 * random_unit(&random);
            returns[t * COLUMNS + i] = move;
            returns[(t + ROWS / 2) * COLUMNS + i] = 2e-9 * random_unit(&random) - move;
        }
    }
    mxs_market_options market_options;
    mxs_market_options_init(&market_options, sizeof market_options);
    market_options.input = MXS_INPUT_RETURNS;
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_create(returns, ROWS, COLUMNS, NULL, &market_options, &market, NULL), MXS_OK);
    asked options = options_of(5, 0.0, 0.5, 110);
    options.problem.risk_free = 252.0 * mxs_market_describe(market)->mean[0];
    assert_market(market, &options, MXS_SAMPLER_REJECTION);
}

static void daily_returns_are_evaluated_as_their_mean_is(void **state) {
    (void)state;
    const asked options = options_of(7, 0.02, 0.5, 111);
    assert_market(make_market(90, 10, 111), &options, MXS_SAMPLER_REJECTION);
    const asked fixed_sum = options_of(7, 0.0, 0.2, 112);
    assert_market(make_market(4, 9, 112), &fixed_sum, MXS_SAMPLER_FIXED_SUM);
}

/* There the plane that rules simulations out touches all of them. */
static void assets_that_move_in_step_lose_nothing(void **state) {
    (void)state;
    struct seeded_random random = {114};
    const asked options = options_of(9, 0.0, 0.4, 114);
    assert_market(make_hard_market(&random, HARD_IN_STEP, 12), &options, MXS_SAMPLER_REJECTION);
    const asked raised = options_of(9, 0.05, 0.9, 115);
    assert_market(make_hard_market(&random, HARD_NEARLY_IN_STEP, 12), &raised, MXS_SAMPLER_REJECTION);
    const asked fixed_sum = options_of(9, 0.02, 0.15, 116);
    assert_market(make_hard_market(&random, HARD_IN_STEP, 12), &fixed_sum, MXS_SAMPLER_FIXED_SUM);
}

/* Stocks have a common factor: most simulations are far below a bar that some have reached. Half of the blocks, and
 * more of the tables, are screened with such a bar, after they were screened without. */
static void most_of_what_cannot_reach_the_bar_is_ruled_out_before_its_variance(void **state) {
    (void)state;
    struct built_problem built;
    asked options = options_of(25, 0.0, 0.2, 112);
    options.sampling.draws = MXS_DRAWS_SHARED;
    build_problem(&built, make_market(250, 30, 113), &options);
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        const struct mxsi_lanes *lanes = mxsi_lanes_at(t);
        const struct evaluator_report blocks = check_block_evaluator(&mxsi_evaluator_fused, &built.task, lanes);
        const struct evaluator_report tables = check_table_evaluator(&mxsi_evaluator_fused_table, &built.task, lanes);
        print_message("%s: %u of %u ruled out in blocks, %u of %u in tables\n", lanes->name, blocks.ruled_out,
                      blocks.accepted, tables.ruled_out, tables.accepted);
        assert_true(blocks.ruled_out > blocks.accepted / 8);
        assert_true(tables.ruled_out > tables.accepted / 8);
    }
    destroy_problem(&built);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejected_attempts_and_those_past_the_wanted_do_not_count),
        cmocka_unit_test(minimum_weights_are_in_the_bound),
        cmocka_unit_test(the_fixed_sum_sampler_rejects_nothing),
        cmocka_unit_test(equal_weights_are_evaluated_too),
        cmocka_unit_test(shared_draws_and_included_assets_are_evaluated_as_they_are_drawn),
        cmocka_unit_test(daily_returns_are_evaluated_as_their_mean_is),
        cmocka_unit_test(daily_returns_that_cancel_are_within_the_bound),
        cmocka_unit_test(assets_that_move_in_step_lose_nothing),
        cmocka_unit_test(most_of_what_cannot_reach_the_bar_is_ruled_out_before_its_variance),
    };
    return cmocka_run_group_tests_name("evaluator", tests, NULL, NULL);
}
