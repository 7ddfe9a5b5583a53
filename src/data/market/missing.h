/* The policy for missing values. */
#ifndef MAXSHARPE_MISSING_H
#define MAXSHARPE_MISSING_H

#include "base/arena.h"
#include "data/table/panel.h"
#include "maxsharpe/market.h"

/* What of a panel is used. */
typedef struct mxsi_selection {
    size_t *rows; /* [row_count] ascending */
    size_t row_count;
    size_t *assets; /* [asset_count] ascending */
    size_t asset_count;
    mxs_dropped *dropped; /* [dropped_count] */
    size_t dropped_count;
    size_t dropped_rows;
} mxsi_selection;

/* Applies request->missing. Everything of *selection, its strings too, is allocated in arena.
 * MXS_ERROR_DATA: a missing value under MXS_MISSING_ERROR, with its place; nothing left under the others. */
mxs_status mxsi_missing_apply(const mxsi_panel *panel, const mxsi_request *request, mxsi_arena *arena,
                              mxsi_selection *selection, mxs_error *error);

/* How a message names a row: its date, or "row 3" where there are no dates. */
typedef struct mxsi_row_name {
    char text[40];
} mxsi_row_name;

mxsi_row_name mxsi_row_print(const mxsi_panel *panel, size_t row);

#endif
