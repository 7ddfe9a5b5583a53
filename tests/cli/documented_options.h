/* The options of a command as its help, the manual page and the README tell them, taken apart. */
#ifndef MAXSHARPE_TESTS_DOCUMENTED_OPTIONS_H
#define MAXSHARPE_TESTS_DOCUMENTED_OPTIONS_H

#include <stddef.h>

enum { MAX_DOCUMENTED_OPTIONS = 64 };

typedef struct documented_option {
    char letter;     /* 0: none */
    char name[40];   /* "assets" */
    char value[80];  /* "K", "fresh|shared"; "": it takes none */
    char preset[80]; /* the default, "": none; of the manual page: not taken apart */
    char text[1400]; /* what is said of it, as one line without markup */
} documented_option;

typedef struct option_list {
    documented_option items[MAX_DOCUMENTED_OPTIONS];
    size_t count;
} option_list;

/* Of `maxsharpe COMMAND --help`. */
void read_help_options(const char *command, option_list *options);

/* Of the section "Options of COMMAND". Options that share an item share its text. */
void read_manual_options(const char *command, option_list *options);

/* Of the table of options, which is of search. The defaults in parentheses are those of the options of a row that have
 * one in `help`, in their order; one too many fails the test. */
void read_readme_options(const option_list *help, option_list *options);

/* The option of that name; fails the test where there is none. */
const documented_option *option_named(const option_list *options, const char *name);

#endif
