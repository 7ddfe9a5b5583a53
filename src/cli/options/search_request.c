#include "cli/options/search_request.h"

void search_request_init(search_request *request) {
    *request = (search_request){
        .problem = MXS_PROBLEM_OPTIONS,
        .sampling = MXS_SAMPLING_OPTIONS,
        .run = MXS_RUN_OPTIONS,
    };
}

mxs_status search_prepare(const mxs_market *market, const search_request *request, prepared_search *prepared,
                          mxs_error *error) {
    *prepared = (prepared_search){.problem = NULL};
    const mxs_status status = mxs_problem_create(market, &request->problem, &prepared->problem, error);
    return status != MXS_OK ? status
                            : mxs_search_create(prepared->problem, &request->sampling, &prepared->search, error);
}

void search_release(prepared_search *prepared) {
    mxs_search_destroy(prepared->search);
    mxs_problem_destroy(prepared->problem);
}
