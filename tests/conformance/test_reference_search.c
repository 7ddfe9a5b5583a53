/* The library against brute force: on random problems of every kind both name the same simulations.
 *
 * The one argument that the program takes is the number of problems, for slow tools. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/conformance_runs.h"
#include "support/reference_search.h"
#include "support/seeded_random.h"

static const uint64_t SEED = 20240801;

enum { PROBLEMS = 400, MAX_ASSETS = 12, MAX_PERIODS = 60, MAX_TOP = 5, MOST_SIMULATIONS = 60000 };

struct puzzle {
    struct reference_problem problem;
    asked options;
    double returns[MAX_PERIODS * MAX_ASSETS];
    uint8_t included[MAX_ASSETS];
    char names[MAX_ASSETS][8];
    const char *include[MAX_ASSETS];
};

/* What the problems have been, and how near the two were. */
struct tally {
    size_t problems; /* to try */
    size_t samplers[3];
    size_t shared;
    size_t included;
    size_t ranges;
    size_t singular; /* T <= K */
    size_t many_tiles;
    size_t losses; /* the best Sharpe ratio is negative */
    size_t ties;
    double largest_error; /* relative, beyond what the conditions allow to be larger */
};

/* One factor and noise; about 1 % a period. */
static void fill_returns(struct seeded_random *random, struct puzzle *puzzle, double drift) {
    const size_t n = puzzle->problem.assets;
    double beta[MAX_ASSETS];
    double mean[MAX_ASSETS];
    for (size_t i = 0; i < n; ++i) {
        beta[i] = random_between(random, 0.2, 1.6);
        mean[i] = drift + random_between(random, -0.001, 0.001);
    }
    for (size_t t = 0; t < puzzle->problem.periods; ++t) {
        const double factor = 0.008 * random_normal(random);
        for (size_t i = 0; i < n; ++i) {
            puzzle->returns[t * n + i] = mean[i] + beta[i] * factor + 0.01 * random_normal(random);
        }
    }
    puzzle->problem.returns = puzzle->returns;
}

static void choose_bounds(struct seeded_random *random, struct reference_problem *problem) {
    const double fair = 1.0 / (double)problem->k;
    problem->min_weight = 0.0;
    problem->max_weight = 1.0;
    switch (random_below(random, 8)) {
    case 0:
        break;
    case 1:
    case 2: /* loose to tight */
        problem->max_weight = fmin(1.0, fair * random_between(random, 1.05, 4.0));
        break;
    case 3: /* very tight */
        problem->max_weight = fmin(1.0, fair * (1.0 + pow(10.0, random_between(random, -5.0, -1.0))));
        break;
    case 4:
        problem->min_weight = fair * random_unit(random);
        break;
    case 5:
    case 6:
        problem->min_weight = fair * random_unit(random);
        problem->max_weight = fmin(1.0, fair * random_between(random, 1.05, 3.0));
        break;
    default: /* one point is left */
        *(random_below(random, 2) ? &problem->max_weight : &problem->min_weight) = fair;
        break;
    }
}

static uint64_t choose_simulations(struct seeded_random *random) {
    switch (random_below(random, 6)) {
    case 0:
        return 1;
    case 1:
        return 2 + random_below(random, 20);
    case 2:
        return 1015 + random_below(random, 20);
    case 3:
        return random_below(random, 2) ? 1024 : 2048;
    case 4:
        return 2000 + random_below(random, 3001);
    default:
        return 1 + random_below(random, 900);
    }
}

static void choose_included(struct seeded_random *random, struct puzzle *puzzle) {
    memset(puzzle->included, 0, sizeof puzzle->included);
    puzzle->problem.included = puzzle->included;
    puzzle->options.problem.include = puzzle->include;
    puzzle->options.problem.include_count = 0;
    if (random_below(random, 4) != 0) {
        return;
    }
    const size_t wanted = 1 + random_below(random, puzzle->problem.k < 3 ? puzzle->problem.k : 3);
    while (puzzle->options.problem.include_count < wanted) {
        const size_t asset = random_below(random, puzzle->problem.assets);
        if (!puzzle->included[asset]) {
            puzzle->included[asset] = 1;
            char *name = puzzle->names[puzzle->options.problem.include_count];
            (void)snprintf(name, sizeof puzzle->names[0], "A%zu", asset + 1);
            puzzle->include[puzzle->options.problem.include_count++] = name;
        }
    }
}

