/* The inside of an mxs_market, shared by the readers and by whoever builds a problem from it. */
#ifndef MAXSHARPE_MARKET_DATA_H
#define MAXSHARPE_MARKET_DATA_H

#include "base/arena.h"
#include "maxsharpe/market.h"

struct mxs_market {
    mxs_market_info info; /* points at what the market owns; this is the only view of it that other rooms use */
    mxs_dropped *dropped; /* [info.dropped_count] */
    mxsi_arena *arena;    /* every string and array, freed together */
};

/* An empty market with its arena, or NULL: out of memory. */
mxs_market *mxsi_market_new(void);

void mxsi_market_destroy(mxs_market *market); /* may be NULL */

#endif
