#include <string.h>

#include "cli/commands/completion.h"

DEFINE_CHOICES(shell_choices, shell_kind, SHELL_LIST);

typedef struct completion_arguments {
    shell_kind shell;
} completion_arguments;

char *list_for_shell(const choice_set *choices, char *list) {
    return list_choices(choices, " ", " ", list, COMPLETION_LIST_SIZE);
}

void write_escaped(FILE *out, const char *text, const char *special, const char *quote) {
    for (; *text != '\0'; ++text) {
        if (*text == '\'') {
            (void)fputs(quote, out);
        } else {
            (void)fprintf(out, "%s%c", strchr(special, *text) != NULL ? "\\" : "", *text);
        }
    }
}

#define ARGUMENTS completion_arguments

static const option_row rows[] = {{.help = "Options:"}, OPTION_ROWS_OF_ALL};

static void begin(void *arguments) {
    *(completion_arguments *)arguments = (completion_arguments){.shell = SHELL_BASH};
}

static const command_syntax syntax = {
    .name = "completion",
    .summary = "a script that completes these words in a shell",
    .about =
        "Prints a script by which a shell completes commands, options and their values. SHELL is bash, zsh or\n"
        "fish. An installed program has put the three where the shells look for them. For one session, or in\n"
        "a file that the shell reads as it starts:\n"
        "\n"
        "  bash  source <(maxsharpe completion bash)\n"
        "  zsh   source <(maxsharpe completion zsh), after compinit\n"
        "  fish  maxsharpe completion fish | source\n",
    .notes = "Exit status: 0 printed, 1 it could not be written, 2 usage.\n",
    .operand = {0, NULL, "SHELL", INTO_CHOICE(shell_kind, shell_choices, shell), NULL, NULL},
    .operand_missing = "no SHELL to complete in",
    .rows = rows,
    .row_count = sizeof rows / sizeof rows[0],
    .arguments_size = sizeof(completion_arguments),
    .begin = begin,
};

static exit_status run(void *user) {
    static void (*const writers[])(FILE *, const void *) = {
        [SHELL_BASH] = write_bash_completion, [SHELL_ZSH] = write_zsh_completion, [SHELL_FISH] = write_fish_completion};
    const completion_arguments *const arguments = user;
    return print_text(writers[arguments->shell], NULL);
}

const command completion_command = {&syntax, run};
