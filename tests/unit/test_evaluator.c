/* Every evaluator of the CPU: which attempts it counts, and that no upper bound is below the Sharpe ratio in double.
 *
 * Everything runs in a child, as in a search: OpenBLAS starts threads in the process that loads it, and the evaluator
 * changes that process's environment. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engines/cpu/evaluators/evaluator.h"
#include "sampling/draw.h"
#include "sampling/rescore.h"
#include "sampling/simulation_counter.h"
#include "screening/screen_bound.h"
#include "support/built_problem.h"
#include "support/hard_markets.h"
#include "support/made_market.h"

enum { MAX_K = 40 };

static const struct mxsi_evaluator_kind *const KINDS[] = {
    &mxsi_evaluator_openblas, &mxsi_evaluator_full_product, &mxsi_evaluator_row_wise,   &mxsi_evaluator_mean_first,
    &mxsi_evaluator_single,   &mxsi_evaluator_fused,        &mxsi_evaluator_fused_full,
};

/* What a child has to say; in memory that it shares with the test. */
struct report {
    char complaint[256]; /* "" where all is well */
    uint32_t accepted;
    uint32_t rejected;
    uint32_t ruled_out; /* accepted, and below the bar */
    double widest_gap;
    float first_bar; /* of the block that was screened last: its first simulation's bar, and its best one's */
    float best_bar;
};

#define COMPLAIN(...) ((void)snprintf(report->complaint, sizeof report->complaint, __VA_ARGS__), 0)

struct bench {
    const struct mxsi_evaluator_kind *kind;
    struct mxsi_evaluator *evaluator;
    struct mxsi_rescorer rescorer;
    const struct mxsi_inputs *inputs;
    unsigned char *guard; /* 64 bytes behind the evaluator's memory */
};

static int set_up(struct bench *bench, const struct mxsi_evaluator_kind *kind, const struct mxsi_inputs *inputs,
                  const struct mxsi_lanes *lanes, struct report *report) {
    const uint32_t k = inputs->problem->assets_per_portfolio;
    bench->kind = kind;
    bench->inputs = inputs;
    const size_t size = (bench->kind->memory_size(inputs->problem) + 63) / 64 * 64;
    unsigned char *memory = aligned_alloc(64, size + 64);
    void *rescorer_memory = aligned_alloc(64, (mxsi_rescorer_size(k) + 63) / 64 * 64);
    if (memory == NULL || rescorer_memory == NULL) {
        return COMPLAIN("no memory");
    }
    memset(memory, 0, size);
    bench->guard = memset(memory + size, 0xa5, 64);
    mxsi_rescorer_init(&bench->rescorer, inputs, rescorer_memory);
    bench->evaluator = bench->kind->create(inputs, lanes, memory, report->complaint, sizeof report->complaint);
    return bench->evaluator != NULL;
}

/* One attempt against its definition. 0 where they differ. */
static int check_attempt(struct bench *bench, const struct mxsi_block *block, const struct mxsi_screen *screen,
                         uint32_t i, uint32_t *accepted, struct report *report) {
    const struct mxsi_identity identity = {block->rank, block->tile, block->first_attempt + i};
    double expected_return = 0.0;
    double volatility = 0.0;
    double sharpe = 0.0;
    const int outcome = mxsi_rescore(&bench->rescorer, &identity, &expected_return, &volatility, &sharpe);
    const float upper = screen->upper[i];
    if (outcome != 0 || *accepted == block->wanted) {
        report->rejected += outcome != 0;
        return upper == -HUGE_VALF ? 1 : COMPLAIN("attempt %u does not count, but its bound is %g", i, (double)upper);
    }
    const double scale = bench->inputs->problem->sharpe_scale;
    const float bar = mxsi_screen_bar(sharpe, scale);
    report->first_bar = *accepted == 0 ? bar : report->first_bar;
    report->best_bar = *accepted == 0 ? bar : fmaxf(report->best_bar, bar);
    ++*accepted;
    if (upper == -HUGE_VALF && bar < block->bar) {
        ++report->ruled_out;
        return 1;
    }
    if (!(upper >= bar)) {
        return COMPLAIN("attempt %u: the Sharpe ratio is %.17g, its bar %.9g, the bound %.9g", i, sharpe, (double)bar,
                        (double)upper);
    }
    report->widest_gap = fmax(report->widest_gap, (double)upper - sharpe / scale);
    return upper <= screen->highest ? 1 : COMPLAIN("attempt %u is higher than the highest", i);
}

