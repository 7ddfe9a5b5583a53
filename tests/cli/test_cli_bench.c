/* maxsharpe bench: what it measures, whom it holds to which answer, what it writes, and how it ends. No test looks at
 * how fast anything is. */
#include <math.h>
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

/* 142,506 portfolios of the made-up market; the time is soon over, so that everything runs once or twice. */
#define SMALL "bench -k 5 -n 100 --backend cpu --quick --seconds 0.5 "

static json_t *bench_as_json(const char *words) {
    json_t *const root = program_as_json(words);
    assert_string_equal(json_text_at(root, "schema"), "maxsharpe.bench/1");
    return root;
}

/* A median between the least and the most, of at least one run, in the unit. */
static void assert_is_figure(const json_t *figure, const char *unit) {
    assert_true(json_is_object(figure));
    assert_string_equal(json_text_at(figure, "unit"), unit);
    assert_true(json_integer_at(figure, "runs") >= 1);
    const double median = json_number_at(figure, "median");
    assert_true(median > 0);
    assert_true(json_number_at(figure, "min") <= median && median <= json_number_at(figure, "max"));
}

static void assert_has_reason(const json_t *object) {
    assert_true(strlen(json_text_at(object, "reason")) > 0);
}

/* ---- words ---- */

static void words_that_bench_does_not_know_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *words;
        const char *says;
    } cases[] = {
        {"bench one two", "'two' is one too many; try 'maxsharpe bench --help'"},
        {"bench --part walls", "'walls' is not peaks, ladder, scaling, dealing, sizes, gpu or all"},
        {"bench --part ladder,", "'' is not peaks"},
        {"bench --part a-word-that-is-longer-than-any-of-the-parts", "of-the-parts' is not peaks"},
        {"bench --draws shared", "unknown option '--draws'; try 'maxsharpe bench --help'"},
        {"bench --format csv", "'csv' is not text or json"},
        {"bench --seconds 0", "'0' is not a number from 0.1 to"},
        {"bench --workers 0", "option '--workers'"},
        {"bench --workers 4097", "'4097' is not a whole number from 1 to 4096"},
        {"bench -k 0", "'0' is not a whole number from 1 to"},
        {"bench --quick=yes", "option '--quick' takes no value"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        program_run run = run_program(cases[i].words);
        assert_failed(&run, 2, cases[i].says);
        program_run_free(&run);
    }
}

static void data_and_problems_that_cannot_be_used_have_the_status_that_search_gives_them(void **state) {
    (void)state;
    program_run run = run_program("bench /no/such/file.csv");
    assert_failed(&run, 3, "/no/such/file.csv");
    program_run_free(&run);
    run = run_program("bench -k 31");
    assert_failed(&run, 4, "31");
    program_run_free(&run);
    run = run_program("bench -k 25 -w 0.03");
    assert_failed(&run, 4, "");
    program_run_free(&run);
}

static void every_option_of_the_help_of_bench_is_in_the_manual_page(void **state) {
    (void)state;
    char *const manual = read_file(MXS_MAN_PAGE);
    assert_non_null(manual);
    const char *const section = strstr(manual, ".Ss Options of bench");
    assert_non_null(section);
    program_run help = run_program("bench --help");
    assert_int_equal(help.status, 0);
    size_t count = 0;
    for (const char *line = strchr(help.out, '\n'); line != NULL; line = strchr(line + 1, '\n')) {
        char name[64];
        char macro[80];
        if (sscanf(line, "\n  -%*1c, --%63[a-z-]", name) != 1 && sscanf(line, "\n --%63[a-z-]", name) != 1) {
            continue;
        }
        (void)snprintf(macro, sizeof macro, "Fl -%s", name);
        if (strstr(section, macro) == NULL) {
            fail_msg("the manual page does not know --%s of bench", name);
        }
        ++count;
    }
    assert_true(count >= 15);
    free(manual);
    program_run_free(&help);
}

/* ---- parts ---- */

