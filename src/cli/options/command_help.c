/* The help of a command, from its table. */
#include <string.h>

#include "cli/options/command_syntax.h"

enum { HELP_COLUMN = 30, HELP_WIDTH = 80 };

char *describe_operands(const command_syntax *syntax, char *text, size_t size) {
    const char *const operand = syntax->operand.value;
    if (operand == NULL) {
        (void)snprintf(text, size, " [options]");
    } else {
        (void)snprintf(text, size, syntax->operand_missing != NULL ? " %s [options]" : " [%s] [options]", operand);
    }
    return text;
}

/* One word behind the last one, on a line of its own where it does not fit; returns the column behind it. */
static size_t write_word(FILE *out, const char *word, size_t length, size_t column) {
    if (column > HELP_COLUMN && column + 1 + length > HELP_WIDTH) {
        (void)fprintf(out, "\n%*s", HELP_COLUMN, "");
        column = HELP_COLUMN;
    }
    const char *const gap = column > HELP_COLUMN ? " " : "";
    (void)fprintf(out, "%s%.*s", gap, (int)length, word);
    return column + strlen(gap) + length;
}

static size_t write_words(FILE *out, const char *text, size_t column) {
    while (*text != '\0') {
        const size_t length = strcspn(text, " ");
        column = write_word(out, text, length, column);
        text += length + (text[length] == ' ');
    }
    return column;
}

static void write_row(FILE *out, const option_row *row, const void *arguments) {
    char value[OPTION_VALUE_SIZE];
    char preset[OPTION_VALUE_SIZE];
    char names[32 + OPTION_VALUE_SIZE];
    char letter[] = "    ";
    if (row->letter != 0) {
        (void)snprintf(letter, sizeof letter, "-%c, ", row->letter);
    }
    (void)describe_value(row, value);
    (void)snprintf(names, sizeof names, "  %s--%s%s%s", letter, row->name, value[0] != '\0' ? " " : "", value);
    if (strlen(names) + 2 > HELP_COLUMN) {
        (void)fprintf(out, "%s\n%*s", names, HELP_COLUMN, "");
    } else {
        (void)fprintf(out, "%-*s", HELP_COLUMN, names);
    }
    const size_t column = write_words(out, row->help, HELP_COLUMN);
    if (describe_preset(row, arguments, preset)[0] != '\0') {
        char default_text[OPTION_VALUE_SIZE + 2];
        (void)snprintf(default_text, sizeof default_text, "(%s)", preset);
        (void)write_words(out, default_text, column);
    }
    (void)fputc('\n', out);
}

void write_command_help(FILE *out, const command_syntax *syntax, const void *arguments) {
    char operands[64];
    (void)fprintf(out, "Usage: maxsharpe %s%s\n\n%s", syntax->name,
                  describe_operands(syntax, operands, sizeof operands), syntax->about);
    for (size_t i = 0; i < syntax->row_count; ++i) {
        if (syntax->rows[i].name != NULL) {
            write_row(out, &syntax->rows[i], arguments);
        } else {
            (void)fprintf(out, "\n%s\n", syntax->rows[i].help);
        }
    }
    (void)fprintf(out, "\n%s", syntax->notes);
}
