/* All that a search is asked, in one piece, and the handles that it makes: what most tests start from. */
#ifndef MAXSHARPE_TEST_ASKED_H
#define MAXSHARPE_TEST_ASKED_H

#include "maxsharpe/search.h"

typedef struct asked {
    mxs_problem_options problem;
    mxs_sampling_options sampling;
    mxs_run_options run;
} asked;

/* The library's defaults. */
asked asked_defaults(void);

/* A problem and its search, and how it is to run. */
typedef struct trial {
    mxs_problem *problem;
    mxs_search *search;
    mxs_run_options run;
} trial;

/* Makes the handles. What fails leaves the others to trial_release. */
mxs_status trial_create(const mxs_market *market, const asked *options, trial *made, mxs_error *error);

/* Runs the search as it was asked for. */
mxs_status trial_run(const trial *made, mxs_result **result, mxs_error *error);

void trial_release(trial *made);

#endif
