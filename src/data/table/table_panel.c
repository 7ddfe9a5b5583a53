#include "data/table/table_panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "data/table/table_dates.h"
#include "data/table/table_values.h"

/* A long table may leave most of its pairs of date and ticker out, but a matrix is made of all of them. */
enum { PAIRS_PER_ROW_MAX = 50, PAIRS_ALWAYS_ALLOWED = 1 << 20 };

static mxs_status check_ticker(const mxsi_table_reading *reading, size_t i, mxs_error *error) {
    const mxsi_cell_strip *strip = &reading->layout.tickers;
    const char *text = mxsi_strip_cell(reading->table, strip, i);
    const char *fault = mxsi_ticker_fault(text);
    if (fault == NULL) {
        return MXS_OK;
    }
    return MXSI_FAIL_AT_CELL(error, reading->table, strip->row + i * strip->row_step,
                             strip->column + i * strip->column_step, "the ticker \"%s\" %s", mxsi_shorten(text).text,
                             fault);
}

static mxs_status read_distinct_tickers(mxsi_table_reading *reading, mxs_error *error) {
    const mxsi_cell_strip *strip = &reading->layout.tickers;
    for (size_t i = 0; i < strip->count; ++i) {
        const mxs_status status = check_ticker(reading, i, error);
        if (status != MXS_OK) {
            return status;
        }
        const char *text = mxsi_strip_cell(reading->table, strip, i);
        int added = 0;
        const size_t first = mxsi_ticker_index_add(&reading->index, text, &added);
        if (first == MXSI_TICKER_NONE) {
            return mxsi_fail_memory(error, "the tickers");
        }
        if (!added) {
            const int down = strip->row_step != 0;
            const uint64_t place = down ? mxsi_csv_cell_line(reading->table, strip->row + first, strip->column)
                                        : (uint64_t)(strip->column + first) + 1;
            return MXSI_FAIL_AT_CELL(error, reading->table, strip->row + i * strip->row_step,
                                     strip->column + i * strip->column_step,
                                     "the ticker \"%s\" is repeated (first in %s %llu): remove or rename one",
                                     mxsi_shorten(text).text, down ? "line" : "column", (unsigned long long)place);
        }
    }
    return MXS_OK;
}

static mxs_status read_row_tickers(mxsi_table_reading *reading, mxsi_arena *arena, mxs_error *error) {
    const mxsi_cell_strip *strip = &reading->layout.tickers;
    reading->row_series = mxsi_arena_allocate(arena, strip->count, sizeof *reading->row_series);
    if (reading->row_series == NULL) {
        return mxsi_fail_memory(error, "the tickers");
    }
    for (size_t i = 0; i < strip->count; ++i) {
        const mxs_status status = check_ticker(reading, i, error);
        if (status != MXS_OK) {
            return status;
        }
        int added = 0;
        const size_t at = mxsi_ticker_index_add(&reading->index, mxsi_strip_cell(reading->table, strip, i), &added);
        if (at >= UINT32_MAX) {
            return mxsi_fail_memory(error, "the tickers");
        }
        reading->row_series[i] = (uint32_t)at;
    }
    return MXS_OK;
}

static int compare_dates(const void *left, const void *right) {
    const mxsi_date a = *(const mxsi_date *)left;
    const mxsi_date b = *(const mxsi_date *)right;
    return (a > b) - (a < b);
}

/* The distinct dates of a long table, ascending. */
static mxs_status collect_dates(mxsi_table_reading *reading, mxsi_arena *arena, mxsi_panel *panel, mxs_error *error) {
    const size_t count = reading->layout.dates.count;
    mxsi_date *dates = mxsi_arena_allocate(arena, count, sizeof *dates);
    if (dates == NULL) {
        return mxsi_fail_memory(error, "the dates of a file");
    }
    memcpy(dates, reading->row_dates, count * sizeof *dates);
    qsort(dates, count, sizeof *dates, compare_dates);
    size_t distinct = 0;
    for (size_t i = 0; i < count; ++i) {
        if (distinct == 0 || dates[i] != dates[distinct - 1]) {
            dates[distinct++] = dates[i];
        }
    }
    panel->dates = dates;
    panel->rows = distinct;
    return MXS_OK;
}

static mxs_status read_dates(mxsi_table_reading *reading, mxsi_arena *arena, mxsi_panel *panel, mxs_error *error) {
    const mxsi_cell_strip *strip = &reading->layout.dates;
    panel->rows = strip->count;
    reading->date_format = "no dates";
    if (!reading->layout.has_dates) {
        return MXS_OK;
    }
    mxsi_date *dates = mxsi_arena_allocate(arena, strip->count, sizeof *dates);
    if (dates == NULL) {
        return mxsi_fail_memory(error, "the dates of a file");
    }
    const mxs_status status = mxsi_table_dates_read(reading->table, strip, reading->row_series, reading->index.count,
                                                    dates, &reading->date_format, arena, reading->warnings, error);
    if (status != MXS_OK) {
        return status;
    }
    if (reading->layout.kind == MXSI_LAYOUT_LONG) {
        reading->row_dates = dates;
        return collect_dates(reading, arena, panel, error);
    }
    panel->dates = dates;
    return MXS_OK;
}

/* A column that counts the rows could be meant as an asset, so that leaving it out is said. */
static mxs_status warn_of_count(const mxsi_table_reading *reading, mxsi_arena *arena, mxs_error *error) {
    if (!reading->layout.passes_over_count) {
        return MXS_OK;
    }
    const char *header = mxsi_csv_cell(reading->table, 0, 0);
    char warning[128];
    /* What could not be a ticker would not print well either. */
    (void)snprintf(warning, sizeof warning, "column '%s' counts the rows and is not taken as an asset",
                   mxsi_ticker_fault(header) == NULL ? mxsi_shorten(header).text : "1");
    return mxsi_messages_append(arena, reading->warnings, warning) == 0 ? MXS_OK : mxsi_fail_memory(error, "a warning");
}

