#include "data/market/market_data.h"

#include <stdlib.h>

mxs_market *mxsi_market_new(void) {
    mxs_market *market = calloc(1, sizeof *market);
    mxsi_arena *arena = mxsi_arena_create();
    if (market == NULL || arena == NULL) {
        free(market);
        mxsi_arena_destroy(arena);
        return NULL;
    }
    market->arena = arena;
    return market;
}

void mxsi_market_destroy(mxs_market *market) {
    if (market == NULL) {
        return;
    }
    mxsi_arena_destroy(market->arena);
    free(market);
}
