#include "cli/options/search_options.h"

void search_options_begin(problem_options *problem, sampling_options *sampling, run_options *run) {
    mxs_search_options usual;
    mxs_search_options_init(&usual, sizeof usual);
    *problem = (problem_options){.assets_per_portfolio = usual.assets_per_portfolio,
                                 .min_weight = usual.min_weight,
                                 .max_weight = usual.max_weight,
                                 .risk_free = usual.risk_free,
                                 .periods_per_year = usual.periods_per_year,
                                 .top = usual.top};
    *sampling = (sampling_options){.simulations = usual.simulations,
                                   .seed = usual.seed,
                                   .draws = usual.draws,
                                   .first_portfolio = usual.first_portfolio,
                                   .end_portfolio = usual.end_portfolio};
    *run = (run_options){.backend = usual.backend, .evaluator = usual.evaluator, .workers = usual.workers};
}

mxs_search_options search_options_of(const problem_options *problem, const sampling_options *sampling,
                                     const run_options *run) {
    mxs_search_options options;
    mxs_search_options_init(&options, sizeof options);
    options.assets_per_portfolio = problem->assets_per_portfolio;
    options.min_weight = problem->min_weight;
    options.max_weight = problem->max_weight;
    options.risk_free = problem->risk_free;
    options.periods_per_year = problem->periods_per_year;
    options.include = problem->include;
    options.include_count = problem->include_count;
    options.top = problem->top;
    options.simulations = sampling->simulations;
    options.seed = sampling->seed;
    options.draws = sampling->draws;
    options.first_portfolio = sampling->first_portfolio;
    options.end_portfolio = sampling->end_portfolio;
    options.backend = run->backend;
    options.evaluator = run->evaluator;
    options.workers = run->workers;
    options.devices = run->devices;
    options.device_count = run->device_count;
    return options;
}
