/* All that a benchmark has found, and the forms in which it is told. */
#ifndef MAXSHARPE_BENCH_RECORD_H
#define MAXSHARPE_BENCH_RECORD_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/bench/bench_dealing.h"
#include "cli/bench/bench_ladder.h"
#include "cli/bench/bench_machine.h"
#include "cli/bench/bench_peaks.h"
#include "cli/bench/bench_scaling.h"
#include "cli/bench/bench_sizes.h"

typedef struct bench_record {
    bool complete; /* no signal ended it */
    bool quick;
    size_t repeats;
    double seconds; /* that the whole took */
    bench_machine machine;
    const mxs_market_info *market;
    const mxs_problem_info *problem; /* as the library understood it */
    const mxs_search_info *search;
    unsigned workers;
    int gpu; /* that GPU figures are of; -1: none */
    bench_peaks peaks;
    bench_ladder ladder;
    bench_scaling scaling;
    bench_dealing dealing;
    bench_sizes sizes;
} bench_record;

/* Share of the measured sgemm peak that a rung's useful work is; NaN where it is not known. */
double rung_peak_share(const bench_record *record, const ladder_rung *rung);

/* Share of the measured memory bandwidth of a GPU for which weights pass through memory: of 4 K bytes a simulation
 * written once and read twice, by the returns and by the variances. NaN for the others. */
double rung_memory_share(const bench_record *record, const ladder_rung *rung);

/* For people: at most 100 columns. */
void write_bench_text(FILE *out, const bench_record *record);

/* The object "maxsharpe.bench/1" of the manual page. False: out of memory. */
bool write_bench_json(FILE *out, const bench_record *record);

#endif
