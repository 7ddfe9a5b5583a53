#include "documented_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run_program.h"

static documented_option *append_option(option_list *options) {
    assert_true(options->count < MAX_DOCUMENTED_OPTIONS);
    documented_option *const option = &options->items[options->count++];
    *option = (documented_option){.letter = 0};
    return option;
}

/* Appends to a text of `size` bytes, behind a blank where it holds something already. */
static void append_words(char *text, size_t size, const char *words, size_t length) {
    const size_t used = strlen(text);
    assert_true(used + length + 2 < size);
    (void)snprintf(text + used, size - used, "%s%.*s", used > 0 && length > 0 ? " " : "", (int)length, words);
}

/* "-k, --assets K" or "--assets K" into an option. */
static void take_names(documented_option *option, const char *names) {
    char letter = 0;
    if (sscanf(names, "-%c, --%39[a-z-] %79s", &letter, option->name, option->value) >= 2) {
        option->letter = letter;
    } else if (sscanf(names, "--%39[a-z-] %79s", option->name, option->value) < 1) {
        fail_msg("'%s' names no option", names);
    }
}

const documented_option *option_named(const option_list *options, const char *name) {
    for (size_t i = 0; i < options->count; ++i) {
        if (strcmp(options->items[i].name, name) == 0) {
            return &options->items[i];
        }
    }
    fail_msg("there is no --%s", name);
    return NULL;
}

/* ---- help ---- */

enum { HELP_COLUMN = 30 };

static bool begins_option(const char *line) {
    return strncmp(line, "      --", 8) == 0 || (strncmp(line, "  -", 3) == 0 && line[3] != '-');
}

/* An option that takes a value ends with its default in parentheses, where there is one. */
static void split_preset(documented_option *option) {
    const size_t length = strlen(option->text);
    char *const start = strrchr(option->text, '(');
    if (option->value[0] != '\0' && start != NULL && option->text[length - 1] == ')') {
        (void)snprintf(option->preset, sizeof option->preset, "%.*s", (int)strlen(start) - 2, start + 1);
        *start = '\0';
    }
}

void read_help_options(const char *command, option_list *options) {
    char words[64];
    (void)snprintf(words, sizeof words, "%s --help", command);
    program_run help = run_program(words);
    assert_int_equal(help.status, 0);
    options->count = 0;
    documented_option *option = NULL;
    char *rest = help.out;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        const size_t blanks = strspn(line, " ");
        const char *text = line + blanks;
        if (begins_option(line)) {
            char *const gap = strstr(text, "  ");
            text = gap != NULL ? gap + strspn(gap, " ") : "";
            if (gap != NULL) {
                *gap = '\0';
            }
            option = append_option(options);
            take_names(option, line + blanks);
        } else if (blanks != HELP_COLUMN) {
            option = NULL;
        }
        if (option != NULL) {
            append_words(option->text, sizeof option->text, text, strlen(text));
        }
    }
    for (size_t i = 0; i < options->count; ++i) {
        split_preset(&options->items[i]);
    }
    program_run_free(&help);
}

/* ---- manual page ---- */

