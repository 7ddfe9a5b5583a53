/* A quantity that is measured several times, and what is told of it: median, smallest, largest. */
#ifndef MAXSHARPE_BENCH_SAMPLE_H
#define MAXSHARPE_BENCH_SAMPLE_H

#include <stddef.h>

enum { SAMPLE_LIMIT = 32 };

typedef struct bench_sample {
    double values[SAMPLE_LIMIT]; /* [count], ascending */
    size_t count;
} bench_sample;

/* One more value; beyond SAMPLE_LIMIT it is dropped. */
void sample_add(bench_sample *sample, double value);

/* NaN where there is no value. Of an even number of values the median is the mean of the middle two. */
double sample_median(const bench_sample *sample);
double sample_least(const bench_sample *sample);
double sample_most(const bench_sample *sample);

#endif