static void every_rung_has_a_figure_or_a_reason_and_the_winner_of_the_others(void **state) {
    (void)state;
    json_t *const root = bench_as_json(SMALL "--part ladder");
    assert_true(json_is_true(json_at(root, "complete")));
    assert_true(json_is_true(json_at(root, "input.made_up")));
    assert_int_equal(json_integer_at(root, "input.assets"), 30);
    assert_int_equal(json_integer_at(root, "problem.portfolios"), 142506);
    /* 5 * 6 for the variance and 2 * 5 for the return */
    assert_true(json_number_at(root, "ladder.flops_per_simulation") == 40);
    const json_t *const rungs = json_at(root, "ladder.rungs");
    assert_int_equal(json_array_size(rungs), 12);
    size_t ran = 0;
    size_t i = 0;
    const json_t *rung = NULL;
    json_array_foreach(rungs, i, rung) {
        if (json_is_null(json_at(rung, "simulations_per_second"))) {
            assert_has_reason(rung);
            continue;
        }
        ++ran;
        assert_true(json_is_null(json_at(rung, "reason")));
        assert_is_figure(json_at(rung, "simulations_per_second"), "1/s");
        assert_is_figure(json_at(rung, "seconds"), "s");
        assert_true(json_number_at(rung, "factor") > 0);
        assert_in_range(json_integer_at(rung, "portfolios"), 1, 142506);
        assert_true(json_is_true(json_at(rung, "same_winner")));
    }
    assert_int_equal(ran, 9); /* the CPU's run everywhere */
    assert_null(json_object_get(root, "scaling"));
    json_decref(root);
}

/* A rung on the whole problem and a search give one answer. */
static void the_winner_of_a_rung_on_the_whole_problem_is_that_of_a_search(void **state) {
    (void)state;
    json_t *const search = search_as_json("-k 29 -w 0.2 -n 40 -s 7");
    json_t *const root = bench_as_json("bench " MXS_EXAMPLE_MARKET
                                       " -k 29 -w 0.2 -n 40 -s 7 --backend cpu --quick --seconds 0.5 --part ladder");
    const json_t *const rungs = json_at(root, "ladder.rungs");
    size_t compared = 0;
    size_t i = 0;
    const json_t *rung = NULL;
    json_array_foreach(rungs, i, rung) {
        if (json_is_null(json_at(rung, "seconds")) || !json_is_true(json_at(rung, "whole_problem")) ||
            strcmp(json_text_at(rung, "draws"), "fresh") != 0) {
            continue;
        }
        assert_int_equal(json_integer_at(rung, "winner.rank"), json_integer_at(search, "best.rank"));
        assert_int_equal(json_integer_at(rung, "winner.attempt"), json_integer_at(search, "best.attempt"));
        assert_true(json_number_at(rung, "winner.sharpe") == json_number_at(search, "best.sharpe"));
        ++compared;
    }
    assert_true(compared >= 1);
    json_decref(root);
    json_decref(search);
}

static void scaling_goes_from_one_worker_to_twice_those_asked_for(void **state) {
    (void)state;
    json_t *const root = bench_as_json(SMALL "--part scaling --workers 3");
    assert_null(json_object_get(root, "ladder"));
    const json_t *const tables = json_at(root, "scaling.tables");
    assert_int_equal(json_array_size(tables), 2);
    const json_t *const openblas = json_array_get(tables, 0);
    assert_string_equal(json_text_at(openblas, "evaluator"), "openblas");
    static const json_int_t workers[] = {1, 2, 3, 4, 6};
    assert_int_equal(json_array_size(json_at(openblas, "rows")), 5);
    for (size_t i = 0; i < 5; ++i) {
        const json_t *const row = json_array_get(json_at(openblas, "rows"), i);
        assert_int_equal(json_integer_at(row, "workers"), workers[i]);
        assert_is_figure(json_at(row, "seconds"), "s");
        assert_is_figure(json_at(row, "sampling_seconds"), "s");
        assert_is_figure(json_at(row, "variance_seconds"), "s");
        /* Of the time of all workers, divided among the simulations. */
        const double all = json_number_at(row, "worker_seconds.median") * (double)workers[i];
        const double each = json_number_at(row, "worker_nanoseconds_per_simulation");
        const double total = json_number_at(openblas, "simulations_total");
        assert_true(fabs(each * total - 1e9 * all) <= 1e-6 * 1e9 * all);
    }
    json_decref(root);
}

