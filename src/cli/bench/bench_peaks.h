/* What the machine can do at most, measured in the same session as what is held against it. */
#ifndef MAXSHARPE_BENCH_PEAKS_H
#define MAXSHARPE_BENCH_PEAKS_H

#include "cli/bench/bench_sample.h"
#include "cli/bench/bench_session.h"

typedef struct bench_peak {
    char reason[BENCH_REASON_SIZE]; /* why there is none; "" where there is */
    bench_sample flops;             /* of single-precision matrix products, a second */
    bench_sample bandwidth;         /* bytes a second of a copy */
} bench_peak;

typedef struct bench_peaks {
    bool asked;
    unsigned processes; /* of the CPU's */
    bench_peak cpu;
    bench_peak gpu;
} bench_peaks;

/* Takes about so many seconds for the CPU; a GPU takes what it takes. */
void bench_peaks_measure(bench_session *session, double seconds, bench_peaks *peaks);

#endif