/* All portfolios where they are few; else a range of them that the reference can search in no time. */
static void choose_range(struct seeded_random *random, struct reference_problem *problem) {
    const uint64_t portfolios = reference_count(problem);
    uint64_t most = MOST_SIMULATIONS / problem->simulations;
    most = most < 1 ? 1 : most;
    problem->first = 0;
    problem->end = portfolios;
    if (portfolios > most || random_below(random, 4) == 0) {
        const uint64_t length = 1 + random_below(random, portfolios < most ? portfolios : most);
        problem->first = random_below(random, portfolios - length + 1);
        problem->end = problem->first + length;
    }
}

static void make_puzzle(struct seeded_random *random, struct puzzle *puzzle) {
    struct reference_problem *problem = &puzzle->problem;
    memset(puzzle, 0, sizeof *puzzle);
    problem->assets = 2 + random_below(random, MAX_ASSETS - 1);
    problem->k = 1 + random_below(random, problem->assets);
    const int is_singular = problem->k >= 3 && random_below(random, 6) == 0;
    problem->periods = is_singular ? 3 + random_below(random, problem->k - 2)
                                   : problem->k + 2 + random_below(random, MAX_PERIODS - problem->k - 1);
    fill_returns(random, puzzle, random_below(random, 4) == 0 ? -0.004 : 0.0005);
    choose_bounds(random, problem);
    problem->simulations = choose_simulations(random);
    problem->risk_free = random_below(random, 3) == 0 ? 0.0 : random_between(random, 0.0, 0.1);
    problem->periods_per_year = random_below(random, 2) ? 252.0 : 52.0;
    problem->seed = random_word(random);
    problem->shared_draws = random_below(random, 4) == 0;
    puzzle->options = conformance_options();
    choose_included(random, puzzle);
    choose_range(random, problem);
    puzzle->options.problem.assets_per_portfolio = problem->k;
    puzzle->options.sampling.simulations = problem->simulations;
    puzzle->options.problem.min_weight = problem->min_weight;
    puzzle->options.problem.max_weight = problem->max_weight;
    puzzle->options.problem.risk_free = problem->risk_free;
    puzzle->options.problem.periods_per_year = problem->periods_per_year;
    puzzle->options.sampling.seed = problem->seed;
    puzzle->options.sampling.draws = problem->shared_draws ? MXS_DRAWS_SHARED : MXS_DRAWS_FRESH;
    puzzle->options.sampling.first_portfolio = problem->first;
    puzzle->options.sampling.end_portfolio = problem->end;
    puzzle->options.problem.top = 1 + random_below(random, MAX_TOP);
    puzzle->options.run.workers = 1 + (unsigned)random_below(random, 3);
    puzzle->options.run.chunk_tiles = random_below(random, 5);
}

static void print_puzzle(size_t number, const struct puzzle *puzzle) {
    const struct reference_problem *p = &puzzle->problem;
    print_error(
        "problem %zu: N %zu, K %zu, T %zu, S %lu, weights %.17g to %.17g, rf %.17g, seed %lu, %s draws, %zu "
        "included, ranks %lu:%lu, top %zu, workers %u, chunk_tiles %lu\n",
        number, p->assets, p->k, p->periods, (unsigned long)p->simulations, p->min_weight, p->max_weight, p->risk_free,
        (unsigned long)p->seed, p->shared_draws ? "shared" : "fresh", puzzle->options.problem.include_count,
        (unsigned long)p->first, (unsigned long)p->end, puzzle->options.problem.top, puzzle->options.run.workers,
        (unsigned long)puzzle->options.run.chunk_tiles);
}

/* Rounding errors grow with the condition; where it is small they are far below the tolerance. */
static double tolerance_of(const struct reference_portfolio *portfolio, double tolerance) {
    return tolerance * fmax(1.0, portfolio->condition / 250.0);
}

static double relative_error(double value, double expected) {
    return fabs(value - expected) / fabs(expected);
}

