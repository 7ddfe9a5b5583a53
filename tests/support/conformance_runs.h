/* Searches on the backend under test. The conformance tests are one source for every backend: compile them with
 * MXS_TEST_BACKEND naming another one. */
#ifndef MAXSHARPE_TEST_CONFORMANCE_RUNS_H
#define MAXSHARPE_TEST_CONFORMANCE_RUNS_H

#include "support/asked.h"

/* The library's defaults, on the backend under test. */
asked conformance_options(void);

/* Creates and runs a search to its end; fails the test, printing the message, where that fails. */
mxs_result *run_to_the_end(const mxs_market *market, const asked *options);

/* Fails unless both name the same simulations in the same order, with the same bits in every number. */
void assert_same_portfolio(size_t place, const mxs_portfolio *left, const mxs_portfolio *right);
void assert_same_leaders(const mxs_result *left, const mxs_result *right);

#endif
