#include "data/table/csv_table.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "base/errors.h"
#include "data/table/csv_dialect.h"

typedef struct builder {
    mxsi_csv_table *table;
    size_t text_size, text_capacity;
    size_t cell_count, cell_capacity;
    size_t row_capacity;
    size_t fields;  /* of the row being read */
    uint64_t line;  /* being read */
    uint64_t begun; /* line on which the row being read began */
    mxs_status status;
    mxs_error *error;
} builder;

/* Makes room for `more` elements beyond used; 0, or -1 when there is no memory. */
static int reserve(void **array, size_t *capacity, size_t used, size_t more, size_t size) {
    if (*capacity - used >= more) {
        return 0;
    }
    const size_t least = used + more;
    const size_t wanted = least < 1024 ? 1024 : least + least / 2;
    if (least < used || wanted < least || wanted > SIZE_MAX / size) {
        return -1;
    }
    void *grown = realloc(*array, wanted * size);
    if (grown == NULL) {
        return -1;
    }
    *array = grown;
    *capacity = wanted;
    return 0;
}

static void begin_row(builder *b) {
    mxsi_csv_table *table = b->table;
    void *rows = table->row_starts;
    if (reserve(&rows, &b->row_capacity, table->rows, 1, sizeof *table->row_starts) != 0) {
        b->status = mxsi_fail_memory(b->error, "the rows of a file");
        return;
    }
    table->row_starts = rows;
    table->row_starts[table->rows] = (mxsi_csv_row){.text = b->text_size, .line = b->begun};
}

static int is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void append_cell(builder *b, const char *bytes, size_t length) {
    mxsi_csv_table *table = b->table;
    while (length > 0 && is_blank(bytes[length - 1])) {
        --length;
    }
    for (; length > 0 && is_blank(bytes[0]); --length) {
        ++bytes;
    }
    void *text = table->text;
    void *cells = table->cells;
    const int failed = reserve(&text, &b->text_capacity, b->text_size, length + 1, 1) != 0 ||
                       reserve(&cells, &b->cell_capacity, b->cell_count, 1, sizeof *table->cells) != 0;
    table->text = text;
    table->cells = cells;
    if (failed) {
        b->status = mxsi_fail_memory(b->error, "the cells of a file");
        return;
    }
    table->cells[b->cell_count++] = (uint32_t)(b->text_size - table->row_starts[table->rows].text);
    memcpy(table->text + b->text_size, bytes, length);
    table->text[b->text_size + length] = '\0';
    b->text_size += length + 1;
    ++b->fields;
}

/* libcsv calls this at the end of every cell. It cannot be stopped from here, so after a failure it is let run. */
static void on_cell(void *bytes, size_t length, void *user) {
    builder *b = user;
    if (b->status != MXS_OK) {
        return;
    }
    if (length > MXSI_CELL_LIMIT) {
        b->status = mxsi_fail_at(b->error, MXS_ERROR_DATA, b->table->file, b->begun, b->fields + 1,
                                 "the cell is longer than %zu KiB: is a closing quote missing?", MXSI_CELL_LIMIT >> 10);
        return;
    }
    if (b->fields == 0) {
        begin_row(b);
    } else if (b->text_size - b->table->row_starts[b->table->rows].text > MXSI_LINE_LIMIT) {
        b->status = mxsi_fail_at(b->error, MXS_ERROR_DATA, b->table->file, b->begun, b->fields + 1,
                                 "the row is longer than %zu MiB: is this a CSV file?", MXSI_LINE_LIMIT >> 20);
    }
    if (b->status == MXS_OK) {
        append_cell(b, bytes, length);
    }
}

static void on_row(int terminator, void *user) {
    (void)terminator;
    builder *b = user;
    if (b->status != MXS_OK) {
        return;
    }
    mxsi_csv_table *table = b->table;
    if (table->rows == 0) {
        table->columns = b->fields;
        if (b->fields < 2) {
            b->status =
                mxsi_fail_at(b->error, MXS_ERROR_DATA, table->file, b->begun, 0,
                             "no comma, semicolon, tab or bar separates the line into cells: save the file as CSV");
            return;
        }
    } else if (b->fields != table->columns) {
        const size_t place = (b->fields < table->columns ? b->fields : table->columns) + 1;
        b->status = mxsi_fail_at(b->error, MXS_ERROR_DATA, table->file, b->begun, place,
                                 "the row has %zu cell%s where the first row has %zu: add or remove delimiters",
                                 b->fields, b->fields == 1 ? "" : "s", table->columns);
        return;
    }
    ++table->rows;
    b->fields = 0;
}

static mxs_status check_parser(builder *b, struct csv_parser *parser, int complete) {
    if (b->status != MXS_OK) {
        return b->status;
    }
    if (!complete) {
        if (csv_error(parser) != CSV_EPARSE) {
            return mxsi_fail_memory(b->error, "a cell of a file");
        }
        return mxsi_fail_at(b->error, MXS_ERROR_DATA, b->table->file, b->line, b->fields + 1,
                            "a quote (\") stands within a cell: quote the whole cell, and double the quotes in it");
    }
    /* A cell that has not ended yet must not grow without end. */
    if (parser->entry_pos > MXSI_CELL_LIMIT) {
        on_cell(parser->entry_buf, parser->entry_pos, b);
    }
    return b->status;
}

