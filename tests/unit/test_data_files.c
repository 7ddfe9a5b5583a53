/* Files that cannot be read, and files made to hurt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "data/table/csv_table.h"
#include "data/table/text_source.h"
#include "support/market_texts.h"

static void assert_file_fails(const char *path, uint64_t line, const char *message) {
    mxs_market *market = NULL;
    mxs_error error = {.message = ""};
    assert_int_equal(mxs_market_read(path, NULL, &market, &error), MXS_ERROR_DATA);
    assert_null(market);
    const size_t length = strlen(path);
    assert_int_equal(strncmp(error.message, path, length), 0);
    if (strstr(error.message, message) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.message, message);
    }
    assert_int_equal(error.line, line);
}

static void what_is_no_readable_file_is_named(void **state) {
    (void)state;
    const test_folder folder = make_folder();
    const test_path empty = path_in(&folder, "empty.csv");
    write_file(empty.text, "", 0);
    assert_file_fails(empty.text, 0, "the file is empty");
    assert_file_fails(folder.path, 0, "is a directory");
    assert_file_fails(path_in(&folder, "absent.csv").text, 0, "cannot be opened: No such file or directory");
    const test_path closed = path_in(&folder, "closed.csv");
    write_file(closed.text, "A,B\n", 4);
    assert_int_equal(chmod(closed.text, 0), 0);
    if (access(closed.text, R_OK) != 0) { /* root reads everything */
        assert_file_fails(closed.text, 0, "cannot be opened: Permission denied");
    }
    remove_folder(&folder);
    mxs_market *market = NULL;
    assert_int_equal(mxs_market_read(NULL, NULL, &market, NULL), MXS_ERROR_ARGUMENT);
}

static void bytes_that_are_no_text_are_named_with_their_line(void **state) {
    (void)state;
    const test_folder folder = make_folder();
    const test_path path = path_in(&folder, "market.csv");
    write_file(path.text,
               "\xFF\xFE"
               "D\0a\0t\0",
               8);
    assert_file_fails(path.text, 1, ":1: not a text file (byte 0; UTF-16?)");
    write_file(path.text, "Date,A\n2024-08-01,1\0\n", 21);
    assert_file_fails(path.text, 2, ":2: not a text file");
    write_file(path.text, "\x89\x8F,\x9E\n\xA1\xB2,\xC3\n", 9);
    assert_file_fails(path.text, 1, "is not UTF-8");
    remove_folder(&folder);
}

/* A line of prices that does not compress to nothing. */
static size_t fill_market(char *text, size_t rows) {
    size_t used = (size_t)sprintf(text, "A,B\n");
    unsigned random = 1;
    for (size_t i = 0; i < rows; ++i) {
        random = random * 1664525u + 1013904223u;
        used += (size_t)sprintf(text + used, "%u.5,%u.25\n", random >> 16, random >> 12 & 0xFFFFu);
    }
    return used;
}

static size_t read_file(const char *path, unsigned char *bytes, size_t capacity) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t size = fread(bytes, 1, capacity, file);
    assert_true(size < capacity);
    assert_int_equal(fclose(file), 0);
    return size;
}

static void a_gzip_cut_off_or_damaged_is_refused(void **state) {
    (void)state;
    enum { ROWS = 20000, ROW_SIZE = 20 };
    const test_folder folder = make_folder();
    const test_path path = path_in(&folder, "market.csv.gz");
    char *text = malloc(ROWS * ROW_SIZE);
    unsigned char *packed = malloc(ROWS * ROW_SIZE);
    assert_non_null(text);
    assert_non_null(packed);
    write_gzip(path.text, text, fill_market(text, ROWS));
    const size_t size = read_file(path.text, packed, ROWS * ROW_SIZE);
    static const size_t CUTS[] = {12, 100, 50000, 4, 1};
    for (size_t i = 0; i < sizeof CUTS / sizeof *CUTS; ++i) {
        const size_t kept = i < 3 ? CUTS[i] : size - CUTS[i];
        write_file(path.text, packed, kept);
        assert_file_fails(path.text, 0, "the gzip data is cut off");
    }
    packed[size / 2] ^= 0x55;
    write_file(path.text, packed, size);
    mxs_market *market = NULL;
    mxs_error error = {.message = ""};
    assert_int_equal(mxs_market_read(path.text, NULL, &market, &error), MXS_ERROR_DATA);
    packed[size / 2] ^= 0x55;
    packed[size - 6] ^= 1; /* the checksum */
    write_file(path.text, packed, size);
    assert_file_fails(path.text, 0, "the gzip data is corrupt");
    free(text);
    free(packed);
    remove_folder(&folder);
}

/* Writes head, then count times a block of 1 MiB of one byte, as gzip: a few KB on disk a GB. */
static void write_long_gzip(const char *path, const char *head, char byte, size_t count) {
    enum { BLOCK = 1 << 20 };
    char *block = malloc(BLOCK);
    assert_non_null(block);
    memset(block, byte, BLOCK);
    gzFile file = gzopen(path, "wb1");
    assert_non_null(file);
    assert_true(gzwrite(file, head, (unsigned)strlen(head)) == (int)strlen(head));
    for (size_t i = 0; i < count; ++i) {
        assert_int_equal(gzwrite(file, block, BLOCK), BLOCK);
    }
    assert_int_equal(gzclose(file), Z_OK);
    free(block);
}