/* Returns 0 where the library's portfolio is neither the expected one nor tied with it. */
static int is_as_expected(const struct puzzle *puzzle, const mxs_portfolio *found,
                          const struct reference_portfolio *expected, struct tally *tally) {
    struct reference_portfolio actual = *expected;
    if (found->rank != expected->rank || found->tile != expected->tile || found->attempt != expected->attempt) {
        if (!reference_simulation(&puzzle->problem, found->rank, found->tile, found->attempt, &actual) ||
            relative_error(actual.sharpe, expected->sharpe) > tolerance_of(expected, 1e-13)) {
            print_error("rank %lu, tile %u, attempt %u (%.17g) is named, not %lu, %u, %u (%.17g)\n",
                        (unsigned long)found->rank, found->tile, found->attempt, found->sharpe,
                        (unsigned long)expected->rank, expected->tile, expected->attempt, expected->sharpe);
            return 0;
        }
        ++tally->ties;
    }
    const double error = relative_error(found->sharpe, actual.sharpe);
    if (actual.condition <= 250.0) {
        tally->largest_error = fmax(tally->largest_error, error);
    }
    if (!(error <= tolerance_of(&actual, 1e-12))) {
        print_error("Sharpe ratio %.17g, not %.17g\n", found->sharpe, actual.sharpe);
        return 0;
    }
    for (size_t i = 0; i < puzzle->problem.k; ++i) {
        if (found->assets[i] != actual.assets[i] || fabs(found->weights[i] - actual.weights[i]) > 1e-13) {
            print_error("weight %zu: %.17g of asset %zu, not %.17g of %zu\n", i, found->weights[i], found->assets[i],
                        actual.weights[i], actual.assets[i]);
            return 0;
        }
    }
    return 1;
}

static int is_same_answer(const struct puzzle *puzzle, const mxs_result *result,
                          const struct reference_portfolio *expected, size_t expected_count, struct tally *tally) {
    const size_t count = mxs_result_describe(result)->portfolio_count;
    if (count != expected_count) {
        print_error("%zu portfolios are named, not %zu\n", count, expected_count);
        return 0;
    }
    for (size_t i = 0; i < expected_count; ++i) {
        const mxs_portfolio *found = mxs_result_portfolio(result, i);
        for (size_t j = 0; j < i; ++j) {
            if (found->rank == mxs_result_portfolio(result, j)->rank) {
                print_error("portfolio %lu is named twice\n", (unsigned long)found->rank);
                return 0;
            }
        }
        if (!is_as_expected(puzzle, found, &expected[i], tally)) {
            return 0;
        }
    }
    return 1;
}

static void count_puzzle(const struct puzzle *puzzle, enum reference_sampler sampler, double best,
                         struct tally *tally) {
    const struct reference_problem *problem = &puzzle->problem;
    ++tally->samplers[sampler];
    tally->shared += problem->shared_draws != 0;
    tally->included += puzzle->options.problem.include_count > 0;
    tally->ranges += problem->end - problem->first < reference_count(problem);
    tally->singular += problem->periods <= problem->k;
    tally->many_tiles += sampler != REFERENCE_EQUAL_WEIGHTS && problem->simulations > REFERENCE_TILE;
    tally->losses += best < 0.0;
}

static void try_problem(size_t number, const struct puzzle *puzzle, struct tally *tally) {
    const struct reference_problem *problem = &puzzle->problem;
    mxs_market_options market_options;
    mxs_market_options_init(&market_options, sizeof market_options);
    market_options.input = MXS_INPUT_RETURNS;
    mxs_market *market = NULL;
    mxs_error error = {.message = ""};
    if (mxs_market_create(problem->returns, problem->periods, problem->assets, NULL, &market_options, &market,
                          &error) != MXS_OK) {
        print_puzzle(number, puzzle);
        fail_msg("%s", error.message);
    }
    struct reference_portfolio expected[MAX_TOP];
    const size_t expected_count = reference_search(problem, expected, puzzle->options.problem.top);
    struct reference_draws draws;
    reference_draws_init(&draws, problem->k, problem->seed, problem->min_weight, problem->max_weight);
    mxs_result *result = run_to_the_end(market, &puzzle->options);
    const int is_same = is_same_answer(puzzle, result, expected, expected_count, tally);
    count_puzzle(puzzle, draws.sampler, expected[0].sharpe, tally);
    mxs_result_destroy(result);
    mxs_market_destroy(market);
    if (!is_same) {
        print_puzzle(number, puzzle);
        fail();
    }
}

