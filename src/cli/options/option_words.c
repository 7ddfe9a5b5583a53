#include "cli/options/option_words.h"

#include <assert.h>
#include <string.h>

#include "cli/terminal/messages.h"

void option_parser_begin(option_parser *parser, const char *command, const option_row *rows, int row_count, int count,
                         char **words) {
    assert(row_count <= MAX_OPTION_ROWS);
    *parser = (option_parser){.command = command, .rows = rows, .row_count = row_count, .count = count, .words = words};
    /* '-': every word in its order, whatever POSIXLY_CORRECT says; ':': a missing value is told from an unknown
     * option. */
    char *letter = parser->letters;
    *letter++ = '-';
    *letter++ = ':';
    struct option *option = parser->options;
    for (int i = 0; i < row_count; ++i) {
        if (rows[i].name == NULL) {
            continue;
        }
        const int has_value = rows[i].value != NULL ? required_argument : no_argument;
        *option++ = (struct option){.name = rows[i].name, .has_arg = has_value, .val = rows[i].id};
        if (rows[i].letter != 0) {
            *letter++ = rows[i].letter;
            if (has_value) {
                *letter++ = ':';
            }
        }
    }
    opterr = 0;
    optind = 1;
}

static const option_row *row_of_letter(const option_parser *parser, int letter) {
    for (int i = 0; i < parser->row_count; ++i) {
        if (parser->rows[i].name != NULL && letter != 0 && parser->rows[i].letter == letter) {
            return &parser->rows[i];
        }
    }
    return NULL;
}

static const option_row *row_of_id(const option_parser *parser, int id) {
    for (int i = 0; i < parser->row_count; ++i) {
        if (parser->rows[i].name != NULL && parser->rows[i].id == id) {
            return &parser->rows[i];
        }
    }
    return NULL;
}

const char *option_parser_name(const option_parser *parser, int id) {
    const option_row *const row = row_of_id(parser, id);
    return row != NULL ? row->name : "?";
}

/* How many long options begin with the first `length` characters of `name`; the first two are named. */
static int count_beginnings(const option_parser *parser, const char *name, size_t length, const char *found[2]) {
    int count = 0;
    for (int i = 0; i < parser->row_count; ++i) {
        if (parser->rows[i].name != NULL && strncmp(parser->rows[i].name, name, length) == 0) {
            if (count < 2) {
                found[count] = parser->rows[i].name;
            }
            ++count;
        }
    }
    return count;
}

static void explain_unknown(const option_parser *parser) {
    if (optopt >= FIRST_OPTION_ID) {
        print_error("option '--%s' takes no value; try 'maxsharpe %s --help'", option_parser_name(parser, optopt),
                    parser->command);
        return;
    }
    if (optopt != 0) {
        print_error("unknown option '-%c'; try 'maxsharpe %s --help'", optopt, parser->command);
        return;
    }
    const char *const word = parser->words[optind - 1];
    const size_t length = strcspn(word, "=");
    const char *found[2] = {NULL, NULL};
    if (length > 2 && count_beginnings(parser, word + 2, length - 2, found) > 1) {
        print_error("option '%.*s' is ambiguous: it begins '--%s' and '--%s'; try 'maxsharpe %s --help'", (int)length,
                    word, found[0], found[1], parser->command);
        return;
    }
    print_error("unknown option '%.*s'; try 'maxsharpe %s --help'", (int)length, word, parser->command);
}

int option_parser_next(option_parser *parser, const char **value) {
    *value = NULL;
    /* Once it has met "--", getopt would begin again at the same word. */
    const int code =
        parser->ended ? OPTION_END : getopt_long(parser->count, parser->words, parser->letters, parser->options, NULL);
    if (code == OPTION_END) {
        parser->ended = true;
        if (optind < parser->count) { /* behind "--" */
            *value = parser->words[optind++];
            return OPTION_OPERAND;
        }
        return OPTION_END;
    }
    if (code == ':') {
        const option_row *row = row_of_id(parser, optopt);
        row = row != NULL ? row : row_of_letter(parser, optopt);
        print_error("option '--%s' needs a value: --%s %s; try 'maxsharpe %s --help'", row->name, row->name, row->value,
                    parser->command);
        return OPTION_BAD;
    }
    if (code == '?') {
        explain_unknown(parser);
        return OPTION_BAD;
    }
    *value = optarg;
    const option_row *const row = row_of_letter(parser, code);
    return row != NULL ? row->id : code;
}

static void print_row(FILE *out, const option_row *row) {
    enum { HELP_COLUMN = 30 };
    int width = 0;
    if (row->letter != 0) {
        width = fprintf(out, "  -%c, --%s", row->letter, row->name);
    } else {
        width = fprintf(out, "      --%s", row->name);
    }
    if (row->value != NULL) {
        width += fprintf(out, " %s", row->value);
    }
    const char *line = row->help;
    while (line != NULL) {
        const char *const end = strchr(line, '\n');
        const int length = end != NULL ? (int)(end - line) : (int)strlen(line);
        if (width > HELP_COLUMN - 2) {
            (void)fputc('\n', out);
            width = 0;
        }
        (void)fprintf(out, "%*s%.*s\n", HELP_COLUMN - width, "", length, line);
        width = 0;
        line = end != NULL ? end + 1 : NULL;
    }
}

void print_option_help(FILE *out, const option_row *rows, int row_count) {
    for (int i = 0; i < row_count; ++i) {
        if (rows[i].name == NULL) {
            (void)fprintf(out, "\n%s\n", rows[i].help);
        } else {
            print_row(out, &rows[i]);
        }
    }
}
