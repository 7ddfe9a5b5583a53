/* The program maxsharpe: words in, the library's answers out. It stands on the public API alone. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands/command.h"
#include "cli/terminal/advice.h"
#include "cli/terminal/delivery.h"
#include "cli/terminal/messages.h"
#include "cli/terminal/standard_streams.h"
#include "cli/terminal/text_buffer.h"
#include "maxsharpe/maxsharpe.h"

const command *const commands[] = {&search_command, &bench_command, &devices_command, &completion_command};
const size_t command_count = sizeof commands / sizeof commands[0];

exit_status exit_status_of(mxs_status status) {
    switch (status) {
    case MXS_OK:
        return EXIT_FOUND;
    case MXS_ERROR_ARGUMENT:
        return EXIT_USAGE;
    case MXS_ERROR_DATA:
        return EXIT_BAD_DATA;
    case MXS_ERROR_INFEASIBLE:
        return EXIT_INFEASIBLE;
    case MXS_INTERRUPTED:
        return EXIT_INTERRUPTED;
    case MXS_ERROR_RUN:
    case MXS_ERROR_MEMORY:
    case MXS_ERROR_BACKEND:
        break;
    }
    return EXIT_RUN_FAILED;
}

exit_status print_failure(const mxs_error *error, mxs_status status) {
    char advice[ADVICE_SIZE];
    (void)advice_about(advice, error);
    print_error("%s%s%s", error->message[0] != '\0' ? error->message : mxs_status_string(status),
                advice[0] != '\0' ? "; " : "", advice);
    return exit_status_of(status);
}

exit_status print_text(void (*write_text)(FILE *out, const void *what), const void *what) {
    text_buffer buffer;
    exit_status outcome = EXIT_RUN_FAILED;
    if (text_buffer_open(&buffer)) {
        write_text(buffer.out, what);
    }
    if (!text_buffer_close(&buffer)) {
        print_error("not enough memory to print");
    } else if (print_to_standard_output(buffer.text, buffer.size)) {
        outcome = EXIT_FOUND;
    }
    text_buffer_free(&buffer);
    return outcome;
}

static void write_version(FILE *out, const void *what) {
    (void)what;
    (void)fprintf(out, "maxsharpe %s\n", mxs_version());
}

static void write_program_help(FILE *out, const void *what) {
    (void)what;
    const char *label = "Usage:";
    for (size_t i = 0; i < command_count; ++i) {
        const command_syntax *const syntax = commands[i]->syntax;
        char operands[64];
        char usage[96];
        (void)snprintf(usage, sizeof usage, "%s%s", syntax->name, describe_operands(syntax, operands, sizeof operands));
        (void)fprintf(out, "%-6s maxsharpe %-32s %s\n", label, usage, syntax->summary);
        label = "";
    }
    (void)fputs(
        "       maxsharpe COMMAND --help                   all about a command\n"
        "       maxsharpe --version\n"
        "\n"
        "maxsharpe tries every choice of K assets out of the N in a price file, with thousands to millions of\n"
        "simulated weights each, on GPUs or all cores, and reports the best Sharpe ratio with its weights.\n"
        "\n"
        "Example: 25 of the stocks in prices.csv, none above 20% of the portfolio:\n"
        "  maxsharpe search prices.csv -k 25 -w 0.2\n"
        "\n"
        "Exit status: 0 found, 1 the run failed, 2 usage, 3 bad input data, 4 an infeasible problem,\n"
        "130 interrupted (the best so far is reported).\n",
        out);
}

/* ---- one command ---- */

typedef struct help_of {
    const command_syntax *syntax;
    const void *arguments;
} help_of;

static void write_help(FILE *out, const void *what) {
    const help_of *const help = what;
    write_command_help(out, help->syntax, help->arguments);
}

/* The defaults are those of arguments that no word has changed. */
static exit_status print_help(const command_syntax *syntax, void *arguments) {
    if (syntax->end != NULL) {
        syntax->end(arguments);
    }
    syntax->begin(arguments);
    const help_of help = {syntax, arguments};
    return print_text(write_help, &help);
}

static exit_status run_command(const command *chosen, int count, char **words) {
    const command_syntax *const syntax = chosen->syntax;
    void *const arguments = calloc(1, syntax->arguments_size);
    if (arguments == NULL) {
        print_error("not enough memory for the words of the command line");
        return EXIT_RUN_FAILED;
    }
    exit_status outcome = EXIT_USAGE;
    syntax->begin(arguments);
    switch (command_syntax_parse(syntax, count, words, arguments)) {
    case ARGUMENTS_RUN:
        outcome = chosen->run(arguments);
        break;
    case ARGUMENTS_HELP:
        outcome = print_help(syntax, arguments);
        break;
    case ARGUMENTS_VERSION:
        outcome = print_text(write_version, NULL);
        break;
    case ARGUMENTS_BAD:
        break;
    }
    if (syntax->end != NULL) {
        syntax->end(arguments);
    }
    free(arguments);
    return outcome;
}

int main(int count, char **words) {
    prepare_standard_streams();
    if (count < 2) {
        print_error("no command; try 'maxsharpe --help'");
        return EXIT_USAGE;
    }
    const char *const word = words[1];
    for (size_t i = 0; i < command_count; ++i) {
        if (strcmp(word, commands[i]->syntax->name) == 0) {
            return (int)run_command(commands[i], count - 1, words + 1);
        }
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        return (int)print_text(write_program_help, NULL);
    }
    if (strcmp(word, "--version") == 0) {
        return (int)print_text(write_version, NULL);
    }
    print_error("unknown %s '%s'; try 'maxsharpe --help'", word[0] == '-' ? "option" : "command", word);
    return EXIT_USAGE;
}
