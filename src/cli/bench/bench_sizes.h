/* GPU against CPU over sizes of the problem: what each takes, from where on the GPU is faster, and how much of its time
 * is its start. */
#ifndef MAXSHARPE_BENCH_SIZES_H
#define MAXSHARPE_BENCH_SIZES_H

#include "cli/bench/bench_fit.h"
#include "cli/bench/bench_sample.h"
#include "cli/bench/bench_session.h"

enum { SIZE_ROWS = 16, SIZE_SERIES = 3 };

typedef struct size_row {
    size_t assets_per_portfolio;
    uint64_t simulations_per_portfolio;
    uint64_t portfolios;
    double simulations; /* of all of them */
    bench_sample cpu;   /* seconds of a run */
    bench_sample gpu;
} size_row;

/* One dimension that grows. */
typedef struct size_series {
    const char *name;
    size_row rows[SIZE_ROWS];
    size_t count;
    char reason[BENCH_REASON_SIZE]; /* why it ends early or is empty; "" where it does not */
    bool fitted;                    /* its rows differ in nothing but the number of simulations */
    time_fit cpu;
    time_fit gpu;
    double crossover; /* simulations from which on the GPU is faster; 0: at every size; HUGE_VAL: at none; NaN: there
                         are not two backends */
} size_series;

typedef struct bench_sizes {
    bool asked;
    char gpu_reason[BENCH_REASON_SIZE]; /* why there are no GPU figures; "" where there are */
    size_series series[SIZE_SERIES];
} bench_sizes;

void bench_sizes_measure(bench_session *session, bench_sizes *sizes);

#endif
