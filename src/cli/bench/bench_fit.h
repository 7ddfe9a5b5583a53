/* A straight line through measured times: what a run costs before its first simulation, and what each one costs. */
#ifndef MAXSHARPE_BENCH_FIT_H
#define MAXSHARPE_BENCH_FIT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct time_fit {
    bool made;
    double start; /* seconds */
    double rate;  /* simulations a second after it */
} time_fit;

/* seconds[i] = start + simulations[i] / rate, by least squares of the relative errors, so that short runs say as much
 * as long ones; start >= 0. Not made of fewer than two points, or where time does not grow. */
time_fit fit_times(const double *simulations, const double *seconds, size_t count);

/* Where one curve of times falls below the other: simulations, interpolated between the sizes on a log-log scale.
 * 0: `late` is faster at the smallest size already; HUGE_VAL: at none. */
double crossing(const double *simulations, const double *early, const double *late, size_t count);

#endif
