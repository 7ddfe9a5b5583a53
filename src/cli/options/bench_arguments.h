/* The words behind `maxsharpe bench`. */
#ifndef MAXSHARPE_BENCH_ARGUMENTS_H
#define MAXSHARPE_BENCH_ARGUMENTS_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/options/search_arguments.h"
#include "cli/options/search_request.h"
#include "cli/terminal/progress_bar.h"
#include "maxsharpe/maxsharpe.h"

/* What may be measured; a mask. */
typedef enum bench_part {
    PART_PEAKS = 1,
    PART_LADDER = 2,
    PART_SCALING = 4,
    PART_DEALING = 8,
    PART_SIZES = 16,
    PART_ALL = 31
} bench_part;

typedef struct bench_arguments {
    const char *file;          /* NULL: the market that is made up */
    mxs_market_options market; /* of FILE */
    search_request request;    /* assets_per_portfolio 0: not chosen */
    bool chose_max_weight;
    bool quick;
    double seconds; /* of the whole */
    unsigned parts; /* of bench_part */
    report_format format;
    const char *folder; /* of -o; NULL: none */
    progress_mode progress;
} bench_arguments;

/* words[0] is the name of the command. */
arguments_outcome bench_arguments_parse(int count, char **words, bench_arguments *arguments);

/* The help text of the command; its table of options is the one that is parsed. */
void bench_arguments_print_help(FILE *out);

#endif
