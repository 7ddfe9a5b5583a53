/* The inside of an mxs_market, shared by the readers and by whoever builds a problem from it. */
#ifndef MAXSHARPE_MARKET_DATA_H
#define MAXSHARPE_MARKET_DATA_H

#include "base/arena.h"
#include "maxsharpe/market.h"

struct mxs_market {
    mxs_market_info info; /* points at what the market owns; this is the only view of it that other rooms use */
    mxsi_arena *arena;    /* every string and array of info, freed together */
};

/* mxs_market_read over the bytes of a plain text file in memory; name stands for the path in messages. */
mxs_status mxsi_market_parse(const void *bytes, size_t size, const char *name, const mxs_market_options *options,
                             mxs_market **market, mxs_error *error);

#endif
