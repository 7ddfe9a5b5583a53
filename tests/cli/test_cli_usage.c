/* The words of the command line: what is understood, and how the rest is refused. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "documented_options.h"
#include "run_program.h"

typedef struct refusal {
    const char *words;
    const char *says;
} refusal;

static void assert_usage_errors(const refusal *cases, size_t count, program_run (*run)(const char *words)) {
    for (size_t i = 0; i < count; ++i) {
        program_run refused = run(cases[i].words);
        assert_failed(&refused, 2, cases[i].says);
        program_run_free(&refused);
    }
}
#define ASSERT_USAGE_ERRORS(cases, run) assert_usage_errors(cases, sizeof(cases) / sizeof((cases)[0]), run)

static void words_that_are_no_command_are_refused(void **state) {
    (void)state;
    static const refusal cases[] = {
        {"", "no command; try 'maxsharpe --help'"},
        {"serach", "unknown command 'serach'; try 'maxsharpe --help'"},
        {"--verbose", "unknown option '--verbose'; try 'maxsharpe --help'"},
        {"search", "no FILE to search"},
        {"search one two", "'two' is one too many"},
        {"search -- one --two", "'--two' is one too many"},
        {"devices one", "'devices' takes no FILE"},
        {"devices --format xml", "'xml' is not text or json"},
        {"devices --stats", "unknown option '--stats'"},
        {"completion", "no SHELL"},
        {"completion tcsh", "SHELL: 'tcsh' is not bash, zsh or fish"},
        {"completion bash zsh", "'zsh' is one too many"},
    };
    ASSERT_USAGE_ERRORS(cases, run_program);
}

static void options_that_do_not_exist_are_refused_by_name(void **state) {
    (void)state;
    static const refusal cases[] = {
        {"--foo", "unknown option '--foo'; try 'maxsharpe search --help'"},
        {"--foo=3", "unknown option '--foo'; try"},
        {"-x", "unknown option '-x'; try"},
        {"-k", "option '--assets' needs a value"},
        {"--top", "option '--top' needs a value"},
        {"--m 0.2", "option '--m' is ambiguous"},
        {"--stats=yes", "option '--stats' takes no value"},
    };
    ASSERT_USAGE_ERRORS(cases, run_search);
}

static void values_that_do_not_parse_or_are_out_of_range_are_refused_with_the_range(void **state) {
    (void)state;
    static const refusal cases[] = {
        {"-k 0", "'0' is not a whole number from 1 to"},
        {"-k -3", "'-3' is not a whole number"},
        {"-k 25x", "'25x' is not a whole number"},
        {"-k 2.5", "'2.5' is not a whole number"},
        {"-k 0x10", "'0x10' is not a whole number"},
        {"-n 1e-3", "option '--simulations': '1e-3' is not a whole number"},
        {"-n 1e20", "option '--simulations': '1e20' is not a whole number"},
        {"-n 1_000", "'1_000' is not a whole number"},
        {"-s 18446744073709551616", "option '--seed'"},
        {"-s -1", "option '--seed'"},
        {"-w 1.01", "option '--max-weight': '1.01' is not a number from 0 to 1"},
        {"-w 120%", "'120%' is not a number from 0 to 1"},
        {"-w 20%%", "'20%%' is not a number"},
        {"-w nan", "'nan' is not a number"},
        {"-w inf", "'inf' is not a number"},
        {"-w 0x1p-2", "'0x1p-2' is not a number"},
        {"-w 0,2", "'0,2' is not a number"},
        {"--min-weight -0.1", "option '--min-weight': '-0.1' is not a number from 0 to 1"},
        {"-r 1e999", "option '--risk-free'"},
        {"-r 0.05x", "option '--risk-free'"},
        {"--periods-per-year 0", "option '--periods-per-year'"},
        {"--top 0", "from 1 to 10000"},
        {"--top 10001", "from 1 to 10000"},
        {"--workers 0", "option '--workers'"},
        {"--workers 4097", "'4097' is not a whole number from 1 to 4096"},
        {"--portfolios 5", "'5' is not FROM:TO"},
        {"--portfolios 5:5", "with FROM < TO"},
        {"--portfolios 7:5", "with FROM < TO"},
        {"--portfolios a:b", "'a:b' is not FROM:TO"},
        {"--draws stale", "'stale' is not fresh or shared"},
        {"--input yields", "'yields' is not prices, returns or moments"},
        {"--missing guess", "'guess' is not drop-assets, drop-rows or error"},
        {"--backend tpu", "'tpu' is not auto, cpu or cuda"},
        {"--devices ,", "option '--devices': ',' is neither all nor a list of GPU numbers such as 0,1"},
        {"--devices first", "'first' is neither"},
        {"--devices 0,all", "'0,all' is neither"},
        {"--devices 0,1,", "'0,1,' is neither"},
        {"--devices 0,,1", "'0,,1' is neither"},
        {"--devices 0:1", "'0:1' is neither"},
        {"--devices -1", "'-1' is neither"},
        {"--devices +1", "'+1' is neither"},
        {"--devices 1e1", "'1e1' is neither"},
        {"--devices 0x1", "'0x1' is neither"},
        {"--devices 1.0", "'1.0' is neither"},
        {"--devices 2147483648", "'2147483648' is neither"},
        {"--devices 18446744073709551616", "'18446744073709551616' is neither"},
        {"--devices 0,1,0", "'0,1,0' names GPU 0 twice"},
        {"--devices 3,2,03", "'3,2,03' names GPU 3 twice"},
        {"--evaluator full-product", "'full-product' is not auto, openblas, fused or staged"},
        {"--evaluator slow", "'slow' is not auto, openblas, fused or staged"},
        {"--format xml", "'xml' is not text, json or csv"},
        {"--progress maybe", "'maybe' is not auto, always or never"},
        {"--include AGATE,,ALDER", "has an empty ticker"},
        {"--exclude ,", "has an empty ticker"},
    };
    ASSERT_USAGE_ERRORS(cases, run_search);
}

static void a_ticker_is_not_both_included_and_excluded(void **state) {
    (void)state;
    static const refusal cases[] = {
        {"--include CAMEL --exclude CAMEL", "'--include' and '--exclude' both name 'CAMEL'"},
        {"--exclude ALDER,HYENA --include CAMEL,HYENA", "both name 'HYENA'"},
    };
    ASSERT_USAGE_ERRORS(cases, run_search);
}

static void gpus_are_not_chosen_for_a_search_that_uses_none(void **state) {
    (void)state;
    static const refusal cases[] = {
        {"--backend cpu --devices 0", "'--devices' names GPUs, and '--backend cpu' uses none"},
        {"--devices 99 --backend cpu", "'--backend cpu' uses none"},
        {"--devices all --backend cpu", "'--backend cpu' uses none"},
        {"--backend auto --devices 0 --evaluator openblas", "'--evaluator openblas' uses none"},
    };
    ASSERT_USAGE_ERRORS(cases, run_search);
}

static void words_that_do_not_fit_the_file_are_refused(void **state) {
    (void)state;
    static const refusal cases[] = {
        {"--include NOBODY", "NOBODY"},    {"--exclude NOBODY", "NOBODY"},    {"--from 2030-13-01", "2030-13-01"},
        {"--from yesterday", "yesterday"}, {"-k 29 --portfolios 0:31", "31"}, {"-k 29 --portfolios 30:", "30"},
    };
    ASSERT_USAGE_ERRORS(cases, run_search);
}

typedef struct accepted {
    const char *option;
    const char *value;
} accepted;

/* One value for each option of the help; an option that is missing here fails the test. */
static const accepted values[] = {
    {"assets", "29"},
    {"simulations", "5e1"},
    {"max-weight", "20%"},
    {"min-weight", "0.001"},
    {"risk-free", "-.01"},
    {"periods-per-year", "260"},
    {"seed", "18446744073709551615"},
    {"draws", "shared"},
    {"include", "AGATE,ZEBRA"},
    {"portfolios", "0:1"},
    {"top", "3"},
    {"input", "prices"},
    {"from", "2030-02-01"},
    {"to", "2030-06-30"},
    {"exclude", "TOPAZ,ROWAN"},
    {"missing", "error"},
    {"backend", "cpu"},
    {"devices", "all --backend auto"},
    {"workers", "1"},
    {"evaluator", "auto"},
    {"format", "json"},
    {"output", "/dev/stdout"},
    {"progress", "never"},
    {"stats", ""},
    {"help", ""},
    {"version", ""},
};

