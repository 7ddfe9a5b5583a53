/* The tickers that a caller hands over with an array. */
#ifndef MAXSHARPE_GIVEN_TICKERS_H
#define MAXSHARPE_GIVEN_TICKERS_H

#include <stddef.h>

#include "data/table/ticker_index.h"
#include "maxsharpe/status.h"

/* Fills index with a caller's tickers, or A1, A2, ... where they are NULL.
 * MXS_ERROR_ARGUMENT: a ticker that is missing, repeated or cannot be one. */
mxs_status mxsi_index_given_tickers(const char *const *tickers, size_t assets, mxsi_ticker_index *index,
                                    mxs_error *error);

#endif
