/* The dates of a table: their format decided over all of them, checked, and in order. */
#ifndef MAXSHARPE_TABLE_DATES_H
#define MAXSHARPE_TABLE_DATES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "data/table/calendar_date.h"
#include "data/table/csv_table.h"
#include "data/table/table_layout.h"

/* Reads the dates of a strip.
 *
 * series   [strip->count] which series each date belongs to, 0 .. series_count - 1: dates must ascend within each. NULL
 *          for one series.
 * dates    [strip->count], filled.
 * format   set to "ISO dates" and so on: a constant.
 * warnings gets a line where day and month cannot be told apart.
 * MXS_ERROR_DATA: no date, a day the calendar does not have, two formats, dates repeated or out of order. */
mxs_status mxsi_table_dates_read(const mxsi_csv_table *table, const mxsi_cell_strip *strip, const uint32_t *series,
                                 size_t series_count, mxsi_date *dates, const char **format, mxsi_arena *arena,
                                 mxsi_messages *warnings, mxs_error *error);

#endif
