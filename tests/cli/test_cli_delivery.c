/* What a search has found gets to the user: whole or with a word, not through a path that leads elsewhere, and whatever
 * comes twice, late or from a terminal that is gone. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "run_program.h"

#define SMALL "-k 29 -n 20 "
#define LONG "-k 25 -w 0.2 -n 1e9 --progress always "

/* ---- whole, or not at all ---- */

/* From where nothing can be had to where the report fits: there is no limit at which it is cut and nobody says so. */
static void a_report_that_does_not_fit_in_memory_is_an_error_and_the_old_file_stays(void **state) {
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    skip(); /* a program under the address sanitizer takes terabytes of addresses */
#endif
    static const char *const formats[] = {"text", "json", "csv"};
    char folder[64];
    char path[128];
    char words[512];
    make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/report", folder);
    size_t refused = 0;
    size_t whole = 0;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; ++i) {
        (void)snprintf(words, sizeof words, "search %s -k 25 -n 1 --workers 1 --top 2000 --format %s -o %s",
                       MXS_EXAMPLE_MARKET, formats[i], path);
        program_run run = run_program(words);
        assert_int_equal(run.status, 0);
        program_run_free(&run);
        char *const expected = read_file(path);
        assert_non_null(expected);
        const size_t size = strlen(expected);
        for (uint64_t limit = 8 << 20; limit <= 48 << 20; limit += 2 << 20) {
            write_file(path, "old");
            const program_setup setup = {.memory_limit = limit};
            run = run_program_with(&setup, words);
            char *const text = read_file(path);
            assert_non_null(text);
            if (run.status == 0) {
                assert_true(strlen(text) + 64 > size); /* the seconds that a run took vary */
                ++whole;
            } else {
                assert_string_equal(text, "old");
                assert_true(run.status == 1 || run.status == 3 || run.status == 127 || run.status == -SIGABRT);
                refused += run.status == 1 && strstr(run.err, "not enough memory") != NULL;
            }
            free(text);
            program_run_free(&run);
        }
        free(expected);
    }
    print_message("%zu refused for want of memory, %zu whole\n", refused, whole);
    assert_true(refused > 0);
    assert_true(whole > 0);
    remove_folder(folder);
}

/* ---- where a path leads ---- */

/* Runs the program with a descriptor of a file that is written at its end as its stdout; returns what the file holds.
 */
static char *append_to_log(const char *log, const char *place, const char *extra) {
    char words[512];
    write_file(log, "a line before\n");
    const int descriptor = open(log, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_true(descriptor >= 0);
    (void)snprintf(words, sizeof words, "search %s " SMALL "%s --format csv -o %s", MXS_EXAMPLE_MARKET, extra, place);
    const program_setup setup = {.stdout_descriptor = descriptor};
    program_run run = run_program_with(&setup, words);
    assert_string_equal(run.err, "");
    assert_int_equal(run.status, 0);
    program_run_free(&run);
    assert_int_equal(write(descriptor, "a line behind\n", 14), 14);
    (void)close(descriptor);
    return read_file(log);
}

static void a_path_to_an_open_descriptor_is_written_as_the_descriptor_is(void **state) {
    (void)state;
    static const char *const places[] = {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
    char folder[64];
    char log[128];
    make_folder(folder);
    (void)snprintf(log, sizeof log, "%s/log", folder);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; ++i) {
        char *const text = append_to_log(log, places[i], "");
        static const char begin[] = "a line before\nposition,rank,";
        static const char end[] = "\na line behind\n";
        assert_int_equal(strncmp(text, begin, sizeof begin - 1), 0);
        assert_string_equal(text + strlen(text) - (sizeof end - 1), end);
        free(text);
    }
    /* And so is the file's own name, while it is open: two reports then stand in one file. */
    char *const text = append_to_log(log, log, "");
    assert_int_equal(strncmp(text, "a line before\n", 14), 0);
    free(text);
    assert_int_equal(count_files(folder), 1);
    remove_folder(folder);
}

static void the_input_is_never_the_output(void **state) {
    (void)state;
    char folder[64];
    char paths[3][128]; /* the file, a hard link, a symbolic link */
    make_folder(folder);
    static const char *const names[] = {"prices.csv", "hard.csv", "soft.csv"};
    for (size_t i = 0; i < 3; ++i) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/%s", folder, names[i]);
    }
    char *const prices = read_file(MXS_EXAMPLE_MARKET);
    assert_non_null(prices);
    write_file(paths[0], prices);
    assert_int_equal(link(paths[0], paths[1]), 0);
    assert_int_equal(symlink(paths[0], paths[2]), 0);
    for (size_t input = 0; input < 3; ++input) {
        for (size_t output = 0; output < 3; ++output) {
            char words[1024];
            (void)snprintf(words, sizeof words, "search %s " SMALL "-o %s", paths[input], paths[output]);
            program_run run = run_program(words);
            assert_failed(&run, 2, "it is the input");
            program_run_free(&run);
        }
    }
    char *const after = read_file(paths[0]);
    assert_string_equal(after, prices);
    free(after);
    free(prices);
    assert_int_equal(count_files(folder), 3);
    remove_folder(folder);
}

