#include "cli/commands/completion.h"

static const char beginning[] =
    "# fish completion of maxsharpe, made by 'maxsharpe completion fish'.\n"
    "\n"
    "# Whether the command is the named one; without a name, whether there is none yet.\n"
    "function __maxsharpe_command_is\n"
    "    set -l words (commandline -opc)\n"
    "    test \"$words[2]\" = \"$argv[1]\"\n"
    "end\n"
    "\n"
    "complete -c maxsharpe -f\n"
    "complete -c maxsharpe -n __maxsharpe_command_is -s h -l help -d 'print the commands'\n"
    "complete -c maxsharpe -n __maxsharpe_command_is -l version -d 'print the version of the program'\n";

static void write_description(FILE *out, const char *text) {
    (void)fputs(" -d '", out);
    write_escaped(out, text, "\\", "\\'");
    (void)fputs("'\n", out);
}

static void write_rule(FILE *out, const command_syntax *syntax) {
    (void)fprintf(out, "complete -c maxsharpe -n '__maxsharpe_command_is %s'", syntax->name);
}

/* What completes the value of an option or operand: -a offers words, -F files. */
static void write_offer(FILE *out, const option_row *row) {
    char list[COMPLETION_LIST_SIZE];
    switch (row->kind->completion) {
    case COMPLETE_NOTHING:
        break;
    case COMPLETE_CHOICE:
        (void)fprintf(out, " -a '%s'", list_for_shell(row->limits.choices, list));
        break;
    case COMPLETE_CHOICES:
        (void)fprintf(out, " -a '(__fish_complete_list , \"string split \\\" \\\" \\\"%s\\\"\")'",
                      list_for_shell(row->limits.choices, list));
        break;
    case COMPLETE_FILE:
        (void)fputs(" -F", out);
        break;
    case COMPLETE_FOLDER:
        (void)fputs(" -a '(__fish_complete_directories)'", out);
        break;
    }
}

static void write_row(FILE *out, const command_syntax *syntax, const option_row *row) {
    write_rule(out, syntax);
    if (row->letter != 0) {
        (void)fprintf(out, " -s %c", row->letter);
    }
    (void)fprintf(out, " -l %s", row->name);
    if (row->kind->takes_value) {
        (void)fputs(row->kind->completion == COMPLETE_FILE ? " -r" : " -x", out);
        write_offer(out, row);
    }
    write_description(out, row->help);
}

static void write_command(FILE *out, const command_syntax *syntax) {
    (void)fprintf(out, "\ncomplete -c maxsharpe -n __maxsharpe_command_is -a %s", syntax->name);
    write_description(out, syntax->summary);
    for (size_t i = 0; i < syntax->row_count; ++i) {
        if (syntax->rows[i].name != NULL) {
            write_row(out, syntax, &syntax->rows[i]);
        }
    }
    if (syntax->operand.value != NULL) {
        write_rule(out, syntax);
        write_offer(out, &syntax->operand);
        (void)fputc('\n', out);
    }
}

void write_fish_completion(FILE *out, const void *what) {
    (void)what;
    (void)fputs(beginning, out);
    for (size_t i = 0; i < command_count; ++i) {
        write_command(out, commands[i]->syntax);
    }
}