static int check_block(struct bench *bench, const struct mxsi_block *block, struct report *report) {
    struct mxsi_screen screen = {0};
    struct mxsi_worker_times times = {0};
    uint32_t accepted = 0;
    bench->kind->screen(bench->evaluator, block, &screen, &times);
    int has_highest = screen.accepted == 0;
    for (uint32_t i = 0; i < block->attempts; ++i) {
        if (!check_attempt(bench, block, &screen, i, &accepted, report)) {
            return 0;
        }
        has_highest |= screen.upper[i] == screen.highest;
    }
    report->accepted += accepted;
    if (screen.accepted != accepted || !has_highest) {
        return COMPLAIN("%u attempts are accepted and not %u, or none of them is the highest", screen.accepted,
                        accepted);
    }
    for (int i = 0; i < 64; ++i) {
        if (bench->guard[i] != 0xa5) {
            return COMPLAIN("memory behind the evaluator's was written to");
        }
    }
    return 1;
}

/* The same block when there are leaders already: what can reach them is not lost. */
static int check_bar(struct bench *bench, const struct mxsi_block *block, size_t i, struct report *report) {
    const float bars[] = {report->best_bar, report->first_bar, -fabsf(report->first_bar), report->best_bar};
    struct mxsi_block barred = *block;
    barred.bar = bench->kind->every_variance ? -HUGE_VALF : bars[i];
    return check_block(bench, &barred, report);
}

/* Blocks of every length, in several portfolios, in tiles and attempts near and far. */
static int check_problem(const struct mxsi_evaluator_kind *kind, const struct mxsi_inputs *inputs,
                         const struct mxsi_lanes *lanes, struct report *report) {
    struct bench bench = {0};
    if (!set_up(&bench, kind, inputs, lanes, report)) {
        return 0;
    }
    const struct mxsi_problem *problem = inputs->problem;
    const uint32_t most = bench.kind->max_attempts(bench.evaluator);
    uint32_t assets[MAX_K];
    uint32_t chosen[MAX_K];
    struct seeded_random random = {problem->seed};
    const uint32_t step = most / 5 / MXSI_LANES_MULTIPLE * MXSI_LANES_MULTIPLE;
    for (uint32_t attempts = MXSI_LANES_MULTIPLE; attempts <= most; attempts += step) {
        const uint64_t rank = random_below(&random, problem->portfolios);
        mxsi_portfolio_assets(inputs, rank, assets, chosen);
        bench.kind->select_portfolio(bench.evaluator, assets);
        const uint32_t wanted[] = {attempts, 1, attempts / 3, MXSI_TILE_SIZE};
        for (size_t i = 0; i < 4; ++i) {
            const struct mxsi_block block = {rank,
                                             (uint32_t)random_below(&random, 5),
                                             (uint32_t)random_below(&random, 3) * most,
                                             attempts,
                                             wanted[i] < MXSI_TILE_SIZE ? wanted[i] : MXSI_TILE_SIZE,
                                             -HUGE_VALF};
            if (!check_block(&bench, &block, report) || !check_bar(&bench, &block, i, report)) {
                return 0;
            }
        }
    }
    return 1;
}

static struct report run_in_child(const struct mxsi_evaluator_kind *kind, const struct mxsi_inputs *inputs,
                                  const struct mxsi_lanes *lanes) {
    struct report *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(check_problem(kind, inputs, lanes, shared) ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    const struct report report = *shared;
    (void)munmap(shared, sizeof *shared);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fail_msg("%s, %s: %s (wait status %d)", kind->name, lanes->name, report.complaint, status);
    }
    return report;
}

static void assert_market(mxs_market *market, const asked *options, mxs_sampler sampler) {
    struct built_problem built;
    build_problem(&built, market, options);
    assert_int_equal(built.sampling.sampler, sampler);
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; ++i) {
        for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
            const struct report report = run_in_child(KINDS[i], &built.inputs, mxsi_lanes_at(t));
            assert_true(report.accepted > 500);
            assert_true((report.rejected > 0) == (sampler == MXS_SAMPLER_REJECTION && built.sampling.acceptance < 1.0));
            assert_true(report.widest_gap < 0.01);
            assert_true(report.ruled_out == 0 || KINDS[i] == &mxsi_evaluator_fused);
        }
    }
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

/* Stocks have a common factor: most simulations are far below a bar that some have reached. Half of the blocks are
 * screened with such a bar, after they were screened without. */
static void most_of_what_cannot_reach_the_bar_is_ruled_out_before_its_variance(void **state) {
    (void)state;
    struct built_problem built;
    const asked options = options_of(25, 0.0, 0.2, 112);
    build_problem(&built, make_market(250, 30, 113), &options);
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        const struct report report = run_in_child(&mxsi_evaluator_fused, &built.inputs, mxsi_lanes_at(t));
        print_message("%s: %u of %u ruled out\n", mxsi_lanes_at(t)->name, report.ruled_out, report.accepted);
        assert_true(report.ruled_out > report.accepted / 8);
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
