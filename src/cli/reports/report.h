/* What a report is made of, and the three forms it has. */
#ifndef MAXSHARPE_REPORT_H
#define MAXSHARPE_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "maxsharpe/maxsharpe.h"

enum { WARNING_SOURCES = 3 };

/* The lines that one handle warns of. */
typedef struct warning_list {
    size_t count;
    const char *const *lines;
} warning_list;

typedef struct search_report {
    const mxs_market_info *market;
    const mxs_problem *problem;
    const mxs_result_info *result;
    bool stats; /* the text has a table of the workers */
} search_report;

/* The warnings of market, problem and result, in this order. */
static inline void report_warnings(const search_report *report, warning_list lists[WARNING_SOURCES]) {
    lists[0] = (warning_list){report->market->warning_count, report->market->warnings};
    lists[1] = (warning_list){report->problem->warning_count, report->problem->warnings};
    lists[2] = (warning_list){report->result->warning_count, report->result->warnings};
}

/* Seconds of a worker that are neither sampling nor returns nor variances: gathering moments, screening, the re-score
 * in double. */
static inline double other_seconds(const mxs_worker_stats *worker) {
    const double rest = worker->seconds - worker->sampling_seconds - worker->return_seconds - worker->variance_seconds;
    return rest > 0 ? rest : 0;
}

/* For people: about 80 columns. False: out of memory. */
bool write_text_report(FILE *out, const search_report *report);

/* The object "maxsharpe.result/1" of the manual page. False: out of memory. */
bool write_json_report(FILE *out, const search_report *report);

/* Quoted as in RFC 4180, lines as everywhere on Unix:
 * position,rank,tile,attempt,sharpe,expected_return,volatility,ticker,weight; one row for each asset of each portfolio.
 */
void write_csv_report(FILE *out, const search_report *report);

#endif