static const char *value_of(const char *option) {
    for (size_t i = 0; i < sizeof values / sizeof values[0]; ++i) {
        if (strcmp(values[i].option, option) == 0) {
            return values[i].value;
        }
    }
    fail_msg("the help has an option that this test does not know: --%s", option);
    return NULL;
}

static void every_option_of_the_help_is_accepted(void **state) {
    (void)state;
    static option_list help;
    read_help_options("search", &help);
    for (size_t i = 0; i < help.count; ++i) {
        const char *const option = help.items[i].name;
        char words[256];
        (void)snprintf(words, sizeof words, "-k 27 -n 20 --%s %s", option, value_of(option));
        program_run run = run_search(words);
        if (run.status != 0 || run.out_size == 0 || run.err[0] != '\0') {
            fail_msg("--%s: status %d, %zu bytes, '%s'", option, run.status, run.out_size, run.err);
        }
        program_run_free(&run);
    }
    assert_int_equal(help.count, sizeof values / sizeof values[0]);
}

static void options_may_stand_before_the_file_and_be_shortened(void **state) {
    (void)state;
    program_run run = run_program("search --ass=29 -n20 --portf :1 " MXS_EXAMPLE_MARKET);
    assert_int_equal(run.status, 0);
    program_run_free(&run);
    run = run_program("search -k 29 -n 20 -- " MXS_EXAMPLE_MARKET);
    assert_int_equal(run.status, 0);
    program_run_free(&run);
}

