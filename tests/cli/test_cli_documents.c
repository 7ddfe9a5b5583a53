/* What is written about the options: the manual page and the README agree with the help, which the program makes from
 * the tables that it parses by. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "documented_options.h"
#include "run_program.h"

static const char *const commands[] = {"search", "bench", "devices", "completion"};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void assert_same_words(const char *where, const documented_option *found, const documented_option *help) {
    if (strcmp(found->name, help->name) != 0 || found->letter != help->letter ||
        strcmp(found->value, help->value) != 0) {
        fail_msg("%s: letter '%.1s', --%s '%s', and the help has '%.1s', --%s '%s'", where, &found->letter, found->name,
                 found->value, &help->letter, help->name, help->value);
    }
}

static void the_manual_page_has_every_option_of_every_command_word_for_word(void **state) {
    (void)state;
    static option_list help;
    static option_list manual;
    for (size_t i = 0; i < COMMANDS; ++i) {
        read_help_options(commands[i], &help);
        read_manual_options(commands[i], &manual);
        for (size_t j = 0; j < help.count && j < manual.count; ++j) {
            assert_same_words("manual page", &manual.items[j], &help.items[j]);
        }
        assert_int_equal(manual.count, help.count);
    }
}

/* Whether a text goes on behind a word: "The default is 100" does not say that it is 10, nor "0.05" that it is 0. */
static bool goes_on(const char *text) {
    return isalnum((unsigned char)text[0]) != 0 || (text[0] == '.' && isdigit((unsigned char)text[1]) != 0);
}

static bool says_default(const char *text, const char *preset) {
    static const struct {
        const char *before;
        const char *after;
    } forms[] = {{"The default is ", ""}, {"", ", the default,"}, {"", " (the default)"}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; ++i) {
        char wanted[160];
        const int length = snprintf(wanted, sizeof wanted, "%s%s%s", forms[i].before, preset, forms[i].after);
        const char *const found = strstr(text, wanted);
        if (found != NULL && !goes_on(found + length)) {
            return true;
        }
    }
    return false;
}

/* "As for search." stands for the text of the option there. */
static void assert_default_told(const documented_option *manual, const documented_option *help) {
    static option_list search_help;
    static option_list search_manual;
    if (strcmp(manual->text, "As for search.") == 0) {
        read_help_options("search", &search_help);
        read_manual_options("search", &search_manual);
        assert_string_equal(help->preset, option_named(&search_help, help->name)->preset);
        manual = option_named(&search_manual, help->name);
    }
    if (help->preset[0] != '\0' && !says_default(manual->text, help->preset)) {
        fail_msg("the manual page does not tell the default '%s' of --%s: '%s'", help->preset, help->name,
                 manual->text);
    }
}

static void the_manual_page_tells_every_default(void **state) {
    (void)state;
    static option_list help;
    static option_list manual;
    size_t told = 0;
    for (size_t i = 0; i < COMMANDS; ++i) {
        read_help_options(commands[i], &help);
        read_manual_options(commands[i], &manual);
        for (size_t j = 0; j < help.count; ++j) {
            assert_default_told(option_named(&manual, help.items[j].name), &help.items[j]);
            told += help.items[j].preset[0] != '\0';
        }
    }
    assert_true(told > 30); /* so many that a change of the help's form cannot hide them all */
}

static void the_readme_has_every_option_of_search_with_its_default(void **state) {
    (void)state;
    static option_list help;
    static option_list readme;
    read_help_options("search", &help);
    read_readme_options(&help, &readme);
    for (size_t i = 0; i < help.count; ++i) {
        const documented_option *const option = &help.items[i];
        if (strcmp(option->name, "help") != 0 && strcmp(option->name, "version") != 0) {
            const documented_option *const found = option_named(&readme, option->name);
            assert_same_words("README", found, option);
            if (strcmp(found->preset, option->preset) != 0) {
                fail_msg("the README's default of --%s is '%s', and the help's '%s'", option->name, found->preset,
                         option->preset);
            }
        }
    }
    assert_int_equal(readme.count, help.count - 2);
}

/* Whether the manual page's commands, and the README's, are those of the program's help. */
static void every_command_is_in_the_manual_page_and_the_readme(void **state) {
    (void)state;
    char *const manual = read_file(MXS_MAN_PAGE);
    char *const readme = read_file(MXS_README);
    program_run help = run_program("--help");
    size_t count = 0;
    char *rest = help.out;
    for (char *line; (line = strsep(&rest, "\n")) != NULL && line[0] != '\0';) { /* the usage ends there */
        char name[32];
        char wanted[64];
        if (sscanf(line, "%*[Usage: ]maxsharpe %31[a-z]", name) != 1) {
            continue;
        }
        (void)snprintf(wanted, sizeof wanted, "\n.It Cm %s\n", name);
        assert_non_null(strstr(manual, wanted));
        (void)snprintf(wanted, sizeof wanted, "\n.Cm %s\n", name); /* in the synopsis */
        assert_non_null(strstr(manual, wanted));
        (void)snprintf(wanted, sizeof wanted, "\n    maxsharpe %s ", name);
        assert_non_null(strstr(readme, wanted));
        ++count;
    }
    assert_int_equal(count, COMMANDS);
    free(manual);
    free(readme);
    program_run_free(&help);
}

/* ---- completion ---- */

static void assert_script_has(const char *shell, const char *script, const char *form, const char *word) {
    char wanted[160];
    (void)snprintf(wanted, sizeof wanted, "%s%s", form, word);
    if (strstr(script, wanted) == NULL) {
        fail_msg("the script of %s lacks '%s'", shell, wanted);
    }
}

/* "fresh|shared" -> "fresh shared" */
static void assert_script_offers(const char *shell, const char *script, const char *value) {
    char words[80];
    if (strchr(value, '|') == NULL) {
        return;
    }
    (void)snprintf(words, sizeof words, "%s", value);
    for (char *bar; (bar = strchr(words, '|')) != NULL;) {
        *bar = ' ';
    }
    assert_script_has(shell, script, "", words);
}

static void every_option_and_its_words_are_in_the_script_of_every_shell(void **state) {
    (void)state;
    static const struct {
        const char *shell;
        const char *form;
    } shells[] = {{"bash", " --"}, {"zsh", "--"}, {"fish", " -l "}};
    static option_list help;
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; ++i) {
        char line[64];
        (void)snprintf(line, sizeof line, "completion %s", shells[i].shell);
        program_run script = run_program(line);
        assert_int_equal(script.status, 0);
        for (size_t j = 0; j < COMMANDS; ++j) {
            assert_script_has(shells[i].shell, script.out, "", commands[j]);
            read_help_options(commands[j], &help);
            for (size_t k = 0; k < help.count; ++k) {
                assert_script_has(shells[i].shell, script.out, shells[i].form, help.items[k].name);
                assert_script_offers(shells[i].shell, script.out, help.items[k].value);
            }
        }
        program_run_free(&script);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_manual_page_has_every_option_of_every_command_word_for_word),
        cmocka_unit_test(the_manual_page_tells_every_default),
        cmocka_unit_test(the_readme_has_every_option_of_search_with_its_default),
        cmocka_unit_test(every_command_is_in_the_manual_page_and_the_readme),
        cmocka_unit_test(every_option_and_its_words_are_in_the_script_of_every_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
