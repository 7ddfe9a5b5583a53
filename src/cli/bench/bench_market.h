/* The market that is searched where no file is named: made up, the same on every machine. */
#ifndef MAXSHARPE_BENCH_MARKET_H
#define MAXSHARPE_BENCH_MARKET_H

#include "maxsharpe/market.h"

enum { MADE_UP_ASSETS = 30, MADE_UP_PERIODS = 252 };

/* 30 assets over 252 days: one factor that all share, and a part of their own. Destroy *market with
 * mxs_market_destroy. */
MXS_NODISCARD mxs_status bench_market_create(mxs_market **market, mxs_error *error);

#endif