static void dealing_has_as_many_simulations_in_one_portfolio_as_in_many(void **state) {
    (void)state;
    json_t *const root = bench_as_json(SMALL "--part dealing");
    const json_t *const rows = json_at(root, "dealing.rows");
    assert_int_equal(json_array_size(rows), 3);
    const json_int_t total = json_integer_at(json_array_get(rows, 0), "simulations_total");
    assert_true(total >= 1024 && total % 1024 == 0);
    assert_int_equal(json_integer_at(json_array_get(rows, 2), "assets_per_portfolio"), 30);
    for (size_t i = 0; i < 3; ++i) {
        const json_t *const row = json_array_get(rows, i);
        const json_int_t simulations = json_integer_at(row, "simulations_total");
        assert_true(i == 2 ? simulations >= 1024 && simulations <= total : simulations == total);
        assert_true(i == 0 || json_integer_at(row, "portfolios") == 1);
        assert_is_figure(json_at(row, "one_worker"), "1/s");
        assert_is_figure(json_at(row, "all_workers"), "1/s");
    }
    json_decref(root);
}

static void sizes_without_a_gpu_are_the_cpus_and_say_why(void **state) {
    (void)state;
    json_t *const root = bench_as_json(SMALL "--part gpu");
    assert_non_null(strstr(json_text_at(root, "sizes.gpu_reason"), "--backend cpu"));
    const json_t *const series = json_at(root, "sizes.series");
    assert_int_equal(json_array_size(series), 3);
    for (size_t i = 0; i < 2; ++i) {
        const json_t *const rows = json_at(json_array_get(series, i), "rows");
        assert_true(json_array_size(rows) >= 1);
        for (size_t j = 0; j < json_array_size(rows); ++j) {
            const json_t *const row = json_array_get(rows, j);
            assert_is_figure(json_at(row, "cpu_seconds"), "s");
            assert_true(json_is_null(json_at(row, "gpu_seconds")));
            assert_int_equal(json_integer_at(row, "simulations_total"),
                             json_integer_at(row, "portfolios") * json_integer_at(row, "simulations"));
        }
        assert_true(json_is_null(json_at(json_array_get(series, i), "crossover")));
    }
    json_decref(root);
}

static void the_machine_and_the_program_are_named(void **state) {
    (void)state;
    json_t *const root = bench_as_json(SMALL "--part peaks");
    static const char *const texts[] = {
        "version", "commit", "date", "machine.cpu", "machine.system", "machine.compiler", "machine.cpu_kernel"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; ++i) {
        assert_true(strlen(json_text_at(root, texts[i])) > 0);
    }
    assert_is_figure(json_at(root, "peaks.cpu.sgemm"), "flop/s");
    assert_is_figure(json_at(root, "peaks.cpu.memory_bandwidth"), "B/s");
    assert_has_reason(json_at(root, "peaks.gpu"));
    json_decref(root);
}

/* With a few assets the usual 25 of them and the cap of a fifth would be no problem that can be solved. */
static void a_small_market_is_timed_without_any_option(void **state) {
    (void)state;
    char folder[64];
    char path[128];
    char words[256];
    make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/market.csv", folder);
    write_file(path,
               "Date,A,B,C\n2030-01-01,1,2,3\n2030-01-02,1.1,2.1,2.9\n2030-01-03,1.2,2.3,3.2\n"
               "2030-01-04,1.1,2.2,3.3\n2030-01-05,1.3,2.4,3.1\n2030-01-06,1.2,2.3,3.4\n");
    (void)snprintf(words, sizeof words, "bench %s --backend cpu --quick --seconds 0.5 --part ladder", path);
    json_t *const root = bench_as_json(words);
    assert_string_equal(json_text_at(root, "input.file"), path);
    assert_int_equal(json_integer_at(root, "problem.assets_per_portfolio"), 3);
    assert_true(json_number_at(root, "problem.max_weight") > 0.5);
    json_decref(root);
    remove_folder(folder);
}

