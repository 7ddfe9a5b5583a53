#include "support/market_texts.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "data/market/market_read.h"
#include "data/market/market_request.h"

mxs_market_options options_for(mxs_input input) {
    mxs_market_options options;
    mxs_market_options_init(&options, sizeof options);
    options.input = input;
    return options;
}

/* mxs_market_read of a text as if it were a file. */
static mxs_status parse_text(const char *text, const mxs_market_options *options, mxs_market **market,
                             mxs_error *error) {
    *market = NULL;
    mxsi_request request;
    const mxs_status status = mxsi_market_request_make(options, &request, error);
    return status == MXS_OK ? mxsi_market_parse(text, strlen(text), "market.csv", &request, market, error) : status;
}

/* Options are the command line's words, not the library's. */
static void assert_speaks_of_no_option(const char *line) {
    if (strstr(line, "--") != NULL) {
        fail_msg("\"%s\" speaks of options", line);
    }
}

mxs_error error_of_text(const char *text, const mxs_market_options *options, mxs_status status) {
    mxs_market *market = (mxs_market *)(uintptr_t)&market;
    mxs_error error;
    memset(&error, 0x55, sizeof error);
    assert_int_equal(parse_text(text, options, &market, &error), status);
    assert_null(market);
    assert_int_equal(error.status, status);
    assert_null(strchr(error.message, '\n'));
    assert_speaks_of_no_option(error.message);
    return error;
}

mxs_market *market_of_text(const char *text, const mxs_market_options *options) {
    mxs_market *market = NULL;
    mxs_error error = {.message = ""};
    const mxs_status status = parse_text(text, options, &market, &error);
    if (status != MXS_OK) {
        fail_msg("%s\nin:\n%.400s", error.message, text);
    }
    assert_non_null(market);
    const mxs_market_info *info = mxs_market_describe(market);
    for (size_t i = 0; i < info->warning_count; ++i) {
        assert_speaks_of_no_option(info->warnings[i]);
    }
    return market;
}

void assert_text_fails(const char *text, const mxs_market_options *options, mxs_status status, const char *message) {
    const mxs_error error = error_of_text(text, options, status);
    if (strncmp(error.message, message, strlen(message)) != 0) {
        fail_msg("\"%s\"\ndoes not begin with\n\"%s\"", error.message, message);
    }
}

void check_near(double value, double expected, double tolerance, const char *what, const char *file, int line) {
    if (!(fabs(value - expected) <= tolerance * fmax(1.0, fabs(expected)))) {
        print_error("%s is %.17g, not %.17g\n", what, value, expected);
        _fail(file, line);
    }
}

void assert_same_numbers(const double *left, const double *right, size_t count) {
    assert_memory_equal(left, right, count * sizeof *left);
}

test_folder make_folder(void) {
    test_folder folder = {.path = "maxsharpe-test-XXXXXX"};
    assert_non_null(mkdtemp(folder.path));
    return folder;
}

test_path path_in(const test_folder *folder, const char *name) {
    test_path path;
    (void)snprintf(path.text, sizeof path.text, "%s/%s", folder->path, name);
    return path;
}

void remove_folder(const test_folder *folder) {
    DIR *entries = opendir(folder->path);
    assert_non_null(entries);
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            assert_int_equal(unlinkat(dirfd(entries), entry->d_name, 0), 0);
        }
    }
    assert_int_equal(closedir(entries), 0);
    assert_int_equal(rmdir(folder->path), 0);
}

void write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

void write_gzip(const char *path, const void *bytes, size_t size) {
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzfwrite(bytes, 1, size, file), size);
    assert_int_equal(gzclose(file), Z_OK);
}
