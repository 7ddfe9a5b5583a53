/* Markets made up in memory: the same numbers on every machine. */
#ifndef MAXSHARPE_TEST_MADE_MARKET_H
#define MAXSHARPE_TEST_MADE_MARKET_H

#include <stddef.h>
#include <stdint.h>

#include "maxsharpe/market.h"
#include "support/seeded_random.h"

/* Returns of `assets` assets over `rows` periods: one common factor, and each asset's own. Fails the test where the
 * library refuses it. */
mxs_market *make_market(size_t rows, size_t assets, uint64_t seed);

/* Markets of what a test works out itself. Fail the test, printing the message, where the library refuses it.
 *
 * returns: [rows][assets] */
mxs_market *market_of_returns(const double *returns, size_t rows, size_t assets);

/* mean: [assets]; covariance: [assets][assets] */
mxs_market *market_of_moments(const double *mean, const double *covariance, size_t assets);

/* A market of N assets from `factors` random factors plus noise of their own: volatilities from 10 % to 40 % a year,
 * means from -10 % to 30 %. */
mxs_market *random_market(struct seeded_random *random, size_t assets, size_t factors);

/* A market of its moments alone, of any size: no rows stand behind it. */
mxs_market *make_market_of_moments(size_t assets, uint64_t seed);

#endif
