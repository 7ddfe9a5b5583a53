/* The value of an option, read and held against its range; one line on stderr where it does not fit. */
#ifndef MAXSHARPE_OPTION_VALUES_H
#define MAXSHARPE_OPTION_VALUES_H

#include <stdbool.h>
#include <stdint.h>

/* name: of the option, without its dashes. */
bool read_count(const char *name, const char *text, uint64_t least, uint64_t most, uint64_t *value);
bool read_number(const char *name, const char *text, double least, double most, double *value);

/* The position in names[count], or -1 with a message that lists them. */
int read_choice(const char *name, const char *text, const char *const *names, int count);
#define READ_CHOICE(name, text, names) read_choice(name, text, names, (int)(sizeof(names) / sizeof((names)[0])))

#endif
