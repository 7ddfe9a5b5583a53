/* What the words ask of the library: the problem, which simulations there are, and how they run, as three things. */
#ifndef MAXSHARPE_SEARCH_OPTIONS_H
#define MAXSHARPE_SEARCH_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "maxsharpe/search.h"

typedef struct problem_options {
    size_t assets_per_portfolio;
    double min_weight;
    double max_weight;
    double risk_free;
    double periods_per_year;
    const char *const *include;
    size_t include_count;
    size_t top;
} problem_options;

typedef struct sampling_options {
    uint64_t simulations;
    uint64_t seed;
    mxs_draws draws;
    uint64_t first_portfolio;
    uint64_t end_portfolio;
} sampling_options;

typedef struct run_options {
    mxs_backend backend;
    mxs_evaluator evaluator;
    unsigned workers;
    const int *devices;
    size_t device_count;
} run_options;

/* The library's defaults. */
void search_options_begin(problem_options *problem, sampling_options *sampling, run_options *run);

/* All three as the library takes them. */
mxs_search_options search_options_of(const problem_options *problem, const sampling_options *sampling,
                                     const run_options *run);

#endif
