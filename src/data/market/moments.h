/* Mean and covariance, the same bits on every machine. */
#ifndef MAXSHARPE_MOMENTS_H
#define MAXSHARPE_MOMENTS_H

#include <stddef.h>

/* returns     [periods][assets], row-major; periods >= 2, assets >= 1
 * mean        [assets]: sum over t ascending, divided by periods
 * covariance  [assets][assets], row-major: two passes; each element is the sum over t ascending of the product of the
 *             deviations from the mean, divided by periods - 1
 * Each element's sum has one order, whatever the blocking, and nothing is fused: this file must be compiled without
 * contraction. Returns 0, or -1: out of memory. */
int mxsi_moments_compute(const double *returns, size_t periods, size_t assets, double *mean, double *covariance);

#endif
