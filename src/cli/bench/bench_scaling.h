/* How much faster more processes are, and whether each of them is as fast as one alone. */
#ifndef MAXSHARPE_BENCH_SCALING_H
#define MAXSHARPE_BENCH_SCALING_H

#include "cli/bench/bench_sample.h"
#include "cli/bench/bench_session.h"

enum { SCALING_TABLES = 2, SCALING_ROWS = 32 };

typedef struct scaling_row {
    unsigned workers;
    bench_sample seconds; /* of the run */
    /* Mean seconds of a worker, from its start to its end. */
    bench_sample worker;
    bench_sample sampling;
    bench_sample returns;
    bench_sample variances;
} scaling_row;

/* One evaluator, the same simulations in every row. */
typedef struct scaling_table {
    mxs_evaluator evaluator;
    char reason[BENCH_REASON_SIZE]; /* why there are no figures; "" where there are */
    uint64_t portfolios;
    uint64_t simulations;
    scaling_row rows[SCALING_ROWS];
    size_t count;
} scaling_table;

typedef struct bench_scaling {
    bool asked;
    unsigned cores; /* that we may use */
    scaling_table tables[SCALING_TABLES];
} bench_scaling;

/* Median seconds of one worker over those of this row. */
double scaling_speed_up(const scaling_table *table, const scaling_row *row);

/* The speed-up over what so many workers can have: their number, or the cores where these are fewer. */
double scaling_efficiency(const bench_scaling *scaling, const scaling_table *table, const scaling_row *row);

/* Nanoseconds that one worker takes for one simulation: the same in all rows where workers do not slow each other. */
double scaling_nanoseconds(const scaling_table *table, const scaling_row *row);

/* Times 1, 2, 4 ... workers, the session's, and up to twice these. */
void bench_scaling_measure(bench_session *session, unsigned cores, bench_scaling *scaling);

#endif