static mxs_status feed(builder *b, struct csv_parser *parser, const mxsi_text_piece *piece) {
    /* Nothing of a row is there yet: it begins on this line. */
    if (b->fields == 0 && parser->entry_pos == 0) {
        b->begun = piece->line;
    }
    b->line = piece->line;
    size_t parsed = csv_parse(parser, piece->bytes, piece->length, on_cell, on_row, b);
    mxs_status status = check_parser(b, parser, parsed == piece->length);
    if (status == MXS_OK && piece->ends_line) {
        parsed = csv_parse(parser, "\n", 1, on_cell, on_row, b);
        status = check_parser(b, parser, parsed == 1);
    }
    return status;
}

static mxs_status parse(builder *b, struct csv_parser *parser, mxsi_text_source *source) {
    for (;;) {
        mxsi_text_piece piece;
        mxs_status status = mxsi_text_source_next(source, &piece, b->error);
        if (status != MXS_OK) {
            return status;
        }
        if (piece.length == 0 && !piece.ends_line) {
            break;
        }
        status = feed(b, parser, &piece);
        if (status != MXS_OK) {
            return status;
        }
    }
    if (csv_fini(parser, on_cell, on_row, b) != 0 && b->status == MXS_OK) {
        if (csv_error(parser) != CSV_EPARSE) {
            return mxsi_fail_memory(b->error, "a cell of a file");
        }
        return mxsi_fail_at(b->error, MXS_ERROR_DATA, b->table->file, b->begun, b->fields + 1,
                            "a quoted cell is not closed: add the missing quote (\")");
    }
    return b->status;
}

static int row_is_empty(const mxsi_csv_table *table, size_t row) {
    for (size_t column = 0; column < table->columns; ++column) {
        if (mxsi_csv_cell(table, row, column)[0] != '\0') {
            return 0;
        }
    }
    return 1;
}

static mxs_status check_shape(mxsi_csv_table *table, mxs_error *error) {
    /* Spreadsheets leave such rows below the last one. */
    while (table->rows > 0 && row_is_empty(table, table->rows - 1)) {
        --table->rows;
    }
    if (table->rows == 0) {
        return mxsi_fail_at(error, MXS_ERROR_DATA, table->file, 0, 0, "the file holds nothing but blank lines");
    }
    return MXS_OK;
}

mxs_status mxsi_csv_table_read(mxsi_text_source *source, mxsi_csv_table *table, mxs_error *error) {
    *table = (mxsi_csv_table){.file = mxsi_text_source_name(source)};
    const char *sample = NULL;
    size_t length = 0;
    mxsi_text_source_sample(source, &sample, &length);
    const char delimiter = mxsi_csv_detect_delimiter(sample, length);
    struct csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return mxsi_fail_memory(error, "the CSV parser");
    }
    table->delimiter = delimiter == '\0' ? ',' : delimiter;
    csv_set_delim(&parser, (unsigned char)table->delimiter);
    /* libcsv grows a cell's buffer by this much each time, and copies it: one step must do. */
    csv_set_blk_size(&parser, MXSI_CELL_LIMIT + 1);
    builder b = {.table = table, .status = MXS_OK, .error = error};
    mxs_status status = parse(&b, &parser, source);
    csv_free(&parser);
    if (status == MXS_OK) {
        status = check_shape(table, error);
    }
    if (status != MXS_OK) {
        mxsi_csv_table_clear(table);
    }
    return status;
}

void mxsi_csv_table_clear(mxsi_csv_table *table) {
    free(table->text);
    free(table->row_starts);
    free(table->cells);
    *table = (mxsi_csv_table){.file = table->file};
}

const char *mxsi_csv_cell(const mxsi_csv_table *table, size_t row, size_t column) {
    return table->text + table->row_starts[row].text + table->cells[row * table->columns + column];
}

uint64_t mxsi_csv_cell_line(const mxsi_csv_table *table, size_t row, size_t column) {
    /* Only quoted line ends in the cells before can have moved it below the row's first line. */
    const char *at = table->text + table->row_starts[row].text;
    const char *end = mxsi_csv_cell(table, row, column);
    uint64_t line = table->row_starts[row].line;
    for (; at < end; ++at) {
        line += *at == '\n';
    }
    return line;
}

mxsi_short_text mxsi_shorten(const char *text) {
    enum { KEPT = 40 };
    mxsi_short_text shown = {{0}};
    size_t length = strnlen(text, KEPT + 1);
    if (length <= KEPT) {
        memcpy(shown.text, text, length);
        return shown;
    }
    length = KEPT;
    /* Do not cut a UTF-8 character in two. */
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) {
        --length;
    }
    memcpy(shown.text, text, length);
    memcpy(shown.text + length, "...", 4);
    return shown;
}
