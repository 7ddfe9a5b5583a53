/* Making a market of what the readers found. */
#ifndef MAXSHARPE_MARKET_BUILD_H
#define MAXSHARPE_MARKET_BUILD_H

#include <stddef.h>

#include "data/market/market_data.h"
#include "data/table/panel.h"

/* Mean and covariance as a source that has nothing else gives them. */
typedef struct mxsi_given_moments {
    size_t assets;
    const char **tickers;     /* [assets] */
    const double *mean;       /* [assets] */
    const double *covariance; /* [assets][assets], symmetric, each variance above zero */
} mxsi_given_moments;

/* Applies the missing-data policy to the panel and fills tickers, dates, returns and moments of market->info. The
 * panel is not needed afterwards.
 * MXS_ERROR_DATA: nothing left, fewer than two returns, a constant asset, a number that overflows. */
mxs_status mxsi_market_fill(mxs_market *market, const mxsi_panel *panel, const mxsi_request *request, mxs_error *error);

/* Fills tickers and moments of market->info with a copy. */
mxs_status mxsi_market_fill_moments(mxs_market *market, const mxsi_given_moments *moments, mxs_error *error);

#endif
