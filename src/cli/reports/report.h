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
    const mxs_market *market_handle; /* for mxs_market_dropped */
    const mxs_market_info *market;
    const mxs_problem_info *problem;
    const mxs_search_info *search;
    const mxs_result *result;
    bool stats; /* the text has a table of the workers */
} search_report;

/* The warnings of market, problem and result, in this order. */
static inline void report_warnings(const search_report *report, warning_list lists[WARNING_SOURCES]) {
    lists[0] = (warning_list){report->market->warning_count, report->market->warnings};
    lists[1] = (warning_list){report->problem->warning_count, report->problem->warnings};
    const mxs_result_info *const result = mxs_result_describe(report->result);
    lists[2] = (warning_list){result->warning_count, result->warnings};
}

/* The engine that did the most of a run. */
static inline const mxs_engine_stats *result_main_engine(const mxs_result *result) {
    const mxs_engine_stats *most = mxs_result_engine(result, 0);
    for (size_t i = 1; i < mxs_result_describe(result)->engine_count; ++i) {
        const mxs_engine_stats *const engine = mxs_result_engine(result, i);
        most = engine->simulations_done > most->simulations_done ? engine : most;
    }
    return most;
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