static void brute_force_names_the_same_simulations_on_random_problems(void **state) {
    struct tally tally = {.problems = *(const size_t *)*state};
    struct seeded_random random = {SEED};
    struct puzzle puzzle;
    for (size_t i = 0; i < tally.problems; ++i) {
        make_puzzle(&random, &puzzle);
        try_problem(i, &puzzle, &tally);
    }
    print_message(
        "seed %lu, %zu problems: %zu by rejection, %zu by fixed sum, %zu of equal weights; %zu with shared "
        "draws, %zu with included tickers, %zu ranges, %zu of singular covariance, %zu of many tiles, %zu "
        "losses; %zu ties; largest relative error %.2g\n",
        (unsigned long)SEED, tally.problems, tally.samplers[REFERENCE_REJECTION], tally.samplers[REFERENCE_FIXED_SUM],
        tally.samplers[REFERENCE_EQUAL_WEIGHTS], tally.shared, tally.included, tally.ranges, tally.singular,
        tally.many_tiles, tally.losses, tally.ties, tally.largest_error);
    if (tally.problems >= PROBLEMS) { /* or the random problems are not what they are meant to be */
        assert_true(tally.samplers[REFERENCE_REJECTION] >= 50);
        assert_true(tally.samplers[REFERENCE_FIXED_SUM] >= 50);
        assert_true(tally.samplers[REFERENCE_EQUAL_WEIGHTS] >= 20);
        assert_true(tally.shared >= 50 && tally.included >= 50 && tally.ranges >= 50);
        assert_true(tally.singular >= 20 && tally.many_tiles >= 50 && tally.losses >= 20);
        assert_true(tally.ties <= 5);
    }
}

static void the_library_chooses_the_sampler_of_the_definition(void **state) {
    (void)state;
    double returns[MAX_PERIODS * MAX_ASSETS];
    struct seeded_random random = {SEED};
    for (size_t i = 0; i < sizeof returns / sizeof *returns; ++i) {
        returns[i] = 0.01 * random_normal(&random);
    }
    static const mxs_sampler SAMPLERS[] = {[REFERENCE_REJECTION] = MXS_SAMPLER_REJECTION,
                                           [REFERENCE_FIXED_SUM] = MXS_SAMPLER_FIXED_SUM,
                                           [REFERENCE_EQUAL_WEIGHTS] = MXS_SAMPLER_EQUAL_WEIGHTS};
    mxs_market *market = NULL;
    mxs_market_options market_options;
    mxs_market_options_init(&market_options, sizeof market_options);
    market_options.input = MXS_INPUT_RETURNS;
    assert_int_equal(mxs_market_create(returns, MAX_PERIODS, MAX_ASSETS, NULL, &market_options, &market, NULL), MXS_OK);
    for (size_t i = 0; i < 500; ++i) {
        struct reference_problem problem = {.k = 1 + random_below(&random, MAX_ASSETS)};
        choose_bounds(&random, &problem);
        struct reference_draws draws;
        reference_draws_init(&draws, problem.k, 0, problem.min_weight, problem.max_weight);
        asked options = conformance_options();
        options.problem.assets_per_portfolio = problem.k;
        options.problem.min_weight = problem.min_weight;
        options.problem.max_weight = problem.max_weight;
        trial made;
        assert_int_equal(trial_create(market, &options, &made, NULL), MXS_OK);
        assert_int_equal(mxs_search_describe(made.search)->sampler, SAMPLERS[draws.sampler]);
        trial_release(&made);
    }
    mxs_market_destroy(market);
}

int main(int argc, char **argv) {
    size_t problems = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : PROBLEMS;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(brute_force_names_the_same_simulations_on_random_problems, &problems),
        cmocka_unit_test(the_library_chooses_the_sampler_of_the_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
