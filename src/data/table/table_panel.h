/* From a table of texts to a panel of numbers. */
#ifndef MAXSHARPE_TABLE_PANEL_H
#define MAXSHARPE_TABLE_PANEL_H

#include "base/arena.h"
#include "data/table/csv_table.h"
#include "data/table/panel.h"
#include "data/table/table_reading.h"

/* Reads what request asks for: tickers excluded first, then the range of dates, and only what is left is read as
 * numbers. Everything is allocated in arena; table, reading and arena must outlive the panel.
 * MXS_ERROR_ARGUMENT: an unknown ticker to exclude, a range without dates or that holds none; MXS_ERROR_DATA: what
 * cannot be read, with its place. */
mxs_status mxsi_table_panel_read(const mxsi_csv_table *table, const mxsi_request *request, mxsi_arena *arena,
                                 mxsi_messages *warnings, mxsi_table_reading *reading, mxsi_panel *panel,
                                 mxs_error *error);

#endif
