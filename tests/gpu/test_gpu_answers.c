/* The GPU names the simulations that the CPU names, to the last digit of every number, on random problems of all sizes
 * and kinds, through every pipeline.
 *
 * The one argument that the program takes is the number of problems. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/built_problem.h"
#include "support/conformance_runs.h"
#include "support/made_market.h"
#include "support/seeded_random.h"

static const uint64_t SEED = 20241230;

enum { PROBLEMS = 200, MAX_ASSETS = 90, MOST_TERMS = 60000000 };

struct tally {
    size_t problems; /* to try */
    size_t fused;
    size_t staged;
    size_t shared;
    size_t by_rejection;
    size_t by_fixed_sum;
};

static void choose_bounds(struct seeded_random *random, asked *options) {
    const double fair = 1.0 / (double)options->problem.assets_per_portfolio;
    switch (random_below(random, 5)) {
    case 0:
        break;
    case 1: /* loose */
        options->problem.max_weight = fmin(1.0, fair * random_between(random, 3.0, 8.0));
        break;
    case 2: /* tight */
        options->problem.max_weight = fmin(1.0, fair * random_between(random, 1.05, 2.0));
        break;
    case 3:
        options->problem.min_weight = fair * random_between(random, 0.1, 0.9);
        break;
    default: /* one point is left, or nearly */
        options->problem.max_weight = fmin(1.0, fair * (random_below(random, 2) ? 1.0 : 1.001));
        break;
    }
}

static asked choose_options(struct seeded_random *random, size_t assets) {
    asked options = conformance_options();
    const size_t k = 1 + random_below(random, assets);
    options.problem.assets_per_portfolio = k;
    options.sampling.simulations = 1 + random_below(random, random_below(random, 3) == 0 ? 3000 : 1100);
    options.sampling.seed = random_word(random);
    options.sampling.draws = random_below(random, 3) == 0 ? MXS_DRAWS_SHARED : MXS_DRAWS_FRESH;
    options.run.evaluator = random_below(random, 3) == 0 ? MXS_EVALUATOR_STAGED : MXS_EVALUATOR_AUTO;
    options.problem.top = random_below(random, 2) ? 1 : 1 + random_below(random, 5);
    options.problem.risk_free = random_between(random, 0.0, 0.1);
    choose_bounds(random, &options);
    return options;
}

/* A range of portfolios that the CPU gets through in no time; 0 where there are too many to count. */
static int choose_range(struct seeded_random *random, const mxs_market *market, asked *options) {
    trial made;
    if (trial_create(market, options, &made, NULL) != MXS_OK) {
        trial_release(&made);
        return 0;
    }
    const uint64_t portfolios = mxs_problem_describe(made.problem)->portfolios;
    trial_release(&made);
    const uint64_t k = options->problem.assets_per_portfolio;
    uint64_t most = MOST_TERMS / (options->sampling.simulations * (k * k / 2 + 20 * k));
    most = most < 1 ? 1 : most;
    const uint64_t length = 1 + random_below(random, portfolios < most ? portfolios : most);
    options->sampling.first_portfolio = random_below(random, portfolios - length + 1);
    options->sampling.end_portfolio = options->sampling.first_portfolio + length;
    return 1;
}

static void print_problem(size_t number, size_t assets, const asked *o) {
    print_error(
        "problem %zu: N %zu, K %zu, S %lu, weights %.17g to %.17g, rf %.17g, seed %lu, draws %d, evaluator %d, "
        "ranks %lu:%lu, top %zu\n",
        number, assets, o->problem.assets_per_portfolio, (unsigned long)o->sampling.simulations, o->problem.min_weight,
        o->problem.max_weight, o->problem.risk_free, (unsigned long)o->sampling.seed, (int)o->sampling.draws,
        (int)o->run.evaluator, (unsigned long)o->sampling.first_portfolio, (unsigned long)o->sampling.end_portfolio,
        o->problem.top);
}

static void count_problem(const mxs_engine_stats *engine, const mxs_market *market, const asked *options,
                          struct tally *tally) {
    tally->fused += strcmp(engine->evaluator, "fused") == 0;
    tally->staged += strcmp(engine->evaluator, "staged") == 0;
    tally->shared += strcmp(engine->evaluator, "shared") == 0;
    trial made;
    assert_int_equal(trial_create(market, options, &made, NULL), MXS_OK);
    tally->by_rejection += mxs_search_describe(made.search)->sampler == MXS_SAMPLER_REJECTION;
    tally->by_fixed_sum += mxs_search_describe(made.search)->sampler == MXS_SAMPLER_FIXED_SUM;
    trial_release(&made);
}

static void try_problem(size_t number, const mxs_market *market, size_t assets, const asked *options,
                        struct tally *tally) {
    print_problem(number, assets, options); /* before it runs: a hang is named, too */
    asked cpu_options = *options;
    cpu_options.run.backend = MXS_BACKEND_CPU;
    cpu_options.run.evaluator = MXS_EVALUATOR_AUTO;
    mxs_result *expected = run_to_the_end(market, &cpu_options);
    mxs_result *found = run_to_the_end(market, options);
    assert_int_equal(mxs_result_describe(found)->engine_count, 1);
    assert_int_equal(mxs_result_engine(found, 0)->backend, MXS_BACKEND_CUDA);
    assert_same_leaders(found, expected);
    count_problem(mxs_result_engine(found, 0), market, options, tally);
    mxs_result_destroy(found);
    mxs_result_destroy(expected);
}

static void both_backends_name_the_same_portfolios_to_the_last_digit(void **state) {
    struct tally tally = {.problems = *(const size_t *)*state};
    struct seeded_random random = {SEED};
    for (size_t i = 0; i < tally.problems;) {
        const size_t assets = 1 + random_below(&random, random_below(&random, 2) ? 30 : MAX_ASSETS);
        mxs_market *market = random_market(&random, assets, 3);
        asked options = choose_options(&random, assets);
        if (choose_range(&random, market, &options)) {
            try_problem(i++, market, assets, &options, &tally);
        }
        mxs_market_destroy(market);
    }
    print_message("seed %lu, %zu problems: %zu fused, %zu staged, %zu shared; %zu by rejection, %zu by fixed sum\n",
                  (unsigned long)SEED, tally.problems, tally.fused, tally.staged, tally.shared, tally.by_rejection,
                  tally.by_fixed_sum);
    if (tally.problems >= PROBLEMS) { /* or the random problems are not what they are meant to be */
        assert_true(tally.fused >= 30 && tally.staged >= 60 && tally.shared >= 30);
        assert_true(tally.by_rejection >= 60 && tally.by_fixed_sum >= 30);
    }
}

int main(int argc, char **argv) {
    size_t problems = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : PROBLEMS;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(both_backends_name_the_same_portfolios_to_the_last_digit, &problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
