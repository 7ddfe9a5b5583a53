#include "data/table/table_layout.h"

#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "data/table/calendar_date.h"
#include "data/table/number_text.h"

/* Rows below the header that are looked at to tell what a column holds. */
enum { SAMPLE_ROWS = 100 };

/* A long table has a handful of columns. */
enum { LONG_COLUMNS_MAX = 64 };

typedef enum cell_kind { CELL_MISSING, CELL_NUMBER, CELL_DATE, CELL_TEXT } cell_kind;

static cell_kind classify(const char *text) {
    if (mxsi_date_scan(text).kind != MXSI_DATE_NONE) {
        return CELL_DATE;
    }
    const mxsi_number_shape shape = mxsi_number_scan(text);
    if (shape.missing) {
        return CELL_MISSING;
    }
    return shape.with_point || shape.with_comma ? CELL_NUMBER : CELL_TEXT;
}

/* How many cells of each kind the first rows have in a column, the header not counted. */
typedef struct tally {
    size_t of[CELL_TEXT + 1];
} tally;

static tally tally_column(const mxsi_csv_table *table, size_t column) {
    tally counts = {{0}};
    for (size_t row = 1; row < table->rows && row <= SAMPLE_ROWS; ++row) {
        ++counts.of[classify(mxsi_csv_cell(table, row, column))];
    }
    return counts;
}

/* A header's letters and digits in lower case, so that "Adj Close", "adj_close" and "AdjClose" are one name. */
typedef struct plain_name {
    char text[32];
} plain_name;

