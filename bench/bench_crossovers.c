/* bench_crossovers [SECONDS]: the CPU's evaluators beside each other from 2 to 1000 assets, one worker; the table by
 * which MXS_EVALUATOR_AUTO was decided. fused-full is fused where nothing can be ruled out: the worst that a market can
 * do. */
#include <maxsharpe/maxsharpe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 5, PERIODS = 1260, MORE_ASSETS = 4 };

struct column {
    const char *title;
    mxs_evaluator evaluator;
    mxs_draws draws;
};

static const struct column columns[] = {
    {"openblas", MXS_EVALUATOR_OPENBLAS, MXS_DRAWS_FRESH},
    {"fused-full", MXS_EVALUATOR_FUSED_FULL, MXS_DRAWS_FRESH},
    {"fused", MXS_EVALUATOR_FUSED, MXS_DRAWS_FRESH},
    {"openblas", MXS_EVALUATOR_OPENBLAS, MXS_DRAWS_SHARED},
    {"fused-full", MXS_EVALUATOR_FUSED_FULL, MXS_DRAWS_SHARED},
    {"fused", MXS_EVALUATOR_FUSED, MXS_DRAWS_SHARED},
};

/* All that a search is asked. */
struct request {
    mxs_problem_options problem;
    mxs_sampling_options sampling;
    mxs_run_options run;
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

static void fail(const char *what, const mxs_error *error) {
    (void)fprintf(stderr, "bench_crossovers: %s: %s\n", what, error->message);
    exit(1);
}

/* In [0, 1), from a linear congruential generator (D. E. Knuth, MMIX). */
static double chance(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

/* Returns of one common factor and noise. */
static mxs_market *make_market(size_t assets) {
    double *returns = malloc(sizeof *returns * PERIODS * assets);
    uint64_t state = 20241124;
    mxs_error error = {.message = "not enough memory"};
    if (returns == NULL) {
        fail("the market", &error);
    }
    for (size_t t = 0; t < PERIODS; ++t) {
        const double factor = 0.03 * (chance(&state) - 0.5);
        for (size_t i = 0; i < assets; ++i) {
            const double drift = 1e-3 * (double)(i % 11) / 11.0;
            returns[t * assets + i] = drift + factor * (0.5 + (double)(i % 7) / 6.0) + 0.05 * (chance(&state) - 0.5);
        }
    }
    mxs_market_options options;
    mxs_market_options_init(&options, sizeof options);
    options.input = MXS_INPUT_RETURNS;
    mxs_market *market = NULL;
    if (mxs_market_create(returns, PERIODS, assets, NULL, &options, &market, &error) != MXS_OK) {
        fail("the market", &error);
    }
    free(returns);
    return market;
}

/* Simulations a second of one run; *best is its answer. */
static double run(const mxs_market *market, const struct request *options, double *best) {
    mxs_problem *problem = NULL;
    mxs_search *search = NULL;
    mxs_result *result = NULL;
    mxs_error error = {.message = ""};
    if (mxs_problem_create(market, &options->problem, &problem, &error) != MXS_OK ||
        mxs_search_create(problem, &options->sampling, &search, &error) != MXS_OK ||
        mxs_search_run(search, &options->run, &result, &error) != MXS_OK) {
        fail(mxs_evaluator_name(options->run.evaluator), &error);
    }
    const mxs_result_info *info = mxs_result_describe(result);
    const double rate = (double)info->simulations_done / info->seconds;
    *best = mxs_result_portfolio(result, 0)->sharpe;
    mxs_result_destroy(result);
    mxs_search_destroy(search);
    mxs_problem_destroy(problem);
    return rate;
}

static struct request options_of(const struct column *column, size_t k, uint64_t simulations) {
    struct request options = {MXS_PROBLEM_OPTIONS, MXS_SAMPLING_OPTIONS, MXS_RUN_OPTIONS};
    options.problem.assets_per_portfolio = k;
    options.run.backend = MXS_BACKEND_CPU;
    options.run.workers = 1;
    options.run.evaluator = column->evaluator;
    options.sampling.draws = column->draws;
    options.sampling.simulations = simulations;
    options.sampling.end_portfolio = 1;
    if (column->draws == MXS_DRAWS_SHARED) {
        options.sampling.simulations = 1024;
        options.sampling.end_portfolio = 1 + simulations / 1024;
    }
    return options;
}

static int compare(const void *a, const void *b) {
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Chosen so that openblas takes about so many seconds. */
static uint64_t simulations_for(const mxs_market *market, size_t k, double seconds) {
    double best = 0.0;
    const struct request options = options_of(&columns[0], k, 16 * 1024);
    return (uint64_t)(run(market, &options, &best) * seconds / 1024.0 + 1.0) * 1024;
}

/* With shared draws as many portfolios as there are limit the work: C(K + 4, K). */
static uint64_t limited(const struct column *column, size_t k, uint64_t simulations) {
    double portfolios = 1.0;
    for (size_t i = 1; i <= MORE_ASSETS; ++i) {
        portfolios *= (double)(k + i) / (double)i;
    }
    const double most = (portfolios - 2.0) * 1024.0;
    return column->draws == MXS_DRAWS_SHARED && (double)simulations > most ? (uint64_t)most : simulations;
}

static void measure(size_t k, double seconds) {
    mxs_market *market = make_market(k + MORE_ASSETS);
    const uint64_t simulations = simulations_for(market, k, seconds);
    double rates[COLUMNS][RUNS];
    double best[COLUMNS];
    for (int i = 0; i < RUNS; ++i) {
        for (int c = 0; c < COLUMNS; ++c) {
            const struct request options = options_of(&columns[c], k, limited(&columns[c], k, simulations));
            rates[c][i] = run(market, &options, &best[c]);
        }
    }
    printf("%5zu", k);
    for (int c = 0; c < COLUMNS; ++c) {
        qsort(rates[c], RUNS, sizeof rates[c][0], compare);
        printf(" %11.4g", 1e-6 * rates[c][RUNS / 2]);
    }
    const int is_same = best[0] == best[1] && best[0] == best[2] && best[3] == best[4] && best[3] == best[5];
    printf("   %s\n", is_same ? "same" : "DIFFER");
    (void)fflush(stdout);
    mxs_market_destroy(market);
}

int main(int count, char **words) {
    static const size_t sizes[] = {2, 3, 5, 8, 12, 16, 25, 32, 48, 64, 100, 200, 500, 1000};
    const double seconds = count > 1 ? strtod(words[1], NULL) : 0.3;
    mxs_devices *devices = NULL;
    mxs_error error = {.message = ""};
    if (mxs_devices_survey(&devices, &error) != MXS_OK) {
        fail("the machine", &error);
    }
    const mxs_devices_info *info = mxs_devices_describe(devices);
    printf("maxsharpe %s, one worker, %s kernels, OpenBLAS %s (%s)\n", mxs_version(), info->cpu_kernel,
           info->openblas_core, info->openblas_config);
    mxs_devices_destroy(devices);
    printf("million simulations a second, median of %d in turn; with each kind of draws the answers are\n\n", RUNS);
    printf("%5s %35s %35s\n", "", "fresh draws", "shared draws");
    printf("%5s", "K");
    for (int c = 0; c < COLUMNS; ++c) {
        printf(" %11s", columns[c].title);
    }
    printf("   answers\n");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
        measure(sizes[i], seconds > 0.0 ? seconds : 0.3);
    }
    return 0;
}