static void a_cell_or_line_without_end_is_stopped_early(void **state) {
    (void)state;
    const test_folder folder = make_folder();
    const test_path path = path_in(&folder, "market.csv.gz");
    write_long_gzip(path.text, "Date,A\n2024-08-01,", '7', 64);
    assert_file_fails(path.text, 2, ":2:2: the cell is longer than 64 KiB");
    write_long_gzip(path.text, "Date,A\n2024-08-01,\"", '\n', 64);
    assert_file_fails(path.text, 2, ":2:2: the cell is longer than 64 KiB");
    write_long_gzip(path.text, "Date,A\n2024-08-01", ',', 64);
    assert_file_fails(path.text, 2, ":2: the line is longer than 16 MiB");
    write_long_gzip(path.text, "Date,A\n2024-08-01,", '\0', 64);
    assert_file_fails(path.text, 2, ":2: not a text file (byte 0");
    write_long_gzip(path.text, "7\n", '\n', 8);
    assert_file_fails(path.text, 1, ":1: no comma, semicolon, tab or bar");
    remove_folder(&folder);
}

static void a_row_of_many_quoted_lines_is_stopped_too(void **state) {
    (void)state;
    enum { CELLS = 600, CELL = 60 * 1024 };
    char *text = malloc((size_t)CELLS * (CELL + 3) + 1);
    assert_non_null(text);
    size_t used = 0;
    for (size_t i = 0; i < CELLS; ++i) {
        text[used++] = '"';
        memset(text + used, 'x', CELL);
        text[used + CELL / 2] = '\n';
        used += CELL;
        text[used++] = '"';
        text[used++] = ',';
    }
    text[used] = '\0';
    assert_text_fails(text, NULL, MXS_ERROR_DATA, "market.csv:1:275: the row is longer than 16 MiB");
    free(text);
}

static void a_cell_of_the_greatest_length_is_read(void **state) {
    (void)state;
    char *text = malloc(MXSI_CELL_LIMIT + 64);
    assert_non_null(text);
    size_t used = (size_t)sprintf(text, "Date,A\n2024-08-01,");
    memset(text + used, 'x', MXSI_CELL_LIMIT);
    used += MXSI_CELL_LIMIT;
    memcpy(text + used, "\n", 2);
    assert_text_fails(text, NULL, MXS_ERROR_DATA,
                      "market.csv:2:2: A: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\" is not");
    memcpy(text + used, "x\n", 3);
    assert_text_fails(text, NULL, MXS_ERROR_DATA, "market.csv:2:2: the cell is longer than 64 KiB");
    free(text);
}

/* Line ends in every form, placed so that the block's edge falls on, before and after each. */
static void lines_are_counted_across_the_edges_of_blocks(void **state) {
    (void)state;
    enum { BLOCK = 64 * 1024, LINES = 4 };
    static const char *const ENDS[] = {"\n", "\r\n", "\r"};
    const test_folder folder = make_folder();
    const test_path path = path_in(&folder, "lines.txt");
    char *text = malloc(BLOCK + 64);
    assert_non_null(text);
    for (size_t end = 0; end < 3; ++end) {
        for (size_t before = 0; before < 4; ++before) {
            memset(text, 'x', BLOCK);
            const size_t length = BLOCK - before;
            const size_t size = length + (size_t)sprintf(text + length, "%sa%s%sb", ENDS[end], ENDS[end], ENDS[end]);
            write_file(path.text, text, size);
            mxsi_text_source *source = NULL;
            assert_int_equal(mxsi_text_source_open(path.text, &source, NULL), MXS_OK);
            size_t lengths[LINES + 1] = {0};
            for (;;) {
                mxsi_text_piece piece;
                assert_int_equal(mxsi_text_source_next(source, &piece, NULL), MXS_OK);
                if (piece.length == 0 && !piece.ends_line) {
                    break;
                }
                assert_in_range(piece.line, 1, LINES);
                lengths[piece.line] += piece.length;
            }
            mxsi_text_source_close(source);
            const size_t expected[LINES + 1] = {0, length, 1, 0, 1};
            assert_memory_equal(lengths, expected, sizeof lengths);
        }
    }
    free(text);
    remove_folder(&folder);
}

static void a_large_file_is_the_same_market_in_one_block_or_many(void **state) {
    (void)state;
    enum { ROWS = 30000, ROW_SIZE = 20 };
    const test_folder folder = make_folder();
    const test_path path = path_in(&folder, "market.csv");
    char *text = calloc(ROWS, ROW_SIZE);
    assert_non_null(text);
    write_file(path.text, text, fill_market(text, ROWS));
    mxs_market *from_file = NULL;
    const mxs_market_options options = options_for(MXS_INPUT_RETURNS);
    assert_int_equal(mxs_market_read(path.text, &options, &from_file, NULL), MXS_OK);
    mxs_market *from_text = market_of_text(text, &options);
    assert_int_equal(mxs_market_describe(from_file)->periods, ROWS);
    assert_same_numbers(mxs_market_describe(from_file)->returns, mxs_market_describe(from_text)->returns, 2 * ROWS);
    mxs_market_destroy(from_file);
    mxs_market_destroy(from_text);
    free(text);
    remove_folder(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_readable_file_is_named),
        cmocka_unit_test(bytes_that_are_no_text_are_named_with_their_line),
        cmocka_unit_test(a_gzip_cut_off_or_damaged_is_refused),
        cmocka_unit_test(a_cell_or_line_without_end_is_stopped_early),
        cmocka_unit_test(a_row_of_many_quoted_lines_is_stopped_too),
        cmocka_unit_test(a_cell_of_the_greatest_length_is_read),
        cmocka_unit_test(lines_are_counted_across_the_edges_of_blocks),
        cmocka_unit_test(a_large_file_is_the_same_market_in_one_block_or_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
