/* A market from an array in memory. */
#ifndef MAXSHARPE_MARKET_ARRAYS_H
#define MAXSHARPE_MARKET_ARRAYS_H

#include <stddef.h>

#include "data/market/market_data.h"
#include "data/table/panel.h"

/* Shapes and statuses: as mxs_market_create. *market is NULL after a failure. */
mxs_status mxsi_market_from_array(const double *values, size_t rows, size_t assets, const char *const *tickers,
                                  const mxsi_request *request, mxs_market **market, mxs_error *error);

#endif
