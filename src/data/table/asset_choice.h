/* Which of the assets of a file or an array take part. */
#ifndef MAXSHARPE_ASSET_CHOICE_H
#define MAXSHARPE_ASSET_CHOICE_H

#include <stddef.h>

#include "base/arena.h"
#include "data/table/panel.h"
#include "data/table/ticker_index.h"
#include "maxsharpe/status.h"

typedef struct mxsi_asset_choice {
    size_t count;
    size_t *original; /* [count] the place of each asset among all */
    size_t *chosen;   /* [index->count] its place among the chosen, MXSI_TICKER_NONE where it is left out */
} mxsi_asset_choice;

/* Leaves out the tickers that request excludes. file may be NULL.
 * MXS_ERROR_ARGUMENT: an unknown ticker, nothing left; MXS_ERROR_DATA: more assets than MXSI_ASSETS_MAX. */
mxs_status mxsi_asset_choice_make(const mxsi_ticker_index *index, const mxsi_request *request, const char *file,
                                  mxsi_arena *arena, mxsi_asset_choice *choice, mxs_error *error);

#endif