static void every_command_has_help_and_the_program_a_version(void **state) {
    (void)state;
    static const struct {
        const char *words;
        const char *says;
    } cases[] = {
        {"--help", "maxsharpe search FILE"},     {"-h", "Exit status"},
        {"search --help", "--max-weight W"},     {"search nofile -k 3 -h", "Exit status:"},
        {"devices --help", "maxsharpe devices"}, {"--version", "maxsharpe 0."},
        {"bench --help", "--part A,B"},          {"bench nofile --part ladder -h", "Exit status:"},
        {"completion -h", "completion SHELL"},   {"search nofile --version", "maxsharpe 0."},
        {"devices --version", "maxsharpe 0."},   {"--help", "maxsharpe completion SHELL"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        program_run run = run_program(cases[i].words);
        assert_int_equal(run.status, 0);
        assert_non_null(strstr(run.out, cases[i].says));
        assert_string_equal(run.err, "");
        program_run_free(&run);
    }
}

static void help_fits_a_terminal_of_100_columns(void **state) {
    (void)state;
    static const char *const cases[] = {"--help", "search --help", "bench --help", "devices --help",
                                        "completion --help"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        program_run run = run_program(cases[i]);
        size_t column = 0;
        for (const char *c = run.out; *c != '\0'; ++c) {
            column = *c == '\n' ? 0 : column + 1;
            assert_true(column <= 100);
        }
        program_run_free(&run);
    }
}

static void devices_names_cores_openblas_and_cuda(void **state) {
    (void)state;
    program_run run = run_program("devices");
    assert_int_equal(run.status, 0);
    assert_non_null(strstr(run.out, "CPU cores"));
    assert_non_null(strstr(run.out, "OpenBLAS"));
    assert_non_null(strstr(run.out, "CUDA"));
    program_run_free(&run);

    run = run_program("devices --format json");
    assert_int_equal(run.status, 0);
    json_t *const devices = json_loads(run.out, 0, NULL);
    assert_non_null(devices);
    assert_string_equal(json_text_at(devices, "schema"), "maxsharpe.devices/1");
    assert_in_range(json_integer_at(devices, "cores_available"), 1, json_integer_at(devices, "cores_online"));
    assert_true(strlen(json_text_at(devices, "cpu_kernel")) > 0);
    json_decref(devices);
    program_run_free(&run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_that_are_no_command_are_refused),
        cmocka_unit_test(options_that_do_not_exist_are_refused_by_name),
        cmocka_unit_test(values_that_do_not_parse_or_are_out_of_range_are_refused_with_the_range),
        cmocka_unit_test(a_ticker_is_not_both_included_and_excluded),
        cmocka_unit_test(gpus_are_not_chosen_for_a_search_that_uses_none),
        cmocka_unit_test(words_that_do_not_fit_the_file_are_refused),
        cmocka_unit_test(every_option_of_the_help_is_accepted),
        cmocka_unit_test(options_may_stand_before_the_file_and_be_shortened),
        cmocka_unit_test(every_command_has_help_and_the_program_a_version),
        cmocka_unit_test(help_fits_a_terminal_of_100_columns),
        cmocka_unit_test(devices_names_cores_openblas_and_cuda),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
