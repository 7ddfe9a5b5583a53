#include "support/asked.h"

asked asked_defaults(void) {
    const asked defaults = {
        .problem = MXS_PROBLEM_OPTIONS,
        .sampling = MXS_SAMPLING_OPTIONS,
        .run = MXS_RUN_OPTIONS,
    };
    return defaults;
}

mxs_status trial_create(const mxs_market *market, const asked *options, trial *made, mxs_error *error) {
    *made = (trial){.run = options->run};
    const mxs_status status = mxs_problem_create(market, &options->problem, &made->problem, error);
    return status != MXS_OK ? status : mxs_search_create(made->problem, &options->sampling, &made->search, error);
}

mxs_status trial_run(const trial *made, mxs_result **result, mxs_error *error) {
    return mxs_search_run(made->search, &made->run, result, error);
}

void trial_release(trial *made) {
    mxs_search_destroy(made->search);
    mxs_problem_destroy(made->problem);
    *made = (trial){.problem = NULL};
}
