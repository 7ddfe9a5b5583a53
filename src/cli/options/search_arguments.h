/* The words behind `maxsharpe search`. */
#ifndef MAXSHARPE_SEARCH_ARGUMENTS_H
#define MAXSHARPE_SEARCH_ARGUMENTS_H

#include <stdbool.h>

#include "cli/options/command_syntax.h"
#include "cli/options/option_lists.h"
#include "cli/options/report_format.h"
#include "cli/options/search_request.h"
#include "cli/terminal/progress_bar.h"
#include "maxsharpe/market.h"

typedef struct search_arguments {
    const char *file;
    mxs_market_options market; /* these point into the lists below and into the words themselves */
    search_request request;
    count_range portfolios;
    ticker_list include;
    ticker_list exclude;
    gpu_list gpus;
    report_format format;
    const char *output; /* NULL: stdout */
    progress_mode progress;
    bool stats;
} search_arguments;

extern const command_syntax search_syntax;

#endif
