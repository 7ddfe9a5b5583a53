/* From a table of texts to a panel of numbers. */
#ifndef MAXSHARPE_TABLE_PANEL_H
#define MAXSHARPE_TABLE_PANEL_H

#include "base/arena.h"
#include "data/market/asset_choice.h"
#include "data/table/csv_table.h"
#include "data/table/panel.h"
#include "data/table/table_layout.h"

/* What a table turned out to be; also the source of its panel's places. */
typedef struct mxsi_table_reading {
    const mxsi_csv_table *table;
    mxsi_layout layout;
    mxsi_ticker_index index;  /* every ticker of the file */
    mxsi_asset_choice choice; /* those that take part */
    const char *date_format;  /* "ISO dates", or "no dates" */
    char decimal_sign;
    size_t first_period;        /* of the date range */
    uint32_t *row_series;       /* [rows - 1] the ticker of each row, with MXSI_LAYOUT_LONG */
    const mxsi_date *row_dates; /* [rows - 1] the date of each row, with MXSI_LAYOUT_LONG */
    mxsi_lines *warnings;
} mxsi_table_reading;

/* Reads what request asks for: tickers excluded first, then the range of dates, and only what is left is read as
 * numbers. Everything is allocated in arena; table, reading and arena must outlive the panel.
 * MXS_ERROR_ARGUMENT: an unknown ticker to exclude, a range without dates or that holds none; MXS_ERROR_DATA: what
 * cannot be read, with its place. */
mxs_status mxsi_table_panel_read(const mxsi_csv_table *table, const mxsi_request *request, mxsi_arena *arena,
                                 mxsi_lines *warnings, mxsi_table_reading *reading, mxsi_panel *panel,
                                 mxs_error *error);

#endif