static plain_name simplify(const char *text) {
    plain_name name = {{0}};
    size_t length = 0;
    for (; *text != '\0' && length + 1 < sizeof name.text; ++text) {
        const char lower = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        if ((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9')) {
            name.text[length++] = lower;
        }
    }
    return name;
}

/* names ends in NULL. */
static int header_is_one_of(const mxsi_csv_table *table, size_t column, const char *const *names) {
    const plain_name name = simplify(mxsi_csv_cell(table, 0, column));
    for (; *names != NULL; ++names) {
        if (strcmp(name.text, *names) == 0) {
            return 1;
        }
    }
    return 0;
}

static const char *const DATE_NAMES[] = {"date", "dates", "datetime", "timestamp", "time", NULL};
static const char *const TICKER_NAMES[] = {"ticker",     "tickers",  "symbol", "symbols", "stock", "asset",
                                           "instrument", "security", "name",   "code",    "isin",  NULL};
static const char *const INDEX_NAMES[] = {"", "index", "row", "period", "unnamed0", NULL};

/* In the order of preference: an adjusted close counts dividends and splits, a plain one does not. */
static const char *const PRICE_NAMES[] = {"adjclose", "adjustedclose", "close", "price", "value", NULL};
static const char *const RETURN_NAMES[] = {"return", "returns", "value", NULL};

const char *mxsi_strip_cell(const mxsi_csv_table *table, const mxsi_cell_strip *strip, size_t i) {
    return mxsi_csv_cell(table, strip->row + i * strip->row_step, strip->column + i * strip->column_step);
}

void mxsi_layout_value_place(const mxsi_layout *layout, size_t period, size_t asset, size_t *row, size_t *column) {
    const int wide = layout->kind == MXSI_LAYOUT_WIDE;
    *row = layout->values.row + (wide ? period : asset);
    *column = layout->values.column + (wide ? asset : period);
}

static mxsi_cell_strip strip_down(size_t row, size_t column, size_t end) {
    return (mxsi_cell_strip){.row = row, .column = column, .row_step = 1, .count = end - row};
}

static mxsi_cell_strip strip_right(size_t row, size_t column, size_t end) {
    return (mxsi_cell_strip){.row = row, .column = column, .column_step = 1, .count = end - column};
}

static void set_transposed(const mxsi_csv_table *table, size_t first_row, int has_dates, mxsi_layout *layout) {
    *layout = (mxsi_layout){.kind = MXSI_LAYOUT_TRANSPOSED, .has_dates = has_dates};
    layout->dates = strip_right(0, 1, table->columns);
    layout->tickers = strip_down(first_row, 0, table->rows);
    layout->values = strip_right(first_row, 1, table->columns);
}

/* Most of the header is dates, but not its first cell. */
static int has_dates_in_header(const mxsi_csv_table *table) {
    const cell_kind corner = classify(mxsi_csv_cell(table, 0, 0));
    if (corner == CELL_DATE || corner == CELL_NUMBER) {
        return 0;
    }
    size_t dates = 0;
    for (size_t column = 1; column < table->columns; ++column) {
        dates += mxsi_date_scan(mxsi_csv_cell(table, 0, column)).kind != MXSI_DATE_NONE;
    }
    return 2 * dates > table->columns - 1;
}

static int is_count(const char *text, size_t expected) {
    char digits[32];
    (void)snprintf(digits, sizeof digits, "%zu", expected);
    return strcmp(text, digits) == 0;
}

static int column_begins_with_texts(const mxsi_csv_table *table) {
    const tally counts = tally_column(table, 0);
    return counts.of[CELL_TEXT] >= counts.of[CELL_DATE] + counts.of[CELL_NUMBER];
}

/* The header numbers its columns 0, 1, 2 ... or 1, 2, 3 ..., as data frames without dates do. */
static int has_counted_header(const mxsi_csv_table *table) {
    const char *corner = mxsi_csv_cell(table, 0, 0);
    if ((corner[0] != '\0' && !header_is_one_of(table, 0, TICKER_NAMES)) || table->rows < 2) {
        return 0;
    }
    const size_t base = is_count(mxsi_csv_cell(table, 0, 1), 1) ? 1 : 0;
    for (size_t column = 1; column < table->columns; ++column) {
        if (!is_count(mxsi_csv_cell(table, 0, column), base + column - 1)) {
            return 0;
        }
    }
    return column_begins_with_texts(table);
}

/* The very first row is a ticker and its values, even if one of them is no number. */
static int has_ticker_rows_only(const mxsi_csv_table *table) {
    if (classify(mxsi_csv_cell(table, 0, 0)) != CELL_TEXT) {
        return 0;
    }
    size_t numbers = 0;
    size_t others = 0;
    for (size_t column = 1; column < table->columns; ++column) {
        const cell_kind kind = classify(mxsi_csv_cell(table, 0, column));
        numbers += kind == CELL_NUMBER;
        others += kind == CELL_TEXT || kind == CELL_DATE;
    }
    return numbers > others && column_begins_with_texts(table);
}

/* The first row holds values, not names. A header of whole numbers is one: some exchanges number their stocks. */
static int lacks_header(const mxsi_csv_table *table) {
    const cell_kind corner = classify(mxsi_csv_cell(table, 0, 0));
    if (corner == CELL_DATE) {
        return 1;
    }
    size_t values = corner == CELL_NUMBER;
    for (size_t column = 1; column < table->columns; ++column) {
        const char *text = mxsi_csv_cell(table, 0, column);
        const cell_kind kind = classify(text);
        if (kind == CELL_TEXT) {
            return 0;
        }
        values += kind == CELL_DATE || (kind == CELL_NUMBER && text[strspn(text, "0123456789")] != '\0');
    }
    return values > 0;
}

/* Some date stands in more than one row: the second of two neighbours, or the first of another ticker. */
static int repeats_a_date(const mxsi_csv_table *table, size_t column) {
    for (size_t row = 2; row < table->rows; ++row) {
        const char *date = mxsi_csv_cell(table, row, column);
        if (strcmp(date, mxsi_csv_cell(table, row - 1, column)) == 0 ||
            strcmp(date, mxsi_csv_cell(table, 1, column)) == 0) {
            return 1;
        }
    }
    return 0;
}

typedef struct long_columns {
    size_t date, ticker, value; /* the table's number of columns: none */
    size_t numeric_count;       /* named columns of numbers beside date and ticker */
    char numeric_names[160];
} long_columns;

static void find_date_column(const mxsi_csv_table *table, const tally *counts, long_columns *found) {
    for (size_t column = 0; column < table->columns; ++column) {
        if (counts[column].of[CELL_DATE] <= counts[column].of[CELL_TEXT] + counts[column].of[CELL_NUMBER]) {
            continue;
        }
        if (found->date == table->columns || header_is_one_of(table, column, DATE_NAMES)) {
            found->date = column;
        }
        if (header_is_one_of(table, column, DATE_NAMES)) {
            return;
        }
    }
}

static int has_value_name(const mxsi_csv_table *table) {
    for (size_t column = 0; column < table->columns; ++column) {
        if (header_is_one_of(table, column, PRICE_NAMES) || header_is_one_of(table, column, RETURN_NAMES)) {
            return 1;
        }
    }
    return 0;
}

/* By its name, or as the one column of texts; but only beside a column that is named as values are, or if dates come
 * again as they do with several tickers. */
static void find_ticker_column(const mxsi_csv_table *table, const tally *counts, long_columns *found) {
    if (!has_value_name(table) && !repeats_a_date(table, found->date)) {
        return;
    }
    size_t texts = 0;
    size_t only = table->columns;
    for (size_t column = 0; column < table->columns; ++column) {
        if (column == found->date) {
            continue;
        }
        if (header_is_one_of(table, column, TICKER_NAMES)) {
            found->ticker = column;
            return;
        }
        if (counts[column].of[CELL_TEXT] > 0 && counts[column].of[CELL_NUMBER] == 0) {
            ++texts;
            only = column;
        }
    }
    if (texts == 1) {
        found->ticker = only;
    }
}

static void find_value_column(const mxsi_csv_table *table, const tally *counts, mxs_input input, long_columns *found) {
    const char *const *names = input == MXS_INPUT_RETURNS ? RETURN_NAMES : PRICE_NAMES;
    size_t best = SIZE_MAX;
    size_t last = table->columns;
    size_t used = 0;
    for (size_t column = 0; column < table->columns; ++column) {
        const tally *count = &counts[column];
        const char *header = mxsi_csv_cell(table, 0, column);
        if (column == found->date || column == found->ticker || header[0] == '\0' ||
            count->of[CELL_NUMBER] <= count->of[CELL_TEXT] + count->of[CELL_DATE]) {
            continue;
        }
        ++found->numeric_count;
        last = column;
        if (used < sizeof found->numeric_names) {
            const int length = snprintf(found->numeric_names + used, sizeof found->numeric_names - used, "%s%.30s",
                                        used == 0 ? "" : ", ", header);
            used += length < 0 ? 0 : (size_t)length;
        }
        for (size_t rank = 0; names[rank] != NULL && rank < best; ++rank) {
            if (strcmp(simplify(header).text, names[rank]) == 0) {
                best = rank;
                found->value = column;
            }
        }
    }
    if (found->numeric_count == 1) {
        found->value = last;
    }
}

static mxs_status try_long(const mxsi_csv_table *table, mxs_input input, mxsi_layout *layout, int *is_long,
                           mxs_error *error) {
    *is_long = 0;
    if (table->columns < 3 || table->columns > LONG_COLUMNS_MAX) {
        return MXS_OK;
    }
    tally counts[LONG_COLUMNS_MAX];
    for (size_t column = 0; column < table->columns; ++column) {
        counts[column] = tally_column(table, column);
    }
    long_columns found = {.date = table->columns, .ticker = table->columns, .value = table->columns};
    find_date_column(table, counts, &found);
    if (found.date == table->columns) {
        return MXS_OK;
    }
    find_ticker_column(table, counts, &found);
    if (found.ticker == table->columns) {
        return MXS_OK;
    }
    find_value_column(table, counts, input, &found);
    if (found.numeric_count == 0) {
        return MXS_OK;
    }
    if (found.value == table->columns) {
        return MXSI_FAIL_AT_CELL(error, table, 0, found.ticker,
                                 "several columns could hold the values (%s): name the right one %s",
                                 found.numeric_names, input == MXS_INPUT_RETURNS ? "return" : "close");
    }
    *is_long = 1;
    *layout = (mxsi_layout){.kind = MXSI_LAYOUT_LONG, .has_dates = 1};
    layout->dates = strip_down(1, found.date, table->rows);
    layout->tickers = strip_down(1, found.ticker, table->rows);
    layout->values = strip_down(1, found.value, table->rows);
    return MXS_OK;
}

/* Under a name of its own even a short count is an index; under any other one it takes this many rows. */
enum { COUNT_ROWS_MIN = 3 };

static int counts_the_rows(const mxsi_csv_table *table, size_t column) {
    const size_t base = is_count(mxsi_csv_cell(table, 1, column), 1) ? 1 : 0;
    for (size_t row = 1; row < table->rows; ++row) {
        if (!is_count(mxsi_csv_cell(table, row, column), base + row - 1)) {
            return 0;
        }
    }
    return 1;
}

static int is_index_column(const mxsi_csv_table *table, size_t column) {
    return counts_the_rows(table, column) &&
           (header_is_one_of(table, column, INDEX_NAMES) || table->rows - 1 >= COUNT_ROWS_MIN);
}

/* A column of texts counts as dates too: the first of them is then named as no date, which is what is wrong. */
static int is_date_column(const mxsi_csv_table *table, size_t column) {
    const tally counts = tally_column(table, column);
    return counts.of[CELL_DATE] + counts.of[CELL_TEXT] > counts.of[CELL_NUMBER] ||
           header_is_one_of(table, column, DATE_NAMES);
}

static mxs_status set_wide(const mxsi_csv_table *table, mxsi_layout *layout, mxs_error *error) {
    size_t column = is_index_column(table, 0) ? 1 : 0;
    *layout = (mxsi_layout){.kind = MXSI_LAYOUT_WIDE};
    layout->passes_over_count = column == 1 && !header_is_one_of(table, 0, INDEX_NAMES);
    layout->has_dates = is_date_column(table, column);
    layout->dates = strip_down(1, column, table->rows);
    column += layout->has_dates ? 1 : 0;
    if (column >= table->columns) {
        return MXSI_FAIL_AT_CELL(error, table, 0, 0, "the table has no column of values: add one with its ticker");
    }
    layout->tickers = strip_right(0, column, table->columns);
    layout->values = strip_down(1, column, table->rows);
    return MXS_OK;
}

mxs_status mxsi_layout_detect(const mxsi_csv_table *table, mxs_input input, mxsi_layout *layout, mxs_error *error) {
    const int dates_in_header = has_dates_in_header(table);
    if (dates_in_header && table->rows > 1) {
        set_transposed(table, 1, 1, layout);
        return MXS_OK;
    }
    if (has_counted_header(table)) {
        set_transposed(table, 1, 0, layout);
        return MXS_OK;
    }
    if (has_ticker_rows_only(table)) {
        set_transposed(table, 0, 0, layout);
        return MXS_OK;
    }
    if (lacks_header(table) && !dates_in_header) {
        return MXSI_FAIL_AT_CELL(error, table, 0, 0,
                                 "a header row with tickers is missing: put one above, such as Date,AAPL,MSFT");
    }
    if (table->rows == 1) {
        return MXSI_FAIL_AT_CELL(error, table, 0, 0, "nothing but a header row: add rows of values");
    }
    int is_long = 0;
    const mxs_status status = try_long(table, input, layout, &is_long, error);
    if (status != MXS_OK || is_long) {
        return status;
    }
    return set_wide(table, layout, error);
}
