/* How a text that is complete gets to the user: to its place or, where that does not take it, to another. */
#ifndef MAXSHARPE_DELIVERY_H
#define MAXSHARPE_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/terminal/output_file.h"

/* Writes to stdout. False: one line on stderr has said why it did not arrive. */
bool print_to_standard_output(const char *text, size_t size);

/* Writes a report, which may be the work of hours, to the file or, where that is NULL, to stdout. What a file does not
 * take goes to stdout; what stdout does not take goes to stderr where that is a terminal. False: it is not where it was
 * to go, and one line on stderr has said why, and where it is instead. */
bool deliver_report(const output_file *output, const char *text, size_t size);

#endif
