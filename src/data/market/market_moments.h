/* A market from moments alone. */
#ifndef MAXSHARPE_MARKET_MOMENTS_H
#define MAXSHARPE_MARKET_MOMENTS_H

#include <stddef.h>

#include "data/market/market_data.h"
#include "data/table/panel.h"

/* Statuses: as mxs_market_create_from_moments, and MXS_ERROR_ARGUMENT for an unknown ticker to exclude. *market is NULL
 * after a failure. */
mxs_status mxsi_market_from_moments(const double *mean, const double *covariance, size_t assets,
                                    const char *const *tickers, const mxsi_request *request, mxs_market **market,
                                    mxs_error *error);

/* The same into a market that is there already: checks the moments of the assets that request keeps and copies them.
 * tickers: [assets], or NULL for A1, A2, ... */
mxs_status mxsi_market_take_moments(mxs_market *market, const double *mean, const double *covariance, size_t assets,
                                    const char *const *tickers, const mxsi_request *request, mxs_error *error);

#endif
