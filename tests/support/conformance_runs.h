/* Searches on the backend under test. The conformance tests are one source for every backend: compile them with
 * MXS_TEST_BACKEND naming another one. */
#ifndef MAXSHARPE_TEST_CONFORMANCE_RUNS_H
#define MAXSHARPE_TEST_CONFORMANCE_RUNS_H

#include "maxsharpe/search.h"

/* The library's defaults, on the backend under test. */
mxs_search_options conformance_options(void);

/* Creates and runs a search to its end; fails the test, printing the message, where that fails. */
mxs_result *run_to_the_end(const mxs_market *market, const mxs_search_options *options);

/* Fails unless both name the same simulations of k assets in the same order, with the same bits in every number. */
void assert_same_leaders(const mxs_portfolio *left, size_t left_count, const mxs_portfolio *right, size_t right_count,
                         size_t k);

#endif
