/* The commands of the program and the statuses it exits with. */
#ifndef MAXSHARPE_COMMAND_H
#define MAXSHARPE_COMMAND_H

#include <stddef.h>
#include <stdio.h>

#include "cli/options/command_syntax.h"
#include "maxsharpe/status.h"

typedef enum exit_status {
    EXIT_FOUND = 0,        /* done, and the answer has arrived where it was to go */
    EXIT_RUN_FAILED = 1,   /* the run, or writing its result, failed */
    EXIT_USAGE = 2,        /* the words of the command line cannot be used */
    EXIT_BAD_DATA = 3,     /* the input file cannot be used */
    EXIT_INFEASIBLE = 4,   /* no portfolio can satisfy the problem */
    EXIT_INTERRUPTED = 130 /* as the shell says it of a program that SIGINT ended */
} exit_status;

exit_status exit_status_of(mxs_status status);

/* Prints what a function of the library has failed with; returns its exit status. */
exit_status print_failure(const mxs_error *error, mxs_status status);

/* arguments: what the words behind it have been read into. */
typedef struct command {
    const command_syntax *syntax;
    exit_status (*run)(void *arguments);
} command;

extern const command search_command;
extern const command bench_command;
extern const command devices_command;
extern const command completion_command;

/* All commands, in the order in which help and completion list them. */
extern const command *const commands[];
extern const size_t command_count;

/* Prints what write_text writes of `what` to stdout: EXIT_FOUND, or EXIT_RUN_FAILED with its line on stderr. */
exit_status print_text(void (*write_text)(FILE *out, const void *what), const void *what);

#endif
