#include "data/table/table_dates.h"

#include <stdlib.h>

#include "base/errors.h"

typedef struct reader {
    const mxsi_csv_table *table;
    const mxsi_cell_strip *strip;
    const uint32_t *series;
    mxsi_date *last; /* [series_count] the last date seen of each series */
    size_t series_count;
    mxsi_date *dates; /* year, first number, second number; at last year, month, day */
    mxsi_date_kind kind;
    size_t day_first_at;   /* a date whose first number can only be a day; count: none */
    size_t month_first_at; /* one whose second number can only be a day */
    mxs_error *error;
} reader;

#define FAIL_AT_DATE(r, i, ...)                                                             \
    MXSI_FAIL_AT_CELL((r)->error, (r)->table, (r)->strip->row + (i) * (r)->strip->row_step, \
                      (r)->strip->column + (i) * (r)->strip->column_step, __VA_ARGS__)

static const char *text_at(const reader *r, size_t i) {
    return mxsi_strip_cell(r->table, r->strip, i);
}

static mxs_status scan(reader *r) {
    const size_t count = r->strip->count;
    r->day_first_at = count;
    r->month_first_at = count;
    for (size_t i = 0; i < count; ++i) {
        const mxsi_date_text date = mxsi_date_scan(text_at(r, i));
        if (date.kind == MXSI_DATE_NONE) {
            const char *text = text_at(r, i);
            return text[0] == '\0'
                       ? FAIL_AT_DATE(r, i, "the date is missing")
                       : FAIL_AT_DATE(r, i, "\"%s\" is not a date: write it as YYYY-MM-DD", mxsi_shorten(text).text);
        }
        if (i > 0 && date.kind != r->kind) {
            return FAIL_AT_DATE(r, i, "the date \"%s\" is written in another way than \"%s\": use one format",
                                mxsi_shorten(text_at(r, i)).text, mxsi_shorten(text_at(r, 0)).text);
        }
        r->kind = date.kind;
        r->dates[i] = mxsi_date_pack(date.year, date.first, date.second);
        if (date.first > 12 && date.second <= 12 && r->day_first_at == count) {
            r->day_first_at = i;
        }
        if (date.second > 12 && date.first <= 12 && r->month_first_at == count) {
            r->month_first_at = i;
        }
    }
    return MXS_OK;
}

static mxsi_date swap_day_and_month(mxsi_date date) {
    return date / 10000 * 10000 + date % 100 * 100 + date / 100 % 100;
}

/* The first date that does not come after the one before it in its series; the count where all do. */
static size_t find_disorder(reader *r, int swap) {
    for (size_t k = 0; k < r->series_count; ++k) {
        r->last[k] = 0;
    }
    for (size_t i = 0; i < r->strip->count; ++i) {
        const mxsi_date date = swap ? swap_day_and_month(r->dates[i]) : r->dates[i];
        mxsi_date *last = &r->last[r->series == NULL ? 0 : r->series[i]];
        if (date <= *last) {
            return i;
        }
        *last = date;
    }
    return r->strip->count;
}

static mxs_status decide_order(reader *r, const char **format, mxsi_arena *arena, mxsi_messages *warnings) {
    const size_t count = r->strip->count;
    int day_first = r->day_first_at < count;
    const int month_first = r->month_first_at < count;
    if (day_first && month_first) {
        const size_t at = r->day_first_at > r->month_first_at ? r->day_first_at : r->month_first_at;
        const size_t other = r->day_first_at > r->month_first_at ? r->month_first_at : r->day_first_at;
        return FAIL_AT_DATE(r, at, "\"%s\" and \"%s\" cannot both have day and month in the same order: use YYYY-MM-DD",
                            mxsi_shorten(text_at(r, at)).text, mxsi_shorten(text_at(r, other)).text);
    }
    if (!day_first && !month_first) {
        const int ascends_by_day = find_disorder(r, 1) == count;
        const int ascends_by_month = find_disorder(r, 0) == count;
        day_first = ascends_by_day || !ascends_by_month;
        if (ascends_by_day == ascends_by_month &&
            mxsi_messages_append(arena, warnings,
                                 "the dates may be day-first or month-first: read as day-first; "
                                 "write them as YYYY-MM-DD to be sure") != 0) {
            return mxsi_fail_memory(r->error, "a warning");
        }
    }
    if (day_first) {
        for (size_t i = 0; i < count; ++i) {
            r->dates[i] = swap_day_and_month(r->dates[i]);
        }
    }
    *format = day_first ? "day-first dates" : "month-first dates";
    return MXS_OK;
}

static mxs_status check_calendar(const reader *r) {
    for (size_t i = 0; i < r->strip->count; ++i) {
        if (!mxsi_date_is_valid(r->dates[i])) {
            return FAIL_AT_DATE(r, i, "the calendar has no day \"%s\": correct the date",
                                mxsi_shorten(text_at(r, i)).text);
        }
    }
    return MXS_OK;
}

static int runs_backwards(const reader *r) {
    if (r->series != NULL) {
        return 0;
    }
    for (size_t i = 1; i < r->strip->count; ++i) {
        if (r->dates[i] >= r->dates[i - 1]) {
            return 0;
        }
    }
    return 1;
}

static mxs_status check_order(reader *r) {
    const size_t at = find_disorder(r, 0);
    if (at == r->strip->count) {
        return MXS_OK;
    }
    const mxsi_date_string date = mxsi_date_print(r->dates[at]);
    const mxsi_date before = r->last[r->series == NULL ? 0 : r->series[at]];
    if (r->dates[at] == before) {
        return FAIL_AT_DATE(r, at, "the date %s comes twice%s: remove one of the two", date.text,
                            r->series == NULL ? "" : " for the same ticker");
    }
    return FAIL_AT_DATE(r, at, "the date %s comes after %s%s", date.text, mxsi_date_print(before).text,
                        runs_backwards(r) ? ": the file is newest first, put the oldest first"
                                          : ": sort the file by date, oldest first");
}

mxs_status mxsi_table_dates_read(const mxsi_csv_table *table, const mxsi_cell_strip *strip, const uint32_t *series,
                                 size_t series_count, mxsi_date *dates, const char **format, mxsi_arena *arena,
                                 mxsi_messages *warnings, mxs_error *error) {
    reader r = {.table = table,
                .strip = strip,
                .series = series,
                .series_count = series == NULL ? 1 : series_count,
                .error = error};
    r.dates = dates;
    r.last = calloc(r.series_count, sizeof *r.last);
    if (r.last == NULL) {
        return mxsi_fail_memory(error, "the dates of a file");
    }
    mxs_status status = scan(&r);
    if (status == MXS_OK && r.kind == MXSI_DATE_TWO_NUMBERS) {
        status = decide_order(&r, format, arena, warnings);
    } else {
        *format = r.kind == MXSI_DATE_MONTH_NAME ? "dates with month names" : "ISO dates";
    }
    if (status == MXS_OK) {
        status = check_calendar(&r);
    }
    if (status == MXS_OK) {
        status = check_order(&r);
    }
    free(r.last);
    return status;
}
