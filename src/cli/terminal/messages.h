/* What the program says on stderr: one line a message, whatever is quoted in it. */
#ifndef MAXSHARPE_MESSAGES_H
#define MAXSHARPE_MESSAGES_H

#include <stddef.h>

/* "maxsharpe: ..." */
__attribute__((format(printf, 1, 2))) void print_error(const char *format, ...);

/* "maxsharpe: warning: ..." */
void print_warning(const char *text);
void print_warnings(size_t count, const char *const *lines);

#endif