static void backend_cuda_without_a_gpu_is_an_error_with_the_reason(void **state) {
    (void)state;
    program_run devices = run_program("devices --format json");
    json_t *const described = json_loads(devices.out, 0, NULL);
    const bool has_gpu = json_text_at(described, "cuda_reason")[0] == '\0';
    json_decref(described);
    program_run_free(&devices);
    if (has_gpu) {
        print_message("skipped: there is a GPU\n");
        skip();
    }
    program_run run = run_program("bench --backend cuda --quick --seconds 0.5");
    assert_failed(&run, 1, "no GPU can be used: ");
    program_run_free(&run);
}

/* ---- reports ---- */

static void assert_file_begins(const char *folder, const char *name, const char *beginning) {
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    char *const text = read_file(path);
    if (text == NULL || strncmp(text, beginning, strlen(beginning)) != 0) {
        fail_msg("%s does not begin '%s'", path, beginning);
    }
    free(text);
}

static void o_makes_a_folder_with_reports_data_scripts_and_pictures(void **state) {
    (void)state;
    char parent[64];
    char folder[80];
    char words[256];
    make_folder(parent);
    (void)snprintf(folder, sizeof folder, "%s/results", parent);
    (void)snprintf(words, sizeof words, SMALL "--part ladder,scaling,sizes -o %s", folder);
    program_run run = run_program(words);
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "Ladder "));
    assert_file_begins(folder, "bench.txt", "maxsharpe bench --quick, ");
    assert_file_begins(folder, "bench.json", "{\n  \"schema\": \"maxsharpe.bench/1\"");
    assert_file_begins(folder, "ladder.dat", "# rung name");
    assert_file_begins(folder, "scaling.dat", "# workers seconds");
    assert_file_begins(folder, "sizes.dat", "# K portfolios");
    assert_file_begins(folder, "ladder.gp", "set title 'Simulations a second");
    assert_file_begins(folder, "scaling.gp", "set title 'Speed-up");
    if (strstr(run.err, "gnuplot is not installed") == NULL) {
        assert_string_equal(run.err, "");
        assert_file_begins(folder, "ladder.svg", "<?xml");
        assert_file_begins(folder, "scaling.svg", "<?xml");
        assert_file_begins(folder, "ladder.png", "\x89PNG");
        assert_file_begins(folder, "scaling.png", "\x89PNG");
    } else {
        assert_string_equal(run.err,
                            "maxsharpe: warning: gnuplot is not installed: the plots are left out, their data and "
                            "scripts are there\n");
    }
    program_run_free(&run);
    remove_folder(folder);
    remove_folder(parent);
}

static void a_folder_that_cannot_be_made_is_an_error_before_the_work(void **state) {
    (void)state;
    program_run run = run_program("bench --progress always -o /no/such/place/results");
    assert_failed(&run, 1, "cannot make the folder '/no/such/place/results': No such file or directory");
    assert_null(strstr(run.err, "progress"));
    program_run_free(&run);
    run = run_program("bench --progress always -o /dev/null");
    assert_failed(&run, 1, "cannot write '/dev/null/bench.json': Not a directory");
    program_run_free(&run);
}

static void a_stdout_that_takes_nothing_is_status_1(void **state) {
    (void)state;
    const program_setup closed = {.stdout_path = ""};
    program_run run = run_program_with(&closed, "bench --progress always");
    assert_failed(&run, 1, "cannot write to standard output: Bad file descriptor");
    program_run_free(&run);
}

