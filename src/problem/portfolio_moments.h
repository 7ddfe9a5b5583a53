/* A portfolio's expected return, volatility and Sharpe ratio in double: the one place where they are computed, so that
 * whoever evaluates the same weights gets the same bits. */
#ifndef MAXSHARPE_PORTFOLIO_MOMENTS_H
#define MAXSHARPE_PORTFOLIO_MOMENTS_H

#include <stddef.h>

/* mean        [n], per period
 * covariance  [n][n], row-major, per period squared
 * assets      [count] indices below n
 * weights     [count]
 *     *expected_return = periods_per_year * sum_i w_i mu_i
 *     *volatility      = sqrt(periods_per_year * sum_i w_i sum_j Sigma_ij w_j)
 *     *sharpe          = (*expected_return - risk_free) / *volatility
 * The sums run over i and j ascending, nothing is fused. Returns 0, or -1 and leaves the outputs alone where the
 * variance is zero: not above 1e-14 (sum_i |w_i| sqrt(Sigma_ii))^2, which is all that rounding leaves of the variance
 * of positions that cancel. */
int mxsi_evaluate_weights(const double *mean, const double *covariance, size_t n, const size_t *assets,
                          const double *weights, size_t count, double risk_free, double periods_per_year,
                          double *expected_return, double *volatility, double *sharpe);

#endif
