/* The commands of the program and the statuses it exits with. */
#ifndef MAXSHARPE_COMMAND_H
#define MAXSHARPE_COMMAND_H

#include <stdio.h>

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

/* words[0] is the name of the command. */
exit_status search_command(int count, char **words);
exit_status bench_command(int count, char **words);
exit_status devices_command(int count, char **words);

/* Prints what write_text writes to stdout: EXIT_FOUND, or EXIT_RUN_FAILED with its line on stderr. */
exit_status print_text(void (*write_text)(FILE *out));

#endif
