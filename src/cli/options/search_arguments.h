/* The words behind `maxsharpe search` -> options of the library and of the report. */
#ifndef MAXSHARPE_SEARCH_ARGUMENTS_H
#define MAXSHARPE_SEARCH_ARGUMENTS_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/options/search_request.h"
#include "cli/terminal/progress_bar.h"
#include "maxsharpe/maxsharpe.h"

typedef enum report_format { REPORT_TEXT, REPORT_JSON, REPORT_CSV } report_format;

typedef struct ticker_list {
    char **items; /* [count], owned */
    size_t count;
} ticker_list;

typedef struct search_arguments {
    const char *file;
    mxs_market_options market; /* points into the lists below and into the words themselves */
    search_request search;
    ticker_list include;
    ticker_list exclude;
    int *devices;    /* [search.run.device_count], owned: what search.run.devices points to */
    bool names_gpus; /* --devices was among the words */
    report_format format;
    const char *output; /* NULL: stdout */
    progress_mode progress;
    bool stats;
} search_arguments;

typedef enum arguments_outcome {
    ARGUMENTS_RUN,  /* *arguments says what to do */
    ARGUMENTS_HELP, /* --help was among the words */
    ARGUMENTS_BAD   /* one line on stderr has said why */
} arguments_outcome;

/* words[0] is the name of the command. Free *arguments in every case with search_arguments_free. */
arguments_outcome search_arguments_parse(int count, char **words, search_arguments *arguments);

void search_arguments_free(search_arguments *arguments);

/* The help text of the command; its table of options is the one that is parsed. */
void search_arguments_print_help(FILE *out);

#endif
