/* Where a table keeps its dates, tickers and values. */
#ifndef MAXSHARPE_TABLE_LAYOUT_H
#define MAXSHARPE_TABLE_LAYOUT_H

#include <stddef.h>

#include "data/table/csv_table.h"
#include "maxsharpe/types.h"

typedef enum mxsi_layout_kind {
    MXSI_LAYOUT_WIDE,      /* a period a row, a ticker a column */
    MXSI_LAYOUT_LONG,      /* an observation a row: date, ticker, value */
    MXSI_LAYOUT_TRANSPOSED /* a ticker a row, a period a column */
} mxsi_layout_kind;

/* Cells in a row or a column of the table: the i-th is at (row + i * row_step, column + i * column_step). */
typedef struct mxsi_cell_strip {
    size_t row, column;
    size_t row_step, column_step;
    size_t count;
} mxsi_cell_strip;

/* Every index is one of the table. */
typedef struct mxsi_layout {
    mxsi_layout_kind kind;
    int has_dates;
    int passes_over_count;   /* the first column counts the rows under a header that does not say so: it is no asset */
    mxsi_cell_strip dates;   /* a date a period; with MXSI_LAYOUT_LONG one a row */
    mxsi_cell_strip tickers; /* a ticker an asset; with MXSI_LAYOUT_LONG one a row */
    mxsi_cell_strip values;  /* the first asset's values; with MXSI_LAYOUT_LONG one a row */
} mxsi_layout;

/* Finds the layout from the header and the first rows. input decides between columns of several names.
 * MXS_ERROR_DATA: no header row, nothing but a header, several columns that could hold the values. */
mxs_status mxsi_layout_detect(const mxsi_csv_table *table, mxs_input input, mxsi_layout *layout, mxs_error *error);

/* The text of the i-th cell of a strip. */
const char *mxsi_strip_cell(const mxsi_csv_table *table, const mxsi_cell_strip *strip, size_t i);

/* The place of the value of a period and an asset; not for MXSI_LAYOUT_LONG. */
void mxsi_layout_value_place(const mxsi_layout *layout, size_t period, size_t asset, size_t *row, size_t *column);

#endif