static void bench_does_not_write_over_its_input(void **state) {
    (void)state;
    char folder[64];
    char path[128];
    char words[512];
    make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/bench.json", folder);
    char *const prices = read_file(MXS_EXAMPLE_MARKET);
    write_file(path, prices);
    (void)snprintf(words, sizeof words, "bench %s --quick -o %s", path, folder);
    program_run run = run_program(words);
    assert_failed(&run, 2, "is one of the files that go there");
    program_run_free(&run);
    char *const after = read_file(path);
    assert_string_equal(after, prices);
    free(after);
    free(prices);
    remove_folder(folder);
}

/* ---- signals ---- */

static void assert_interrupted_report(const char *text) {
    json_t *const root = json_loads(text, 0, NULL);
    assert_non_null(root);
    assert_true(json_is_false(json_at(root, "complete")));
    assert_true(json_number_at(root, "best.sharpe") > 0);
    json_decref(root);
}

/* GNU timeout signals its child and then its whole group. */
static void a_signal_that_is_repeated_at_once_is_one_request(void **state) {
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP};
    static const unsigned pauses_us[] = {0, 100, 2000, 50000};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; ++i) {
        for (size_t j = 0; j < sizeof pauses_us / sizeof pauses_us[0]; ++j) {
            const program_setup setup = {.signal = signals[i],
                                         .signal_after = "best",
                                         .signal_again = signals[(i + j) % 4],
                                         .pause_us = pauses_us[j]};
            program_run run = run_program_with(&setup, "search " MXS_EXAMPLE_MARKET " " LONG "--format json");
            assert_int_equal(run.status, 130);
            assert_interrupted_report(run.out);
            program_run_free(&run);
        }
    }
}

static void fill_pipe(int descriptor) {
    static const char bytes[4096] = "";
    const int flags = fcntl(descriptor, F_GETFL);
    assert_int_equal(fcntl(descriptor, F_SETFL, flags | O_NONBLOCK), 0);
    while (write(descriptor, bytes, sizeof bytes) > 0) {
    }
    assert_int_equal(fcntl(descriptor, F_SETFL, flags), 0);
}

/* Nobody reads the pipe that the report goes to, so that the program would wait for ever. */
static void a_signal_that_comes_again_later_ends_the_program_at_once(void **state) {
    (void)state;
    int pipe_ends[2];
    assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
    fill_pipe(pipe_ends[1]);
    const program_setup setup = {.stdout_descriptor = pipe_ends[1],
                                 .signal = SIGTERM,
                                 .signal_after = "best",
                                 .signal_again = SIGTERM,
                                 .pause_us = 1500000};
    program_run run = run_program_with(&setup, "search " MXS_EXAMPLE_MARKET " " LONG "--top 2000 --format csv");
    assert_int_equal(run.status, -SIGTERM);
    program_run_free(&run);
    (void)close(pipe_ends[0]);
    (void)close(pipe_ends[1]);
}

/* Whose terminal is gone has no stdout either; the report has its own place. */
static void a_terminal_that_hangs_up_does_not_take_the_report_with_it(void **state) {
    (void)state;
    char folder[64];
    char path[128];
    char words[512];
    make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/report", folder);
    (void)snprintf(words, sizeof words, "search %s " LONG "--format json -o %s", MXS_EXAMPLE_MARKET, path);
    const program_setup setup = {.stdout_path = "", .signal = SIGHUP, .signal_after = "best"};
    program_run run = run_program_with(&setup, words);
    assert_int_equal(run.status, 130);
    program_run_free(&run);
    char *const text = read_file(path);
    assert_non_null(text);
    assert_interrupted_report(text);
    free(text);
    assert_int_equal(count_files(folder), 1);
    remove_folder(folder);
}

/* ---- no room ---- */

static void an_interrupted_report_that_a_full_disk_does_not_take_is_on_stdout(void **state) {
    (void)state;
    const program_setup setup = {.signal = SIGINT, .signal_after = "best"};
    program_run run = run_program_with(&setup, "search " MXS_EXAMPLE_MARKET " " LONG "--format json -o /dev/full");
    assert_int_equal(run.status, 1);
    assert_interrupted_report(run.out);
    assert_non_null(strstr(run.err,
                           "cannot write '/dev/full': No space left on device; the report is on standard "
                           "output\n"));
    program_run_free(&run);
}

static void what_no_place_takes_is_said_to_be_lost(void **state) {
    (void)state;
    const program_setup setup = {.stdout_path = "/dev/full"};
    program_run run = run_program_with(&setup, "search " MXS_EXAMPLE_MARKET " " SMALL "-o /dev/full");
    assert_int_equal(run.status, 1);
    assert_one_error_line(&run);
    assert_non_null(strstr(run.err, "the report is lost"));
    program_run_free(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_that_does_not_fit_in_memory_is_an_error_and_the_old_file_stays),
        cmocka_unit_test(a_path_to_an_open_descriptor_is_written_as_the_descriptor_is),
        cmocka_unit_test(the_input_is_never_the_output),
        cmocka_unit_test(bench_does_not_write_over_its_input),
        cmocka_unit_test(a_signal_that_is_repeated_at_once_is_one_request),
        cmocka_unit_test(a_signal_that_comes_again_later_ends_the_program_at_once),
        cmocka_unit_test(a_terminal_that_hangs_up_does_not_take_the_report_with_it),
        cmocka_unit_test(an_interrupted_report_that_a_full_disk_does_not_take_is_on_stdout),
        cmocka_unit_test(what_no_place_takes_is_said_to_be_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
