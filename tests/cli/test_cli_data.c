/* What the program says about a file: what is wrong and, in the words of the command line, what to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run_program.h"

typedef struct market_file {
    char folder[64];
    char path[128];
} market_file;

static void make_market_file(market_file *file) {
    make_folder(file->folder);
    (void)snprintf(file->path, sizeof file->path, "%s/market.csv", file->folder);
}

static program_run search_text(const market_file *file, const char *text, const char *words) {
    char command[512];
    write_file(file->path, text);
    (void)snprintf(command, sizeof command, "search %s -n 20 --backend cpu %s", file->path, words);
    return run_program(command);
}

typedef struct advised {
    const char *text;
    const char *words;
    int status;
    const char *line; /* '@' is the file */
} advised;

/* The whole line, with the file's path for each '@'. */
static void assert_says(const program_run *run, const char *line, const char *path) {
    char expected[1024] = "maxsharpe: ";
    for (; *line != '\0'; ++line) {
        const size_t used = strlen(expected);
        (void)snprintf(expected + used, sizeof expected - used, *line == '@' ? "%s" : "%.1s",
                       *line == '@' ? path : line);
    }
    (void)snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "\n");
    assert_string_equal(run->err, expected);
}

#define THREE_DATES "Date,A,B\n2024-08-01,1,5\n2024-08-02,2,6\n2024-08-03,3,5\n"

static void errors_end_with_the_option_that_helps(void **state) {
    (void)state;
    static const advised cases[] = {
        {"Date,A,B\n2024-08-01,1,-2\n", "", 3,
         "@:2:3: B: \"-2\" is a price below zero; correct it, or for a file of returns use --input returns"},
        {"Date,A,B\n2024-08-01,1,5%\n", "", 3,
         "@:2:3: B: \"5%\" is a percentage, not a price; correct it, or for a file of returns use --input returns"},
        {THREE_DATES, "--input moments", 3,
         "@:1: not an OR-Library moments file, which begins with the number of assets alone on its line; for a CSV "
         "file use --input prices or --input returns"},
        {"2\n.1 .2\n.3 .4\n", "", 3, "@:1: this looks like an OR-Library moments file; use --input moments"},
        {"A,B\n1,2\n2,3\n3,1\n", "--from 2024-08-01", 2, "@ has no dates; leave out --from and --to"},
        {THREE_DATES, "--from 2025-01-01", 2,
         "no date is in the range: @ has 2024-08-01 to 2024-08-03; choose --from and --to among them"},
        {"A,B\n1,5\n2,5\n3,5\n", "", 3,
         "@: asset B has constant returns: its variance is zero; leave it out with --exclude B"},
        {"A,B\n1,2\n2,\n3,1\n", "--missing error", 3,
         "@:3:2: B: no price in row 2; fill it in, or use --missing drop-assets or drop-rows"},
        {"A,B\n1,\n,2\n1,2\n", "", 3,
         "@: every ticker misses a price (A: no price in row 2); begin later with --from, or use --missing drop-rows"},
        {"A,B\n1,\n2,\n1,\n", "--missing drop-rows", 3,
         "@: B has no price at all; use --missing drop-assets, or leave it out with --exclude B"},
        {"A,B\n1,\n,2\n1,\n", "--missing drop-rows", 3,
         "@: every row misses a price; use --missing drop-assets, or leave a ticker out with --exclude"},
        {"A,B\n1,2\n2,\n3,1\n2,4\n", "--include B", 2,
         "cannot include 'B': it was dropped: no price in row 2; begin later with --from, or use --missing drop-rows"},
        {"A,B\n1,2\n2,x\n", "", 3,
         "@:3:2: B: \"x\" is not a number: correct it, or leave the cell blank if the value is missing"},
    };
    market_file file;
    make_market_file(&file);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        program_run run = search_text(&file, cases[i].text, cases[i].words);
        assert_failed(&run, cases[i].status, "");
        assert_says(&run, cases[i].line, file.path);
        program_run_free(&run);
    }
    remove_folder(file.folder);
}

static void a_ticker_to_leave_out_is_quoted_where_a_shell_needs_it(void **state) {
    (void)state;
    static const struct {
        const char *ticker;
        const char *word;
    } cases[] = {
        {"BRK.B", "BRK.B"},       {"^GSPC", "^GSPC"},
        {"EURUSD=X", "EURUSD=X"}, {"B Co", "'B Co'"},
        {"$B", "'$B'"},           {"O'Neil & Co", "'O'\\''Neil & Co'"},
        {"''", "''\\'''\\'''"},   {"\xC3\x89tat", "'\xC3\x89tat'"},
    };
    market_file file;
    make_market_file(&file);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        char text[128];
        char line[256];
        (void)snprintf(text, sizeof text, "A,%s\n1,5\n2,5\n3,5\n", cases[i].ticker);
        (void)snprintf(line, sizeof line,
                       "@: asset %s has constant returns: its variance is zero; leave it out with "
                       "--exclude %s",
                       cases[i].ticker, cases[i].word);
        program_run run = search_text(&file, text, "");
        assert_failed(&run, 3, "");
        assert_says(&run, line, file.path);
        program_run_free(&run);
    }
    remove_folder(file.folder);
}

static void what_was_dropped_is_reported_with_its_reason(void **state) {
    (void)state;
    static const char text[] =
        "Date,A,B,C\n2024-08-01,1,,5\n2024-08-02,2,NA,6\n2024-08-03,3,7,\n2024-08-04,2,8,6\n2024-08-05,-,NaN,null\n"
        "2024-08-06,4,9,7\n2024-08-07,3,8,8\n";
    market_file file;
    make_market_file(&file);
    program_run run = search_text(&file, text, "");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "dropped B: no price on 2024-08-01 and 1 other date\n"));
    assert_non_null(strstr(run.out, "dropped C: no price on 2024-08-03\n"));
    assert_non_null(strstr(run.out, "dropped 1 row with missing values\n"));
    program_run_free(&run);
    run = search_text(&file, text, "--format json");
    assert_int_equal(run.status, 0);
    json_t *const root = json_loads(run.out, 0, NULL);
    assert_non_null(root);
    const json_t *const dropped = json_at(root, "input.dropped");
    assert_int_equal(json_array_size(dropped), 2);
    assert_string_equal(json_text_at(json_array_get(dropped, 0), "ticker"), "B");
    assert_string_equal(json_text_at(json_array_get(dropped, 0), "why"), "no price on 2024-08-01 and 1 other date");
    assert_string_equal(json_text_at(json_array_get(dropped, 1), "ticker"), "C");
    json_decref(root);
    program_run_free(&run);
    remove_folder(file.folder);
}

static void of_many_dropped_assets_the_names_are_reported(void **state) {
    (void)state;
    market_file file;
    make_market_file(&file);
    program_run run = search_text(&file, "A,B,C,D,E,F\n1,,,,,\n2,1,1,1,1,1\n3,1,1,1,1,1\n2,1,1,1,1,1\n", "");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "dropped 5 assets: B, C, D, E, F\n"));
    program_run_free(&run);
    remove_folder(file.folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_end_with_the_option_that_helps),
        cmocka_unit_test(a_ticker_to_leave_out_is_quoted_where_a_shell_needs_it),
        cmocka_unit_test(what_was_dropped_is_reported_with_its_reason),
        cmocka_unit_test(of_many_dropped_assets_the_names_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
