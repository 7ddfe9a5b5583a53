/* Kolmogorov and Smirnov's test: is a sample drawn from a distribution, are two samples drawn from the same one? */
#ifndef MAXSHARPE_TEST_KOLMOGOROV_H
#define MAXSHARPE_TEST_KOLMOGOROV_H

#include <stddef.h>

/* Exceeded with a probability below 2 exp(-2 * 2.7^2) = 1e-6 (Kolmogorov's limit, a bound from above up to rounding for
 * samples as large as ours). The tests make some hundreds of such comparisons, so a sound sampler and fresh seeds would
 * fail about once in some thousands of runs; with the fixed seeds the outcome is always the same. */
#define KOLMOGOROV_CRITICAL 2.7

/* sqrt(n) sup |F_n - F|. Sorts the values. F is called with user. */
double kolmogorov_statistic(double *values, size_t count, long double (*distribution)(const void *user, double value),
                            const void *user);

/* sqrt(n m / (n + m)) sup |F_n - G_m|. Sorts both. */
double two_sample_statistic(double *left, size_t left_count, double *right, size_t right_count);

#endif
