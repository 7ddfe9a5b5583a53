/* The assets that a market left out for missing values. */
#ifndef MAXSHARPE_DROPPED_ASSETS_H
#define MAXSHARPE_DROPPED_ASSETS_H

#include <stddef.h>

#include "maxsharpe/market.h"

/* MXS_ERROR_ARGUMENT where one of the tickers was left out, and why. Tickers that the market does not know are for
 * others to refuse. */
mxs_status mxsi_market_refuse_dropped(const mxs_market *market, const char *const *tickers, size_t count,
                                      mxs_error *error);

#endif
