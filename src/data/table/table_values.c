#include "data/table/table_values.h"

#include "base/errors.h"
#include "data/table/number_text.h"

typedef struct converter {
    mxsi_table_reading *reading;
    mxsi_panel *panel;
    mxs_input input;
    locale_t c_locale;
    int percent_seen; /* a number with a percent sign */
    int plain_seen;   /* one without, other than zero */
    /* What the search for the decimal sign has come across: texts that are numbers with either sign. */
    int groups_or_point;
    int groups_or_comma;
    int done; /* the visit need not go on */
    mxs_error *error;
} converter;

typedef struct place {
    size_t row, column;   /* in the table */
    size_t period, asset; /* in the panel */
} place;

typedef mxs_status visit(converter *c, const place *at);

static mxs_status visit_grid(converter *c, visit *each) {
    const mxsi_table_reading *reading = c->reading;
    for (size_t t = 0; t < c->panel->rows && !c->done; ++t) {
        for (size_t a = 0; a < c->panel->assets && !c->done; ++a) {
            place at = {.period = t, .asset = a};
            mxsi_layout_value_place(&reading->layout, reading->first_period + t, reading->choice.original[a], &at.row,
                                    &at.column);
            const mxs_status status = each(c, &at);
            if (status != MXS_OK) {
                return status;
            }
        }
    }
    return MXS_OK;
}

/* The row of a date; the panel has it unless it is out of range. */
static int find_period(const mxsi_panel *panel, mxsi_date date, size_t *period) {
    size_t low = 0;
    size_t high = panel->rows;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (panel->dates[middle] < date) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *period = low;
    return low < panel->rows && panel->dates[low] == date;
}

static mxs_status visit_long(converter *c, visit *each) {
    const mxsi_table_reading *reading = c->reading;
    for (size_t i = 0; i < reading->layout.values.count && !c->done; ++i) {
        place at = {.row = reading->layout.values.row + i, .column = reading->layout.values.column};
        at.asset = reading->choice.chosen[reading->row_series[i]];
        if (at.asset == MXSI_TICKER_NONE || !find_period(c->panel, reading->row_dates[i], &at.period)) {
            continue;
        }
        const mxs_status status = each(c, &at);
        if (status != MXS_OK) {
            return status;
        }
    }
    return MXS_OK;
}

static mxs_status visit_values(converter *c, visit *each) {
    return c->reading->layout.kind == MXSI_LAYOUT_LONG ? visit_long(c, each) : visit_grid(c, each);
}

static mxs_status look_for_decimal_sign(converter *c, const place *at) {
    const char *text = mxsi_csv_cell(c->reading->table, at->row, at->column);
    const mxsi_number_shape shape = mxsi_number_scan(text);
    if (shape.with_point != shape.with_comma) {
        c->reading->decimal_sign = shape.with_point ? '.' : ',';
        c->done = 1;
    } else if (shape.with_point && shape.has_sign) {
        for (; *text != '\0'; ++text) {
            c->groups_or_point |= *text == '.';
            c->groups_or_comma |= *text == ',';
        }
    }
    return MXS_OK;
}

static mxs_status decide_decimal_sign(converter *c, mxsi_arena *arena) {
    mxsi_table_reading *reading = c->reading;
    reading->decimal_sign = '.';
    if (reading->table->delimiter == ',') {
        return MXS_OK;
    }
    reading->decimal_sign = '\0';
    const mxs_status status = visit_values(c, look_for_decimal_sign);
    c->done = 0;
    if (status != MXS_OK || reading->decimal_sign != '\0') {
        return status;
    }
    if (c->groups_or_point && c->groups_or_comma) {
        return mxsi_fail_at(c->error, MXS_ERROR_DATA, reading->table->file, 0, 0,
                            "points and commas are used, and nothing tells which is the decimal sign: use one of them");
    }
    reading->decimal_sign = c->groups_or_comma ? ',' : '.';
    /* Who separates by semicolons does so because the comma is taken: only elsewhere is this a guess. */
    if (c->groups_or_comma && reading->table->delimiter != ';' &&
        mxsi_messages_append(arena, reading->warnings,
                             "the commas in numbers are read as decimal signs, not as grouping by thousands") != 0) {
        return mxsi_fail_memory(c->error, "a warning");
    }
    return MXS_OK;
}

