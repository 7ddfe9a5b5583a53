#include "support/kolmogorov.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *left, const void *right) {
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

double kolmogorov_statistic(double *values, size_t count, long double (*distribution)(const void *user, double value),
                            const void *user) {
    qsort(values, count, sizeof *values, compare);
    const long double n = (long double)count;
    long double widest = 0.0L;
    for (size_t i = 0; i < count; ++i) {
        const long double expected = distribution(user, values[i]);
        widest = fmaxl(widest, fmaxl(expected - (long double)i / n, (long double)(i + 1) / n - expected));
    }
    return (double)(widest * sqrtl(n));
}

double two_sample_statistic(double *left, size_t left_count, double *right, size_t right_count) {
    qsort(left, left_count, sizeof *left, compare);
    qsort(right, right_count, sizeof *right, compare);
    const double n = (double)left_count;
    const double m = (double)right_count;
    double widest = 0.0;
    size_t i = 0;
    size_t j = 0;
    while (i < left_count && j < right_count) {
        const double value = fmin(left[i], right[j]);
        while (i < left_count && left[i] <= value) {
            ++i;
        }
        while (j < right_count && right[j] <= value) {
            ++j;
        }
        widest = fmax(widest, fabs((double)i / n - (double)j / m));
    }
    return widest * sqrt(n * m / (n + m));
}
