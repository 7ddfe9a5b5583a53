/* The words behind `maxsharpe bench`. */
#ifndef MAXSHARPE_BENCH_ARGUMENTS_H
#define MAXSHARPE_BENCH_ARGUMENTS_H

#include <stdbool.h>

#include "cli/options/command_syntax.h"
#include "cli/options/report_format.h"
#include "cli/options/search_request.h"
#include "cli/terminal/progress_bar.h"
#include "maxsharpe/market.h"

/* What may be measured, as bits of a mask; and other words for them. */
#define BENCH_PART_LIST(X)         \
    X(PART_PEAKS, 1, "peaks")      \
    X(PART_LADDER, 2, "ladder")    \
    X(PART_SCALING, 4, "scaling")  \
    X(PART_DEALING, 8, "dealing")  \
    X(PART_SIZES, 16, "sizes")     \
    X(PART_GPU, PART_SIZES, "gpu") \
    X(PART_ALL, 31, "all")
typedef enum bench_part { BENCH_PART_LIST(MXS_ENUMERATOR) } bench_part;

typedef struct bench_arguments {
    const char *file;          /* NULL: the market that is made up */
    mxs_market_options market; /* of FILE */
    search_request request;    /* assets_per_portfolio 0, max_weight NaN: not chosen */
    bool quick;
    double seconds; /* of the whole */
    unsigned parts; /* of bench_part */
    report_format format;
    const char *folder; /* of -o; NULL: none */
    progress_mode progress;
} bench_arguments;

extern const command_syntax bench_syntax;

#endif