static void a_signal_ends_bench_with_what_has_been_measured_and_status_130(void **state) {
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; ++i) {
        /* It ends because it is told to, in the middle of the first part. */
        const program_setup setup = {.signal = signals[i], .signal_after = "run 1"};
        program_run run = run_program_with(&setup,
                                           "bench --backend cpu --quick --seconds 20 --part dealing,sizes --progress "
                                           "always --format json");
        assert_int_equal(run.status, 130);
        assert_one_error_line(&run);
        assert_non_null(strstr(run.err, "interrupted: what has been measured so far is reported"));
        json_t *const root = json_loads(run.out, 0, NULL);
        assert_non_null(root);
        assert_true(json_is_false(json_at(root, "complete")));
        assert_null(json_object_get(root, "sizes")); /* it had not begun */
        assert_int_equal(json_array_size(json_at(root, "dealing.rows")), 3);
        json_decref(root);
        program_run_free(&run);
    }
}

static void the_text_fits_100_columns_and_marks_what_did_not_run(void **state) {
    (void)state;
    program_run run = run_program(SMALL "--part scaling,dealing,sizes");
    assert_int_equal(run.status, 0);
    assert_string_equal(run.err, "");
    const char *const tables = strstr(run.out, "\nScaling ");
    assert_non_null(tables);
    assert_non_null(strstr(tables, "\nDealing "));
    assert_non_null(strstr(tables, "\nSizes "));
    size_t column = 0;
    for (const char *c = tables; *c != '\0'; ++c) {
        column = *c == '\n' ? 0 : column + 1;
        assert_true(column <= 100);
    }
    assert_int_equal(run.out[run.out_size - 1], '\n');
    program_run_free(&run);
}

static void the_text_explains_the_methods_that_ran_and_counts_in_the_singular_too(void **state) {
    (void)state;
    static const char *const says[] = {": 1 portfolio; ", "\n    row-wise          the quadratic form w' Sigma w",
                                       "\n    factor: ", ", 1 run of each\n"};
    program_run run = run_program("bench --backend cpu --quick --seconds 0.1 -k 30 -n 100 --part ladder,scaling");
    assert_int_equal(run.status, 0);
    for (size_t i = 0; i < sizeof says / sizeof says[0]; ++i) {
        if (strstr(run.out, says[i]) == NULL) {
            fail_msg("the report does not say '%s':\n%s", says[i], run.out);
        }
    }
    assert_null(strstr(run.out, "\n    CUDA fused "));
    program_run_free(&run);
    run = run_program("bench --backend cpu --quick --seconds 0.1 -k 1 --part ladder");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "30 portfolios; the bounds leave equal weights alone: one simulation each\n"));
    assert_null(strstr(run.out, "acceptance"));
    program_run_free(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_that_bench_does_not_know_are_refused),
        cmocka_unit_test(data_and_problems_that_cannot_be_used_have_the_status_that_search_gives_them),
        cmocka_unit_test(every_option_of_the_help_of_bench_is_in_the_manual_page),
        cmocka_unit_test(every_rung_has_a_figure_or_a_reason_and_the_winner_of_the_others),
        cmocka_unit_test(the_winner_of_a_rung_on_the_whole_problem_is_that_of_a_search),
        cmocka_unit_test(scaling_goes_from_one_worker_to_twice_those_asked_for),
        cmocka_unit_test(dealing_has_as_many_simulations_in_one_portfolio_as_in_many),
        cmocka_unit_test(sizes_without_a_gpu_are_the_cpus_and_say_why),
        cmocka_unit_test(the_machine_and_the_program_are_named),
        cmocka_unit_test(a_small_market_is_timed_without_any_option),
        cmocka_unit_test(backend_cuda_without_a_gpu_is_an_error_with_the_reason),
        cmocka_unit_test(o_makes_a_folder_with_reports_data_scripts_and_pictures),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_an_error_before_the_work),
        cmocka_unit_test(a_stdout_that_takes_nothing_is_status_1),
        cmocka_unit_test(a_signal_ends_bench_with_what_has_been_measured_and_status_130),
        cmocka_unit_test(the_text_fits_100_columns_and_marks_what_did_not_run),
        cmocka_unit_test(the_text_explains_the_methods_that_ran_and_counts_in_the_singular_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
