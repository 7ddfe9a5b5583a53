/* A caller's options, checked. */
#ifndef MAXSHARPE_MARKET_REQUEST_H
#define MAXSHARPE_MARKET_REQUEST_H

#include "data/table/panel.h"
#include "maxsharpe/market.h"

/* Prices, and assets with missing values left out. */
mxs_market_options mxsi_market_options_default(void);

/* options may be NULL, and a struct of an older or a newer header. What *request points at belongs to options.
 * MXS_ERROR_ARGUMENT: not initialised, a value out of range, a malformed date, a range that ends before it begins. */
mxs_status mxsi_market_request_make(const mxs_market_options *options, mxsi_request *request, mxs_error *error);

#endif
