/* A table of options that is both parsed and printed: getopt_long with our own one-line messages. */
#ifndef MAXSHARPE_OPTION_WORDS_H
#define MAXSHARPE_OPTION_WORDS_H

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct option_row {
    int id;            /* what the parser returns: from FIRST_OPTION_ID on */
    char letter;       /* 0: it has none */
    const char *name;  /* without the dashes; NULL: no option but a heading, in help */
    const char *value; /* what stands for its value in the help, or NULL: it takes none */
    const char *help;  /* lines are parted by \n */
} option_row;

enum {
    FIRST_OPTION_ID = 1000,
    OPTION_OPERAND = 1, /* a word that is no option: *value */
    OPTION_END = -1,
    OPTION_BAD = '?', /* one line on stderr has said why */
    MAX_OPTION_ROWS = 48
};

typedef struct option_parser {
    const char *command; /* named in messages: "search" */
    const option_row *rows;
    int row_count;
    int count;
    char **words;
    bool ended;
    char letters[2 * MAX_OPTION_ROWS + 3];
    struct option options[MAX_OPTION_ROWS + 1];
} option_parser;

void option_parser_begin(option_parser *parser, const char *command, const option_row *rows, int row_count, int count,
                         char **words);

/* The id of the next option, with *value where it takes one; OPTION_OPERAND; OPTION_BAD; or OPTION_END. */
int option_parser_next(option_parser *parser, const char **value);

/* The row's name as messages quote it: "--assets". The rows of a parser hold the id. */
const char *option_parser_name(const option_parser *parser, int id);

void print_option_help(FILE *out, const option_row *rows, int row_count);

#endif
