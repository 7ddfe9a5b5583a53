/* Where the report goes: complete or not at all, and whoever cannot be written to is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "run_program.h"

/* 30 portfolios of 20 simulations. */
#define SMALL "-k 29 -n 20 "
#define SEARCH_SMALL "search " MXS_EXAMPLE_MARKET " " SMALL

typedef struct report_place {
    char folder[64];
    char path[96]; /* FOLDER/report */
} report_place;

static report_place make_place(void) {
    report_place made;
    make_folder(made.folder);
    (void)snprintf(made.path, sizeof made.path, "%s/report", made.folder);
    return made;
}

/* maxsharpe search EXAMPLE options -o path */
static program_run search_into(const program_setup *setup, const char *options, const char *path) {
    char words[1024];
    (void)snprintf(words, sizeof words, "search %s %s -o %s", MXS_EXAMPLE_MARKET, options, path);
    return run_program_with(setup, words);
}

static const program_setup usual = {.signal = 0};

static mode_t mode_of(const char *path) {
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode;
}

static void assert_is_report(const char *path) {
    char *const text = read_file(path);
    assert_non_null(text);
    json_t *const root = json_loads(text, 0, NULL);
    assert_non_null(root);
    assert_true(json_is_true(json_at(root, "complete")));
    json_decref(root);
    free(text);
}

static void o_writes_the_report_to_a_file_with_the_permissions_of_the_umask(void **state) {
    (void)state;
    const report_place place = make_place();
    const mode_t before = umask(027);
    program_run run = search_into(&usual, SMALL "--format json", place.path);
    (void)umask(before);
    assert_int_equal(run.status, 0);
    assert_int_equal(run.out_size, 0);
    assert_string_equal(run.err, "");
    assert_is_report(place.path);
    assert_int_equal(mode_of(place.path) & 07777, 0640);
    assert_int_equal(count_files(place.folder), 1);
    program_run_free(&run);
    remove_folder(place.folder);
}

static void a_file_that_exists_is_replaced_and_keeps_its_permissions(void **state) {
    (void)state;
    const report_place place = make_place();
    write_file(place.path, "old");
    assert_int_equal(chmod(place.path, 0604), 0);
    program_run run = search_into(&usual, SMALL "--format json", place.path);
    assert_int_equal(run.status, 0);
    assert_is_report(place.path);
    assert_int_equal(mode_of(place.path) & 07777, 0604);
    program_run_free(&run);
    remove_folder(place.folder);
}

static void a_symbolic_link_is_followed_to_its_target(void **state) {
    (void)state;
    const report_place place = make_place();
    char target[128];
    (void)snprintf(target, sizeof target, "%s/target", place.folder);
    assert_int_equal(symlink("target", place.path), 0);
    for (int i = 0; i < 2; ++i) { /* the first time there is no target yet */
        program_run run = search_into(&usual, SMALL "--format json", place.path);
        assert_int_equal(run.status, 0);
        assert_is_report(target);
        assert_true(S_ISLNK(mode_of(place.path)));
        program_run_free(&run);
    }
    remove_folder(place.folder);
}