static mxs_status fail_value(const converter *c, const place *at, const char *what) {
    const char *text = mxsi_csv_cell(c->reading->table, at->row, at->column);
    return MXSI_FAIL_AT_CELL(c->error, c->reading->table, at->row, at->column, "%s: \"%s\" %s",
                             mxsi_shorten(c->panel->tickers[at->asset]).text, mxsi_shorten(text).text, what);
}

static mxs_status fail_for_text(const converter *c, const place *at) {
    const mxsi_number_shape shape = mxsi_number_scan(mxsi_csv_cell(c->reading->table, at->row, at->column));
    if (!shape.with_point && !shape.with_comma) {
        return fail_value(c, at, "is not a number: correct it, or leave the cell blank if the value is missing");
    }
    return fail_value(c, at,
                      c->reading->decimal_sign == '.'
                          ? "has a decimal comma: write a point, as in the rest of the file"
                          : "has a decimal point: write a comma, as in the rest of the file");
}

/* A percentage beside plain numbers would be off by a factor of 100. Zero is zero either way. */
static mxs_status check_percent(converter *c, const place *at, double value, int percent) {
    if (percent && c->input == MXS_INPUT_PRICES) {
        return mxsi_advise(c->error, fail_value(c, at, "is a percentage, not a price"), MXS_HINT_INPUT_RETURNS, NULL);
    }
    if (!percent && !(value < 0.0) && !(value > 0.0)) {
        return MXS_OK;
    }
    c->percent_seen |= percent;
    c->plain_seen |= !percent;
    if (c->percent_seen && c->plain_seen) {
        return fail_value(c, at,
                          percent ? "has a percent sign, numbers before have none: write all numbers alike"
                                  : "has no percent sign, numbers before have one: write all numbers alike");
    }
    return MXS_OK;
}

static mxs_status check_price(const converter *c, const place *at, double value) {
    if (c->input != MXS_INPUT_PRICES || value > 0.0) {
        return MXS_OK;
    }
    if (value < 0.0) {
        return mxsi_advise(c->error, fail_value(c, at, "is a price below zero"), MXS_HINT_INPUT_RETURNS, NULL);
    }
    return fail_value(c, at, "is a price of zero: correct it, or leave the cell blank if the price is missing");
}

static mxs_status convert(converter *c, const place *at) {
    const char *text = mxsi_csv_cell(c->reading->table, at->row, at->column);
    double value = 0.0;
    int percent = 0;
    const mxsi_number_result result = mxsi_number_parse(text, c->reading->decimal_sign, c->c_locale, &value, &percent);
    c->panel->values[at->period * c->panel->assets + at->asset] = value;
    if (result == MXSI_NUMBER_MISSING) {
        return MXS_OK;
    }
    if (result == MXSI_NUMBER_BAD) {
        return fail_for_text(c, at);
    }
    if (result == MXSI_NUMBER_TOO_LARGE) {
        return fail_value(c, at, "is too large for a number: correct it");
    }
    const mxs_status status = check_percent(c, at, value, percent);
    return status == MXS_OK ? check_price(c, at, value) : status;
}

mxs_status mxsi_table_values_read(mxsi_table_reading *reading, const mxsi_request *request, mxsi_arena *arena,
                                  mxsi_panel *panel, mxs_error *error) {
    converter c = {.reading = reading, .panel = panel, .input = request->input, .error = error};
    c.c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c.c_locale == (locale_t)0) {
        return mxsi_fail_memory(error, "reading numbers");
    }
    mxs_status status = decide_decimal_sign(&c, arena);
    if (status == MXS_OK) {
        status = visit_values(&c, convert);
    }
    freelocale(c.c_locale);
    return status;
}
