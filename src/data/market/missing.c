#include "data/market/missing.h"

#include <math.h>
#include <stdio.h>

#include "base/errors.h"

mxsi_row_name mxsi_row_print(const mxsi_panel *panel, size_t row) {
    mxsi_row_name name = {{0}};
    if (panel->dates != NULL) {
        (void)snprintf(name.text, sizeof name.text, "%s", mxsi_date_print(panel->dates[row]).text);
    } else {
        (void)snprintf(name.text, sizeof name.text, "row %zu", row + 1);
    }
    return name;
}

static const char *noun(const mxsi_request *request) {
    return request->input == MXS_INPUT_PRICES ? "price" : "return";
}

static int is_missing(const mxsi_panel *panel, size_t row, size_t asset) {
    return isnan(panel->values[row * panel->assets + asset]);
}

static size_t count_missing(const mxsi_panel *panel, size_t row) {
    size_t count = 0;
    for (size_t a = 0; a < panel->assets; ++a) {
        count += (size_t)is_missing(panel, row, a);
    }
    return count;
}

static mxs_status fail_at_first(const mxsi_panel *panel, const mxsi_request *request, mxs_error *error) {
    for (size_t t = 0; t < panel->rows; ++t) {
        for (size_t a = 0; a < panel->assets; ++a) {
            if (!is_missing(panel, t, a)) {
                continue;
            }
            uint64_t line = 0;
            uint64_t column = 0;
            if (panel->place != NULL) {
                panel->place(panel, t, a, &line, &column);
            }
            (void)mxsi_fail_at(error, MXS_ERROR_DATA, panel->file, line, column, "%.60s: no %s %s %s",
                               panel->tickers[a], noun(request), panel->dates == NULL ? "in" : "on",
                               mxsi_row_print(panel, t).text);
            return mxsi_advise(error, MXS_ERROR_DATA, MXS_HINT_FILL_OR_DROP, NULL);
        }
    }
    return MXS_OK;
}

/* Keeps the rows that miss at most `allowed` values. */
static void keep_rows(const mxsi_panel *panel, size_t allowed, mxsi_selection *selection) {
    for (size_t t = 0; t < panel->rows; ++t) {
        if (count_missing(panel, t) <= allowed) {
            selection->rows[selection->row_count++] = t;
        }
    }
    selection->dropped_rows = panel->rows - selection->row_count;
}

static mxs_status drop_asset(const mxsi_panel *panel, const mxsi_request *request, size_t asset, size_t first,
                             size_t count, mxsi_arena *arena, mxsi_selection *selection, mxs_error *error) {
    const char *in = panel->dates == NULL ? "in" : "on";
    const mxsi_row_name row = mxsi_row_print(panel, first);
    const char *unit = panel->dates == NULL ? "row" : "date";
    char *why = count == 1 ? mxsi_arena_format(arena, "no %s %s %s", noun(request), in, row.text)
                           : mxsi_arena_format(arena, "no %s %s %s and %zu other %s%s", noun(request), in, row.text,
                                               count - 1, unit, count == 2 ? "" : "s");
    char *ticker = mxsi_arena_copy_string(arena, panel->tickers[asset]);
    if (why == NULL || ticker == NULL) {
        return mxsi_fail_memory(error, "the dropped tickers");
    }
    selection->dropped[selection->dropped_count++] = (mxs_dropped){.ticker = ticker, .why = why};
    return MXS_OK;
}

static mxs_status drop_assets(const mxsi_panel *panel, const mxsi_request *request, mxsi_arena *arena,
                              mxsi_selection *selection, mxs_error *error) {
    for (size_t a = 0; a < panel->assets; ++a) {
        size_t first = 0;
        size_t count = 0;
        for (size_t k = 0; k < selection->row_count; ++k) {
            if (is_missing(panel, selection->rows[k], a)) {
                first = count == 0 ? selection->rows[k] : first;
                ++count;
            }
        }
        if (count == 0) {
            selection->assets[selection->asset_count++] = a;
            continue;
        }
        const mxs_status status = drop_asset(panel, request, a, first, count, arena, selection, error);
        if (status != MXS_OK) {
            return status;
        }
    }
    if (selection->asset_count == 0) {
        (void)mxsi_fail_at(error, MXS_ERROR_DATA, panel->file, 0, 0, "every ticker misses a %s (%.60s: %s)",
                           noun(request), selection->dropped[0].ticker, selection->dropped[0].why);
        return mxsi_advise(error, MXS_ERROR_DATA, MXS_HINT_LATER_OR_DROP_ROWS, NULL);
    }
    return MXS_OK;
}

static mxs_status fail_without_rows(const mxsi_panel *panel, const mxsi_request *request, mxs_error *error) {
    if (request->missing == MXS_MISSING_DROP_ASSETS) {
        return mxsi_fail_at(error, MXS_ERROR_DATA, panel->file, 0, 0,
                            "there is no %s in any row: use another file or range", noun(request));
    }
    for (size_t a = 0; a < panel->assets; ++a) {
        size_t count = 0;
        for (size_t t = 0; t < panel->rows; ++t) {
            count += (size_t)is_missing(panel, t, a);
        }
        if (count == panel->rows) {
            (void)mxsi_fail_at(error, MXS_ERROR_DATA, panel->file, 0, 0, "%.60s has no %s at all", panel->tickers[a],
                               noun(request));
            return mxsi_advise(error, MXS_ERROR_DATA, MXS_HINT_EXCLUDE_OR_DROP_ASSETS, panel->tickers[a]);
        }
    }
    (void)mxsi_fail_at(error, MXS_ERROR_DATA, panel->file, 0, 0, "every row misses a %s", noun(request));
    return mxsi_advise(error, MXS_ERROR_DATA, MXS_HINT_FEWER_OR_DROP_ASSETS, NULL);
}

mxs_status mxsi_missing_apply(const mxsi_panel *panel, const mxsi_request *request, mxsi_arena *arena,
                              mxsi_selection *selection, mxs_error *error) {
    *selection = (mxsi_selection){0};
    selection->rows = mxsi_arena_allocate(arena, panel->rows, sizeof *selection->rows);
    selection->assets = mxsi_arena_allocate(arena, panel->assets, sizeof *selection->assets);
    selection->dropped = mxsi_arena_allocate(arena, panel->assets, sizeof *selection->dropped);
    if (selection->rows == NULL || selection->assets == NULL || selection->dropped == NULL) {
        return mxsi_fail_memory(error, "the rows and tickers in use");
    }
    if (request->missing == MXS_MISSING_ERROR) {
        const mxs_status status = fail_at_first(panel, request, error);
        if (status != MXS_OK) {
            return status;
        }
    }
    /* A row without any value says nothing about any asset: a holiday, or a blank row. */
    keep_rows(panel, request->missing == MXS_MISSING_DROP_ASSETS ? panel->assets - 1 : 0, selection);
    if (selection->row_count == 0) {
        return fail_without_rows(panel, request, error);
    }
    return drop_assets(panel, request, arena, selection, error);
}
