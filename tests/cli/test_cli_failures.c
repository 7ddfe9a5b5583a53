/* Data and problems that cannot be used, backends that are not there, and runs that are interrupted. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run_program.h"

static void problems_that_no_portfolio_satisfies_exit_with_4(void **state) {
    (void)state;
    static const char *const cases[] = {
        "-k 31",                            /* more assets than there are */
        "-k 4 -w 0.2",                      /* the largest weights do not add up to 1 */
        "-k 25 --min-weight 0.05",          /* the smallest weights exceed 1 */
        "-k 2 --include AGATE,TOPAZ,ZEBRA", /* more tickers than places */
        "-k 15 -w 0.2 -n 4398046511104",    /* 155 million portfolios of them: beyond 64 bits */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        program_run run = run_search(cases[i]);
        assert_failed(&run, 4, "");
        program_run_free(&run);
    }
}

typedef struct bad_file {
    const char *text;
    const char *says; /* after FOLDER/market.csv */
} bad_file;

static void files_that_cannot_be_used_exit_with_3_and_name_the_place(void **state) {
    (void)state;
    static const bad_file cases[] = {
        {"", ""},
        {"Date,A,B\n", ""},
        {"Date,A,B\n2030-01-01,1,2\n2030-01-02,1.1,x2\n2030-01-03,1.2,2.3\n", ":3:3: "},
        {"Date,A,B\n2030-01-01,1,2\n2030-01-02,0,2.1\n2030-01-03,1.2,2.3\n", ":3:2: "},
        {"Date,A,B\n2030-01-01,1,2\n2030-01-02,-1,2.1\n2030-01-03,1.2,2.3\n", ":3:2: "},
        {"Date,A,B\n2030-01-01,1,2\n2030-01-02,1.1\n2030-01-03,1.2,2.3\n", ":3"},
        {"Date,A,B,A\n2030-01-01,1,2,3\n2030-01-02,1.1,2.1,3.1\n2030-01-03,1.2,2.3,3.3\n", ":1:4: "},
        {"Date,A,B\n2030-01-01,1,2\n2030-01-03,1.1,2.1\n2030-01-02,1.2,2.3\n", ":4:1: "},
    };
    char folder[64];
    char path[128];
    char words[256];
    char says[192];
    make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/market.csv", folder);
    (void)snprintf(words, sizeof words, "search %s -n 20", path);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        write_file(path, cases[i].text);
        (void)snprintf(says, sizeof says, "maxsharpe: %s%s", path, cases[i].says);
        program_run run = run_program(words);
        assert_failed(&run, 3, says);
        program_run_free(&run);
    }
    remove_folder(folder);
}

static void a_constant_asset_exits_with_3_and_is_named(void **state) {
    (void)state;
    char folder[64];
    char path[128];
    char words[256];
    make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/market.csv", folder);
    (void)snprintf(words, sizeof words, "search %s -n 20", path);
    write_file(path, "Date,LIVELY,STILL\n2030-01-01,1,2\n2030-01-02,1.1,2\n2030-01-03,1.2,2\n2030-01-04,1.1,2\n");
    program_run run = run_program(words);
    assert_failed(&run, 3, "STILL");
    program_run_free(&run);
    remove_folder(folder);
}

static void what_is_no_readable_file_exits_with_3(void **state) {
    (void)state;
    static const char *const cases[] = {"search /no/such/file.csv", "search /", "search /dev/null", "search /dev/zero"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        program_run run = run_program(cases[i]);
        assert_failed(&run, 3, cases[i] + strlen("search "));
        program_run_free(&run);
    }
}

static void a_file_is_read_from_standard_input_by_its_path(void **state) {
    (void)state;
    const int saved = dup(0);
    const int market = open(MXS_EXAMPLE_MARKET, O_RDONLY | O_CLOEXEC);
    assert_true(saved >= 0 && market >= 0);
    assert_int_equal(dup2(market, 0), 0);
    program_run run = run_program("search /dev/stdin -k 29 -n 20 --format json");
    (void)dup2(saved, 0);
    (void)close(saved);
    (void)close(market);
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "\"file\": \"/dev/stdin\""));
    program_run_free(&run);
}

static void an_evaluator_that_the_backend_lacks_exits_with_1_and_says_so(void **state) {
    (void)state;
    program_run run = run_search("-n 20 --backend cpu --evaluator staged");
    assert_failed(&run, 1, "staged");
    program_run_free(&run);
}

/* A search of 1.4e14 simulations, which ends because it is told to. */
#define LONG "-k 25 -w 0.2 -n 1e9 --progress always --format json"

static json_t *read_interrupted(const char *text) {
    json_t *const root = json_loads(text, 0, NULL);
    assert_non_null(root);
    assert_true(json_is_false(json_at(root, "complete")));
    assert_int_equal(json_array_size(json_at(root, "best.weights")), 25);
    assert_true(json_integer_at(root, "run.simulations_done") > 0);
    assert_true(json_integer_at(root, "run.simulations_done") < INT64_C(142506) * 1000000000);
    return root;
}

static void a_signal_ends_the_search_with_the_best_so_far_and_status_130(void **state) {
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; ++i) {
        const program_setup setup = {.signal = signals[i], .signal_after = "best"};
        program_run run = run_program_with(&setup, "search " MXS_EXAMPLE_MARKET " " LONG);
        assert_int_equal(run.status, 130);
        assert_one_error_line(&run);
        assert_non_null(strstr(run.err, "interrupted after "));
        json_decref(read_interrupted(run.out));
        program_run_free(&run);
    }
}

static void an_interrupted_report_goes_where_the_report_goes(void **state) {
    (void)state;
    const program_setup setup = {.signal = SIGINT, .signal_after = "best"};
    char folder[64];
    char path[128];
    char words[512];
    make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/report", folder);
    (void)snprintf(words, sizeof words, "search %s %s -o %s", MXS_EXAMPLE_MARKET, LONG, path);
    program_run run = run_program_with(&setup, words);
    assert_int_equal(run.status, 130);
    char *const text = read_file(path);
    assert_non_null(text);
    json_decref(read_interrupted(text));
    free(text);
    program_run_free(&run);
    remove_folder(folder);
}

static void an_interrupted_text_report_says_that_it_is_incomplete(void **state) {
    (void)state;
    const program_setup setup = {.signal = SIGINT, .signal_after = "best"};
    program_run run = run_program_with(&setup, "search " MXS_EXAMPLE_MARKET " " LONG " --format text");
    assert_int_equal(run.status, 130);
    assert_non_null(strstr(run.out, "INCOMPLETE"));
    program_run_free(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems_that_no_portfolio_satisfies_exit_with_4),
        cmocka_unit_test(files_that_cannot_be_used_exit_with_3_and_name_the_place),
        cmocka_unit_test(a_constant_asset_exits_with_3_and_is_named),
        cmocka_unit_test(what_is_no_readable_file_exits_with_3),
        cmocka_unit_test(a_file_is_read_from_standard_input_by_its_path),
        cmocka_unit_test(an_evaluator_that_the_backend_lacks_exits_with_1_and_says_so),
        cmocka_unit_test(a_signal_ends_the_search_with_the_best_so_far_and_status_130),
        cmocka_unit_test(an_interrupted_report_goes_where_the_report_goes),
        cmocka_unit_test(an_interrupted_text_report_says_that_it_is_incomplete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
