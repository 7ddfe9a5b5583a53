/* The program maxsharpe: words in, the library's answers out. It stands on the public API alone. */
#include <string.h>

#include "cli/commands/command.h"
#include "cli/terminal/delivery.h"
#include "cli/terminal/messages.h"
#include "cli/terminal/standard_streams.h"
#include "cli/terminal/text_buffer.h"
#include "maxsharpe/maxsharpe.h"

typedef struct command {
    const char *name;
    exit_status (*run)(int count, char **words);
} command;

static const command commands[] = {
    {"search", search_command},
    {"bench", bench_command},
    {"devices", devices_command},
};

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
    print_error("%s", error->message[0] != '\0' ? error->message : mxs_status_string(status));
    return exit_status_of(status);
}

exit_status print_text(void (*write_text)(FILE *out)) {
    text_buffer buffer;
    exit_status outcome = EXIT_RUN_FAILED;
    if (text_buffer_open(&buffer)) {
        write_text(buffer.out);
    }
    if (!text_buffer_close(&buffer)) {
        print_error("not enough memory to print");
    } else if (print_to_standard_output(buffer.text, buffer.size)) {
        outcome = EXIT_FOUND;
    }
    text_buffer_free(&buffer);
    return outcome;
}

static void write_version(FILE *out) {
    (void)fprintf(out, "maxsharpe %s\n", mxs_version());
}

static void write_help(FILE *out) {
    (void)fputs(
        "Usage: maxsharpe search FILE [options]     the portfolio with the highest Sharpe ratio\n"
        "       maxsharpe bench [FILE] [options]    how fast this machine is, by every method\n"
        "       maxsharpe devices                   what a search would use on this machine\n"
        "       maxsharpe COMMAND --help            all about a command\n"
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

int main(int count, char **words) {
    prepare_standard_streams();
    if (count < 2) {
        print_error("no command; try 'maxsharpe --help'");
        return EXIT_USAGE;
    }
    const char *const word = words[1];
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; ++i) {
        if (strcmp(word, commands[i].name) == 0) {
            return (int)commands[i].run(count - 1, words + 1);
        }
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        return (int)print_text(write_help);
    }
    if (strcmp(word, "--version") == 0) {
        return (int)print_text(write_version);
    }
    print_error("unknown %s '%s'; try 'maxsharpe --help'", word[0] == '-' ? "option" : "command", word);
    return EXIT_USAGE;
}
