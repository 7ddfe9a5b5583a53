/* Markets from texts written in a test. */
#ifndef MAXSHARPE_TEST_MARKET_TEXTS_H
#define MAXSHARPE_TEST_MARKET_TEXTS_H

#include <stddef.h>

#include "maxsharpe/market.h"

/* Options with the defaults and one kind of input. */
mxs_market_options options_for(mxs_input input);

/* Reads a text under the name "market.csv"; fails the test, printing the message, where that fails, and where a warning
 * names an option of the command line. options may be NULL. */
mxs_market *market_of_text(const char *text, const mxs_market_options *options);

/* The error of reading a text, which has to fail with this status; its message is one line that names no option of the
 * command line, which every test thus holds. */
mxs_error error_of_text(const char *text, const mxs_market_options *options, mxs_status status);

/* The same, and its message begins with this one. */
void assert_text_fails(const char *text, const mxs_market_options *options, mxs_status status, const char *message);

/* |value - expected| <= tolerance * max(1, |expected|), printed where not. */
#define assert_near(value, expected, tolerance) check_near((value), (expected), (tolerance), #value, __FILE__, __LINE__)
void check_near(double value, double expected, double tolerance, const char *what, const char *file, int line);

/* The same bits in both arrays. */
void assert_same_numbers(const double *left, const double *right, size_t count);

/* A folder of its own for a test that needs files; removed with all its files by remove_folder. */
typedef struct test_folder {
    char path[64];
} test_folder;

test_folder make_folder(void);
void remove_folder(const test_folder *folder);

/* A file's path in a folder. */
typedef struct test_path {
    char text[128];
} test_path;

test_path path_in(const test_folder *folder, const char *name);

/* Writes bytes to a file, plain or as gzip. */
void write_file(const char *path, const void *bytes, size_t size);
void write_gzip(const char *path, const void *bytes, size_t size);

#endif
