/* A market from moments alone. */
#ifndef MAXSHARPE_MARKET_MOMENTS_H
#define MAXSHARPE_MARKET_MOMENTS_H

#include "data/market/market_data.h"
#include "data/table/panel.h"
#include "data/table/ticker_index.h"

/* Checks the moments of the assets that request keeps and copies them into the market.
 * tickers: [assets], or NULL for A1, A2, ...
 * MXS_ERROR_ARGUMENT: a repeated or bad ticker, an unknown one to exclude; MXS_ERROR_DATA: not finite, not symmetric, a
 * correlation beyond one, a variance that is not above zero. */
mxs_status mxsi_market_from_moments(mxs_market *market, const double *mean, const double *covariance, size_t assets,
                                    const char *const *tickers, const mxsi_request *request, mxs_error *error);

/* Fills index with a caller's tickers, or A1, A2, ... where they are NULL. */
mxs_status mxsi_index_given_tickers(const char *const *tickers, size_t assets, mxsi_ticker_index *index,
                                    mxs_error *error);

#endif
