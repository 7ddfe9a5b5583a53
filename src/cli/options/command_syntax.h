/* All that a command understands: its operand and its table of options, which is both parsed and printed. */
#ifndef MAXSHARPE_COMMAND_SYNTAX_H
#define MAXSHARPE_COMMAND_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/options/option_row.h"

enum { MAX_OPTION_ROWS = 48 };

typedef struct command_syntax {
    const char *name;            /* "search" */
    const char *summary;         /* what it does: a line of the program's help */
    const char *about;           /* its own help between usage and options, with its line breaks */
    const char *notes;           /* and behind the options */
    option_row operand;          /* the one word that is no option; its value NULL: there is none */
    const char *operand_missing; /* what is said without it; NULL: it may be left out */
    const option_row *rows;      /* [row_count], at most MAX_OPTION_ROWS */
    size_t row_count;
    size_t arguments_size;           /* of what the fields of the rows are in */
    void (*begin)(void *arguments);  /* fills in what holds where no word says otherwise */
    bool (*finish)(void *arguments); /* once all words are read: do they agree? False: one line on stderr has said why.
                                        NULL: always */
    void (*end)(void *arguments);    /* frees what they own, whatever became of them; NULL: nothing */
} command_syntax;

/* Reads words[1] .. words[count - 1] into *arguments, of syntax->arguments_size bytes, which syntax->begin has filled.
 */
arguments_outcome command_syntax_parse(const command_syntax *syntax, int count, char **words, void *arguments);

/* " [FILE] [options]" into text; returns text. */
char *describe_operands(const command_syntax *syntax, char *text, size_t size);

/* arguments: as syntax->begin fills them, from which the defaults are told. */
void write_command_help(FILE *out, const command_syntax *syntax, const void *arguments);

#endif