static void places_that_cannot_be_written_are_refused_before_the_search(void **state) {
    (void)state;
    const report_place place = make_place();
    char loop[128];
    (void)snprintf(loop, sizeof loop, "%s/loop", place.folder);
    assert_int_equal(symlink("loop", loop), 0);
    const struct {
        const char *path;
        const char *says;
    } cases[] = {
        {"/no/such/folder/report", "cannot write '/no/such/folder/report': No such file or directory"},
        {place.folder, "Is a directory"},
        {MXS_EXAMPLE_MARKET "/report", "Not a directory"},
        {loop, "Too many levels of symbolic links"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        program_run run = search_into(&usual, SMALL "--progress always", cases[i].path);
        assert_failed(&run, 1, cases[i].says);
        assert_null(strstr(run.err, "progress"));
        program_run_free(&run);
    }
    remove_folder(place.folder);
}

static void a_report_that_a_full_device_does_not_take_is_printed_instead(void **state) {
    (void)state;
    program_run run = search_into(&usual, SMALL "--format json", "/dev/full");
    assert_int_equal(run.status, 1);
    assert_one_error_line(&run);
    assert_non_null(strstr(run.err, "cannot write '/dev/full': No space left on device"));
    json_t *const root = json_loads(run.out, 0, NULL);
    assert_non_null(root);
    json_decref(root);
    program_run_free(&run);
}

/* The limit is far above what the run itself maps and far below its report of 4060 portfolios. */
static void a_file_that_cannot_grow_stays_what_it_was_and_nothing_is_left_beside_it(void **state) {
    (void)state;
    const program_setup limited = {.file_size_limit = 3 << 20};
    const report_place place = make_place();
    write_file(place.path, "old");
    program_run run = search_into(&limited, "-k 27 -n 20 --top 4060 --workers 1 --format json", place.path);
    assert_int_equal(run.status, 1);
    assert_one_error_line(&run);
    assert_non_null(strstr(run.err, "/report': File too large"));
    char *const text = read_file(place.path);
    assert_string_equal(text, "old");
    assert_int_equal(count_files(place.folder), 1);
    free(text);
    program_run_free(&run);
    remove_folder(place.folder);
}

static void a_closed_stdout_is_an_error_before_the_search(void **state) {
    (void)state;
    const program_setup closed = {.stdout_path = ""};
    program_run run = run_program_with(&closed, SEARCH_SMALL "--progress always");
    assert_failed(&run, 1, "cannot write to standard output: Bad file descriptor");
    assert_null(strstr(run.err, "progress"));
    program_run_free(&run);
}

static void a_closed_stdout_does_not_matter_to_a_report_in_a_file(void **state) {
    (void)state;
    const program_setup closed = {.stdout_path = ""};
    const report_place place = make_place();
    program_run run = search_into(&closed, SMALL "--format json", place.path);
    assert_int_equal(run.status, 0);
    assert_is_report(place.path);
    program_run_free(&run);
    remove_folder(place.folder);
}

static void a_closed_stdout_is_not_written_through_dev_stdout(void **state) {
    (void)state;
    const program_setup closed = {.stdout_path = ""};
    program_run run = search_into(&closed, SMALL, "/dev/stdout");
    assert_int_equal(run.status, 1);
    assert_one_error_line(&run);
    program_run_free(&run);
}

static void a_closed_stderr_does_not_keep_the_report_from_stdout(void **state) {
    (void)state;
    const program_setup closed = {.stderr_closed = true};
    program_run run = run_program_with(&closed, SEARCH_SMALL "--format json");
    assert_int_equal(run.status, 0);
    json_t *const root = json_loads(run.out, 0, NULL);
    assert_non_null(root);
    json_decref(root);
    program_run_free(&run);
}

static void a_stdout_that_takes_nothing_is_one_line_and_status_1(void **state) {
    (void)state;
    static const char search[] = SEARCH_SMALL;
    static const char *const words[] = {search, "devices", "--help", "search --help", "--version"};
    static const program_setup full = {.stdout_path = "/dev/full"};
    static const program_setup closed = {.stdout_path = ""};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    (void)close(ends[0]);
    const program_setup broken = {.stdout_descriptor = ends[1]};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; ++i) {
        const struct {
            const program_setup *setup;
            const char *says;
        } cases[] = {{&full, "No space left on device"}, {&closed, "Bad file descriptor"}, {&broken, "Broken pipe"}};
        for (size_t j = 0; j < sizeof cases / sizeof cases[0]; ++j) {
            program_run run = run_program_with(cases[j].setup, words[i]);
            assert_failed(&run, 1, cases[j].says);
            program_run_free(&run);
        }
    }
    (void)close(ends[1]);
}

static void progress_is_a_bar_on_a_terminal_and_is_cleared_at_the_end(void **state) {
    (void)state;
    const program_setup terminal = {.stderr_terminal = true};
    program_run run = run_program_with(&terminal, "search " MXS_EXAMPLE_MARKET " -k 25 -w 0.2 -n 300");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "Sharpe ratio"));
    assert_non_null(strstr(run.err, "% ["));
    assert_non_null(strstr(run.err, "ETA"));
    /* The last thing drawn is a line of blanks. */
    const size_t length = strlen(run.err);
    assert_true(length > 1 && run.err[length - 1] == '\r');
    run.err[length - 1] = '\0';
    const char *const last = strrchr(run.err, '\r') + 1;
    assert_true(strlen(last) > 20);
    assert_int_equal(strspn(last, " "), strlen(last));
    program_run_free(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(o_writes_the_report_to_a_file_with_the_permissions_of_the_umask),
        cmocka_unit_test(a_file_that_exists_is_replaced_and_keeps_its_permissions),
        cmocka_unit_test(a_symbolic_link_is_followed_to_its_target),
        cmocka_unit_test(places_that_cannot_be_written_are_refused_before_the_search),
        cmocka_unit_test(a_report_that_a_full_device_does_not_take_is_printed_instead),
        cmocka_unit_test(a_file_that_cannot_grow_stays_what_it_was_and_nothing_is_left_beside_it),
        cmocka_unit_test(a_closed_stdout_is_an_error_before_the_search),
        cmocka_unit_test(a_closed_stdout_does_not_matter_to_a_report_in_a_file),
        cmocka_unit_test(a_closed_stdout_is_not_written_through_dev_stdout),
        cmocka_unit_test(a_closed_stderr_does_not_keep_the_report_from_stdout),
        cmocka_unit_test(a_stdout_that_takes_nothing_is_one_line_and_status_1),
        cmocka_unit_test(progress_is_a_bar_on_a_terminal_and_is_cleared_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
