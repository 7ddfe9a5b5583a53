#include "screening/risk_error.h"

#include <math.h>
#include <stdlib.h>

/* sum of a_i b_i, in eight parts that compilers vectorise */
static double dot(const double *a, const double *b, size_t n) {
    double parts[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        for (size_t j = 0; j < 8; ++j) {
            parts[j] += a[i + j] * b[i + j];
        }
    }
    double sum = ((parts[0] + parts[1]) + (parts[2] + parts[3])) + ((parts[4] + parts[5]) + (parts[6] + parts[7]));
    for (; i < n; ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

/* Whether covariance / largest + shift I has a Cholesky factor, which goes into factor[n][n]. */
static int has_factor(const double *covariance, size_t n, double largest, double shift, double *factor) {
    for (size_t i = 0; i < n; ++i) {
        double *row = factor + i * n;
        for (size_t j = 0; j < i; ++j) {
            const double *other = factor + j * n;
            row[j] = (covariance[i * n + j] / largest - dot(row, other, j)) / other[j];
        }
        const double square = covariance[i * n + i] / largest + shift - dot(row, row, i);
        if (!(square > 0.0)) {
            return 0;
        }
        row[i] = sqrt(square);
    }
    return 1;
}

int mxsi_risk_error(const struct mxsi_problem *problem, double *error) {
    if (problem->returns != NULL) {
        *error = 1.1 * ((double)problem->periods + 1.0) * 0x1p-53;
        return 0;
    }
    enum { MOST_ASSETS = 1024 };
    *error = HUGE_VAL;
    if (problem->assets > MOST_ASSETS) {
        return 0;
    }
    static const double shifts[] = {0x1p-40, 0x1p-30, 0x1p-20};
    const size_t n = problem->assets;
    double *factor = malloc(n * n * sizeof *factor);
    if (factor == NULL) {
        return -1;
    }
    double largest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        largest = fmax(largest, problem->covariance[i * n + i]);
    }
    for (size_t i = 0; i < sizeof shifts / sizeof *shifts && *error == HUGE_VAL; ++i) {
        if (has_factor(problem->covariance, n, largest, shifts[i], factor)) {
            *error = shifts[i] + 1.1 * (double)n * ((double)n + 4.0) * 0x1p-53;
        }
    }
    free(factor);
    return 0;
}
