#include "cli/commands/completion.h"

static const char beginning[] =
    "#compdef maxsharpe\n"
    "# zsh completion of maxsharpe, made by 'maxsharpe completion zsh'.\n"
    "\n"
    "_maxsharpe() {\n"
    "    local context state state_descr line\n"
    "    local -A opt_args\n"
    "    _arguments -C \\\n"
    "        '(- : *)'{-h,--help}'[print the commands]' \\\n"
    "        '(- : *)--version[print the version of the program]' \\\n"
    "        ': :->command' \\\n"
    "        '*:: :->words' && return\n"
    "    case $state in\n"
    "    command)\n"
    "        local -a commands=(\n";

static const char words_before[] =
    "        )\n"
    "        _describe -t commands command commands\n"
    "        ;;\n"
    "    words)\n"
    "        case $words[1] in\n";

/* The file is either the body of the function, from a folder of functions, or read as it is. */
static const char ending[] =
    "        esac\n"
    "        ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "if [[ $funcstack[1] == _maxsharpe ]]; then\n"
    "    _maxsharpe \"$@\"\n"
    "else\n"
    "    compdef _maxsharpe maxsharpe\n"
    "fi\n";

/* Within single quotes, and within what _arguments and _describe take apart. */
static void write_quoted(FILE *out, const char *text) {
    write_escaped(out, text, "\\:[]", "'\\''");
}

/* ":what it is:what completes it" */
static void write_offer(FILE *out, const option_row *row) {
    char value[OPTION_VALUE_SIZE];
    char list[COMPLETION_LIST_SIZE];
    (void)fputc(':', out);
    write_quoted(out, describe_value(row, value));
    switch (row->kind->completion) {
    case COMPLETE_NOTHING:
        (void)fputs(": ", out);
        break;
    case COMPLETE_CHOICE:
        (void)fprintf(out, ":(%s)", list_for_shell(row->limits.choices, list));
        break;
    case COMPLETE_CHOICES:
        (void)fprintf(out, ":_sequence compadd - %s", list_for_shell(row->limits.choices, list));
        break;
    case COMPLETE_FILE:
        (void)fputs(":_files", out);
        break;
    case COMPLETE_FOLDER:
        (void)fputs(":_files -/", out);
        break;
    }
}

/* The options that have no place beside this one: all of them, itself, or none. */
static void write_exclusion(FILE *out, const option_row *row) {
    if (row->kind->outcome != ARGUMENTS_RUN) {
        (void)fputs("(- : *)", out);
    } else if (row->kind->adds_up) {
        (void)fputc('*', out);
    } else if (row->letter != 0) {
        (void)fprintf(out, "(-%c --%s)", row->letter, row->name);
    }
}

static void write_row(FILE *out, const option_row *row) {
    const bool takes_value = row->kind->takes_value;
    (void)fputs("                '", out);
    write_exclusion(out, row);
    if (row->letter != 0) {
        (void)fprintf(out, "'{-%c%s,--%s%s}'[", row->letter, takes_value ? "+" : "", row->name, takes_value ? "=" : "");
    } else {
        (void)fprintf(out, "--%s%s[", row->name, takes_value ? "=" : "");
    }
    write_quoted(out, row->help);
    (void)fputc(']', out);
    if (takes_value) {
        write_offer(out, row);
    }
    (void)fputc('\'', out);
}

static void write_command(FILE *out, const command_syntax *syntax) {
    (void)fprintf(out, "        %s)\n            _arguments -s -S", syntax->name);
    for (size_t i = 0; i < syntax->row_count; ++i) {
        if (syntax->rows[i].name != NULL) {
            (void)fputs(" \\\n", out);
            write_row(out, &syntax->rows[i]);
        }
    }
    if (syntax->operand.value != NULL) {
        (void)fputs(" \\\n                '1", out);
        write_offer(out, &syntax->operand);
        (void)fputc('\'', out);
    }
    (void)fputs("\n            ;;\n", out);
}

void write_zsh_completion(FILE *out, const void *what) {
    (void)what;
    (void)fputs(beginning, out);
    for (size_t i = 0; i < command_count; ++i) {
        (void)fprintf(out, "            '%s:", commands[i]->syntax->name);
        write_quoted(out, commands[i]->syntax->summary);
        (void)fputs("'\n", out);
    }
    (void)fputs(words_before, out);
    for (size_t i = 0; i < command_count; ++i) {
        write_command(out, commands[i]->syntax);
    }
    (void)fputs(ending, out);
}