static bool is_macro(const char *word) {
    static const char *const macros[] = {"Fl", "Ar", "Cm", "Li", "Nm", "Pa", "Va", "Xr", "Dq"};
    for (size_t i = 0; i < sizeof macros / sizeof macros[0]; ++i) {
        if (strcmp(word, macros[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_punctuation(const char *word) {
    return strlen(word) == 1 && strchr(".,;:)", word[0]) != NULL;
}

/* Words of mdoc, without its macros where they are marked up; "Fl -x" is "--x", and punctuation has no blank before
 * it. */
static void append_plain(char *text, size_t size, const char *words, bool marked) {
    char copy[512];
    (void)snprintf(copy, sizeof copy, "%s", words);
    char *rest = copy;
    bool dash = false;
    for (const char *word; (word = strsep(&rest, " ")) != NULL;) {
        if (marked && is_macro(word)) {
            dash = strcmp(word, "Fl") == 0;
            continue;
        }
        const size_t used = strlen(text);
        const char *const gap = used == 0 || is_punctuation(word) ? "" : " ";
        assert_true(used + strlen(word) + 3 < size);
        (void)snprintf(text + used, size - used, "%s%s%s", gap, dash ? "-" : "", word);
        dash = false;
    }
}

/* "Fl k , Fl -assets Ar K" : every long name is an option, a letter belongs to the next of them. Returns how many. */
static size_t take_item(const char *heading, option_list *options) {
    char copy[512];
    char names[160] = "";
    size_t taken = 0;
    (void)snprintf(copy, sizeof copy, "%s", heading);
    char *rest = copy;
    for (char *part; (part = rest) != NULL;) {
        char *const comma = strstr(part, " , ");
        rest = comma != NULL ? comma + 3 : NULL;
        if (comma != NULL) {
            *comma = '\0';
        }
        char word[120] = "";
        append_plain(word, sizeof word, part, true);
        const bool letter = word[0] == '-' && word[1] != '-';
        const size_t used = strlen(names);
        (void)snprintf(names + used, sizeof names - used, "%s%s", word, letter ? ", " : "");
        if (!letter) {
            take_names(append_option(options), names);
            names[0] = '\0';
            ++taken;
        }
    }
    return taken;
}

void read_manual_options(const char *command, option_list *options) {
    char section[64];
    char *const manual = read_file(MXS_MAN_PAGE);
    assert_non_null(manual);
    (void)snprintf(section, sizeof section, "\n.Ss Options of %s\n", command);
    char *rest = strstr(manual, section);
    if (rest == NULL) {
        fail_msg("the manual page has no section 'Options of %s'", command);
    }
    rest += strlen(section);
    options->count = 0;
    size_t shared = 0; /* options that the item is of */
    for (char *line; (line = strsep(&rest, "\n")) != NULL && strncmp(line, ".S", 2) != 0;) {
        if (strncmp(line, ".It Fl ", 7) == 0) {
            shared = take_item(line + 4, options);
        } else if (strncmp(line, ".It", 3) == 0 || strcmp(line, ".El") == 0) {
            shared = 0;
        }
        for (size_t i = 0; strncmp(line, ".It", 3) != 0 && i < shared; ++i) {
            documented_option *const option = &options->items[options->count - 1 - i];
            const bool marked = line[0] == '.';
            append_plain(option->text, sizeof option->text, line + marked, marked);
        }
    }
    free(manual);
}

/* ---- README ---- */

/* The next text between two marks, both of which it moves beyond; NULL: there is none. */
static const char *next_between(const char **at, char open, char close, char *text, size_t size) {
    const char *const start = strchr(*at, open);
    const char *const end = start != NULL ? strchr(start + 1, close) : NULL;
    if (end == NULL) {
        return NULL;
    }
    size_t length = 0;
    for (const char *c = start + 1; c < end; ++c) {
        if (*c != '\\') { /* a bar is written as \| */
            assert_true(length + 1 < size);
            text[length++] = *c;
        }
    }
    text[length] = '\0';
    *at = end + 1;
    return text;
}

/* "(1, 0)" and "(all)" in a cell are the defaults of its options that have one, in their order. */
static void take_presets(const char *cell, const option_list *help, documented_option *options, size_t count) {
    char presets[160];
    size_t i = 0;
    while (next_between(&cell, '(', ')', presets, sizeof presets) != NULL) {
        char *rest = presets;
        for (const char *preset; (preset = strsep(&rest, ",")) != NULL; ++i) {
            while (i < count && option_named(help, options[i].name)->preset[0] == '\0') {
                ++i;
            }
            if (i >= count) {
                fail_msg("the README's row of --%s has the default '%s' too many", options[0].name, preset);
            }
            (void)snprintf(options[i].preset, sizeof options[i].preset, "%s", preset + strspn(preset, " "));
        }
    }
}

static void take_table_row(const char *row, const option_list *help, option_list *options) {
    char cells[160];
    const char *const meaning = strstr(row, "` | ");
    if (meaning == NULL || meaning - row >= (ptrdiff_t)sizeof cells - 1) {
        fail_msg("no row of options: '%s'", row);
        return;
    }
    (void)snprintf(cells, sizeof cells, "%.*s", (int)(meaning - row) + 1, row);
    const char *at = cells;
    char names[160];
    const size_t first = options->count;
    while (next_between(&at, '`', '`', names, sizeof names) != NULL) {
        take_names(append_option(options), names);
    }
    take_presets(meaning, help, &options->items[first], options->count - first);
}

void read_readme_options(const option_list *help, option_list *options) {
    static const char beginning[] = "\n| option | meaning (default) |\n|---|---|\n";
    char *const readme = read_file(MXS_README);
    assert_non_null(readme);
    char *rest = strstr(readme, beginning);
    assert_non_null(rest);
    rest += strlen(beginning);
    options->count = 0;
    for (char *line; (line = strsep(&rest, "\n")) != NULL && line[0] == '|';) {
        take_table_row(line, help, options);
    }
    free(readme);
}
