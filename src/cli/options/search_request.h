/* All that a search is asked: the library's three structs, and the handles that they make. */
#ifndef MAXSHARPE_SEARCH_REQUEST_H
#define MAXSHARPE_SEARCH_REQUEST_H

#include "maxsharpe/maxsharpe.h"

typedef struct search_request {
    mxs_problem_options problem;
    mxs_sampling_options sampling;
    mxs_run_options run;
} search_request;

/* The library's defaults. */
void search_request_init(search_request *request);

typedef struct prepared_search {
    mxs_problem *problem;
    mxs_search *search;
} prepared_search;

/* Makes the handles. The market is borrowed until search_release, which is due whatever this returns. */
mxs_status search_prepare(const mxs_market *market, const search_request *request, prepared_search *prepared,
                          mxs_error *error);

void search_release(prepared_search *prepared);

#endif
