/* What a benchmark found: figures and checks, as JSON for the record and as a table for the reader. */
#ifndef MAXSHARPE_BENCH_REPORT_H
#define MAXSHARPE_BENCH_REPORT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BENCH_SCHEMA "maxsharpe.bench.gpu/1"

enum { BENCH_MAX_RUNS = 64 };

/* Repeated measurements of one thing. */
struct bench_sample {
    int runs;
    double values[BENCH_MAX_RUNS];
};

struct bench_figure {
    const char *name;
    const char *unit;
    double median, min, max;
    int runs;
    double target;                 /* NaN: none */
    int is_higher_better;          /* what meeting the target means */
    double simulations_per_second; /* 0: not a rate of simulations */
    const char *note;              /* what else a reader must know; NULL: nothing */
};

/* The figure of a sample whose values are multiplied by `scale`. Sorts the sample. */
struct bench_figure bench_figure_of(const char *name, const char *unit, struct bench_sample *sample, double scale);

/* An empty report; `date` as 2024-08-01T12:00:00Z. NULL: out of memory. */
json_t *bench_report_create(const char *date);

void bench_report_add(json_t *report, const struct bench_figure *figure);

/* outcome: "pass", "fail" or "skip", or a longer word of what failed. */
void bench_report_check(json_t *report, const char *name, const char *outcome);

/* 1 where no check failed. */
int bench_report_is_clean(const json_t *report);

/* The table on stdout. */
void bench_report_print(const json_t *report);

/* Writes beside `path`, then renames. Returns 0, or -1 after a line on stderr. */
int bench_report_write(const json_t *report, const char *path);

#ifdef __cplusplus
}
#endif

#endif