static mxs_status apply_range(mxsi_table_reading *reading, const mxsi_request *request, mxsi_panel *panel,
                              mxs_error *error) {
    if (!request->has_range) {
        return MXS_OK;
    }
    if (panel->dates == NULL) {
        return mxsi_advise(error, mxsi_fail(error, MXS_ERROR_ARGUMENT, "%.400s has no dates", panel->file),
                           MXS_HINT_NO_RANGE, NULL);
    }
    size_t first = 0;
    size_t end = panel->rows;
    while (first < end && panel->dates[first] < request->from) {
        ++first;
    }
    while (end > first && panel->dates[end - 1] > request->to) {
        --end;
    }
    if (first == end) {
        (void)mxsi_fail(error, MXS_ERROR_ARGUMENT, "no date is in the range: %.400s has %s to %s", panel->file,
                        mxsi_date_print(panel->dates[0]).text, mxsi_date_print(panel->dates[panel->rows - 1]).text);
        return mxsi_advise(error, MXS_ERROR_ARGUMENT, MXS_HINT_OTHER_RANGE, NULL);
    }
    reading->first_period = first;
    panel->dates += first;
    panel->rows = end - first;
    return MXS_OK;
}

static mxs_status allocate_values(const mxsi_table_reading *reading, mxsi_arena *arena, mxsi_panel *panel,
                                  mxs_error *error) {
    if (reading->layout.kind == MXSI_LAYOUT_LONG) {
        const size_t allowed = reading->layout.values.count * PAIRS_PER_ROW_MAX + PAIRS_ALWAYS_ALLOWED;
        if (panel->rows > allowed / panel->assets) {
            return mxsi_fail_at(error, MXS_ERROR_DATA, panel->file, 0, 0,
                                "%zu tickers on %zu dates, but only %zu rows: nearly all values are missing",
                                panel->assets, panel->rows, reading->layout.values.count);
        }
    }
    const size_t count = panel->rows * panel->assets;
    panel->values = mxsi_arena_allocate(arena, count, sizeof *panel->values);
    if (panel->values == NULL) {
        return mxsi_fail_memory(error, "the values of a file");
    }
    for (size_t i = 0; i < count; ++i) {
        panel->values[i] = (double)NAN;
    }
    return MXS_OK;
}

/* The row of a long table that has a date and a ticker; the count of rows where none has. */
static size_t find_row(const mxsi_table_reading *reading, mxsi_date date, size_t series) {
    const size_t count = reading->layout.values.count;
    size_t i = 0;
    while (i < count && (reading->row_series[i] != series || reading->row_dates[i] != date)) {
        ++i;
    }
    return i;
}

static void find_place(const mxsi_panel *panel, size_t row, size_t asset, uint64_t *line, uint64_t *column) {
    const mxsi_table_reading *reading = panel->source;
    const size_t original = reading->choice.original[asset];
    size_t table_row = 0;
    size_t table_column = reading->layout.values.column;
    if (reading->layout.kind == MXSI_LAYOUT_LONG) {
        const size_t i = find_row(reading, panel->dates[row], original);
        if (i == reading->layout.values.count) {
            *line = 0;
            *column = 0;
            return;
        }
        table_row = reading->layout.values.row + i;
    } else {
        mxsi_layout_value_place(&reading->layout, reading->first_period + row, original, &table_row, &table_column);
    }
    *line = mxsi_csv_cell_line(reading->table, table_row, table_column);
    *column = (uint64_t)table_column + 1;
}

mxs_status mxsi_table_panel_read(const mxsi_csv_table *table, const mxsi_request *request, mxsi_arena *arena,
                                 mxsi_messages *warnings, mxsi_table_reading *reading, mxsi_panel *panel,
                                 mxs_error *error) {
    *reading = (mxsi_table_reading){.table = table, .warnings = warnings};
    *panel = (mxsi_panel){.file = table->file, .place = find_place, .source = reading};
    mxsi_ticker_index_init(&reading->index, arena);
    mxs_status status = mxsi_layout_detect(table, request->input, &reading->layout, error);
    if (status == MXS_OK) {
        status = warn_of_count(reading, arena, error);
    }
    if (status == MXS_OK) {
        status = reading->layout.kind == MXSI_LAYOUT_LONG ? read_row_tickers(reading, arena, error)
                                                          : read_distinct_tickers(reading, error);
    }
    if (status == MXS_OK) {
        status = read_dates(reading, arena, panel, error);
    }
    if (status == MXS_OK) {
        status = mxsi_asset_choice_make(&reading->index, request, table->file, arena, &reading->choice, error);
    }
    if (status == MXS_OK) {
        status = apply_range(reading, request, panel, error);
    }
    if (status != MXS_OK) {
        return status;
    }
    panel->assets = reading->choice.count;
    panel->tickers = mxsi_arena_allocate(arena, panel->assets, sizeof *panel->tickers);
    if (panel->tickers == NULL) {
        return mxsi_fail_memory(error, "the tickers");
    }
    for (size_t a = 0; a < panel->assets; ++a) {
        panel->tickers[a] = reading->index.names[reading->choice.original[a]];
    }
    status = allocate_values(reading, arena, panel, error);
    return status == MXS_OK ? mxsi_table_values_read(reading, request, arena, panel, error) : status;
}
