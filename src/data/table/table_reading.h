/* What is known of a table while its panel is made. */
#ifndef MAXSHARPE_TABLE_READING_H
#define MAXSHARPE_TABLE_READING_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "data/table/asset_choice.h"
#include "data/table/calendar_date.h"
#include "data/table/csv_table.h"
#include "data/table/table_layout.h"
#include "data/table/ticker_index.h"

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
    mxsi_messages *warnings;
} mxsi_table_reading;

#endif
