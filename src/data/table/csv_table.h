/* A CSV text as a table of cells that know their place. */
#ifndef MAXSHARPE_CSV_TABLE_H
#define MAXSHARPE_CSV_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "data/table/text_source.h"
#include "maxsharpe/status.h"

#define MXSI_CELL_LIMIT ((size_t)64 << 10)

typedef struct mxsi_csv_row {
    size_t text;   /* where its cells begin in the table's text */
    uint64_t line; /* 1-based, where the row begins */
} mxsi_csv_row;

/* Cells lie end to end in one text, each with its NUL, so that a table costs little more than its file. */
typedef struct mxsi_csv_table {
    const char *file; /* for messages; borrowed */
    size_t rows;
    size_t columns;
    char delimiter;
    char *text;
    mxsi_csv_row *row_starts; /* [rows] */
    uint32_t *cells;          /* [rows][columns], offsets from the row's text */
} mxsi_csv_table;

/* Reads the rest of source with libcsv in strict mode. Every row has as many cells as the first; blank lines are
 * skipped, and rows of nothing but empty cells at the end; white space around a cell is cut off. On success the table
 * has at least one row and two columns.
 * MXS_ERROR_DATA: a stray or unclosed quote, a ragged row, a cell beyond MXSI_CELL_LIMIT, a row beyond
 * MXSI_LINE_LIMIT, no delimiter, nothing in the file, and whatever mxsi_text_source_next says. */
mxs_status mxsi_csv_table_read(mxsi_text_source *source, mxsi_csv_table *table, mxs_error *error);

void mxsi_csv_table_clear(mxsi_csv_table *table);

/* The text of a cell, 0-based row and column. */
const char *mxsi_csv_cell(const mxsi_csv_table *table, size_t row, size_t column);

/* The physical line on which a cell begins. */
uint64_t mxsi_csv_cell_line(const mxsi_csv_table *table, size_t row, size_t column);

/* The end of a function that fails because of one cell: error, table, row, column, then the line as for printf. */
#define MXSI_FAIL_AT_CELL(error, table, row, column, ...)                                              \
    mxsi_fail_at((error), MXS_ERROR_DATA, (table)->file, mxsi_csv_cell_line((table), (row), (column)), \
                 (uint64_t)(column) + 1, __VA_ARGS__)

/* How a message shows a text from a file: cut to a length that leaves room for the reason. */
typedef struct mxsi_short_text {
    char text[52];
} mxsi_short_text;

mxsi_short_text mxsi_shorten(const char *text);

#endif
