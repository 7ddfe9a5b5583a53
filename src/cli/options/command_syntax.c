#include "cli/options/command_syntax.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

#include "cli/terminal/messages.h"

/* getopt_long returns this and the row's position for a row's name, beyond every letter. */
enum { ROW_CODE = 1000 };

/* getopt_long's codes; a word that is no option is 1 because its letters begin with '-'. */
enum { CODE_OPERAND = 1, CODE_END = -1, CODE_VALUE_MISSING = ':', CODE_UNKNOWN = '?' };

typedef struct getopt_table {
    char letters[2 * MAX_OPTION_ROWS + 3];
    struct option names[MAX_OPTION_ROWS + 1];
} getopt_table;

static void make_getopt_table(const command_syntax *syntax, getopt_table *table) {
    assert(syntax->row_count <= MAX_OPTION_ROWS);
    *table = (getopt_table){.letters = ""};
    /* '-': every word in its order, whatever POSIXLY_CORRECT says; ':': a missing value is told from an unknown
     * option. */
    char *letter = table->letters;
    *letter++ = '-';
    *letter++ = ':';
    struct option *name = table->names;
    for (size_t i = 0; i < syntax->row_count; ++i) {
        const option_row *const row = &syntax->rows[i];
        if (row->name == NULL) {
            continue;
        }
        const int has_value = row->kind->takes_value ? required_argument : no_argument;
        *name++ = (struct option){.name = row->name, .has_arg = has_value, .val = ROW_CODE + (int)i};
        if (row->letter != 0) {
            *letter++ = row->letter;
            if (has_value == required_argument) {
                *letter++ = ':';
            }
        }
    }
}

/* The row that getopt_long means by a code of its name or letter; NULL: none. */
static const option_row *row_of_code(const command_syntax *syntax, int code) {
    if (code >= ROW_CODE) {
        return &syntax->rows[code - ROW_CODE];
    }
    for (size_t i = 0; i < syntax->row_count; ++i) {
        if (syntax->rows[i].name != NULL && code != 0 && syntax->rows[i].letter == code) {
            return &syntax->rows[i];
        }
    }
    return NULL;
}

/* ---- what is wrong with an option ---- */

/* How many long options begin with the first `length` characters of `name`; the first two are named. */
static int count_beginnings(const command_syntax *syntax, const char *name, size_t length, const char *found[2]) {
    int count = 0;
    for (size_t i = 0; i < syntax->row_count; ++i) {
        if (syntax->rows[i].name != NULL && strncmp(syntax->rows[i].name, name, length) == 0) {
            if (count < 2) {
                found[count] = syntax->rows[i].name;
            }
            ++count;
        }
    }
    return count;
}

static void explain_unknown(const command_syntax *syntax, char **words) {
    if (optopt >= ROW_CODE) {
        print_error("option '--%s' takes no value; try 'maxsharpe %s --help'", row_of_code(syntax, optopt)->name,
                    syntax->name);
        return;
    }
    if (optopt != 0) {
        print_error("unknown option '-%c'; try 'maxsharpe %s --help'", optopt, syntax->name);
        return;
    }
    const char *const word = words[optind - 1];
    const size_t length = strcspn(word, "=");
    const char *found[2] = {NULL, NULL};
    if (length > 2 && count_beginnings(syntax, word + 2, length - 2, found) > 1) {
        print_error("option '%.*s' is ambiguous: it begins '--%s' and '--%s'; try 'maxsharpe %s --help'", (int)length,
                    word, found[0], found[1], syntax->name);
        return;
    }
    print_error("unknown option '%.*s'; try 'maxsharpe %s --help'", (int)length, word, syntax->name);
}

static void explain_missing_value(const command_syntax *syntax) {
    const option_row *const row = row_of_code(syntax, optopt);
    char value[OPTION_VALUE_SIZE];
    print_error("option '--%s' needs a value: --%s %s; try 'maxsharpe %s --help'", row->name, row->name,
                describe_value(row, value), syntax->name);
}

/* ---- words into arguments ---- */

static void *field_of(const option_row *row, void *arguments) {
    return (char *)arguments + row->field;
}

static arguments_outcome take_option(const command_syntax *syntax, int code, char **words, void *arguments) {
    if (code == CODE_VALUE_MISSING) {
        explain_missing_value(syntax);
        return ARGUMENTS_BAD;
    }
    if (code == CODE_UNKNOWN) {
        explain_unknown(syntax, words);
        return ARGUMENTS_BAD;
    }
    const option_row *const row = row_of_code(syntax, code);
    if (row->kind->read != NULL && !row->kind->read(row, optarg, field_of(row, arguments))) {
        return ARGUMENTS_BAD;
    }
    return row->kind->outcome;
}

static arguments_outcome take_operand(const command_syntax *syntax, const char *word, bool *taken, void *arguments) {
    const option_row *const operand = &syntax->operand;
    if (operand->value == NULL) {
        print_error("'%s' takes no FILE: '%s'; try 'maxsharpe %s --help'", syntax->name, word, syntax->name);
        return ARGUMENTS_BAD;
    }
    if (*taken) {
        print_error("one %s at a time: '%s' is one too many; try 'maxsharpe %s --help'", operand->value, word,
                    syntax->name);
        return ARGUMENTS_BAD;
    }
    *taken = true;
    return operand->kind->read(operand, word, field_of(operand, arguments)) ? ARGUMENTS_RUN : ARGUMENTS_BAD;
}

/* That nothing is missing and nothing contradicts another word. */
static arguments_outcome finish(const command_syntax *syntax, bool has_operand, void *arguments) {
    if (!has_operand && syntax->operand_missing != NULL) {
        print_error("%s; try 'maxsharpe %s --help'", syntax->operand_missing, syntax->name);
        return ARGUMENTS_BAD;
    }
    return syntax->finish == NULL || syntax->finish(arguments) ? ARGUMENTS_RUN : ARGUMENTS_BAD;
}

arguments_outcome command_syntax_parse(const command_syntax *syntax, int count, char **words, void *arguments) {
    getopt_table table;
    make_getopt_table(syntax, &table);
    opterr = 0;
    optind = 1;
    bool has_operand = false;
    arguments_outcome outcome = ARGUMENTS_RUN;
    while (outcome == ARGUMENTS_RUN) {
        const int code = getopt_long(count, words, table.letters, table.names, NULL);
        if (code == CODE_END) {
            break;
        }
        outcome = code == CODE_OPERAND ? take_operand(syntax, optarg, &has_operand, arguments)
                                       : take_option(syntax, code, words, arguments);
    }
    for (int i = optind; i < count && outcome == ARGUMENTS_RUN; ++i) { /* behind "--" */
        outcome = take_operand(syntax, words[i], &has_operand, arguments);
    }
    return outcome == ARGUMENTS_RUN ? finish(syntax, has_operand, arguments) : outcome;
}
