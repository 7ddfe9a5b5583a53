/* Why a search in float finds the answer of a search in double.
 *
 * Backends compute, for x proportional to the weights and s = sum x,
 *
 *     n = sum_i g_i x_i          g = (A mu - rf) / G,   G = largest |A mu - rf|
 *     q = sum_ij r_ij x_i x_j    r = Sigma / V,         V = largest Sigma_ii
 *
 * in float, in any order of operations that adds up no more than K terms at a time (q as sum_i x_i sum_j r_ij x_j);
 * Sharpe ratio = (G / sqrt(A V)) n / sqrt(q). By the standard model of rounding (N. J. Higham, Accuracy and Stability
 * of Numerical Algorithms, 2002, section 3.1; unit u = 2^-24), with x_i itself off by at most (K + 10) u relative (the
 * longest of the samplers' computations; all their terms are positive) and |g_i| <= 1, |r_ij| <= 1,
 *
 *     |n - n exact| <= (2 K + 16) u s        |q - q exact| <= (4 K + 32) u s^2
 *
 * to first order; a tenth is added for the higher orders, for s itself and for applying the bound. So
 *
 *     (n + slack_n s) / sqrt(q -+ slack_q s^2)   (minus where the numerator is positive)
 *
 * is at least the exact ratio; where q - slack_q s^2 <= 0, whatever the sign of n, nothing is known and the candidate
 * is kept: so every simulation of zero variance is looked at in double, and named, in every division of the work. One
 * can win only if this upper bound reaches the best Sharpe ratio so far in double, lowered by a relative 2^-20 for the
 * last three roundings and for the double computation. What reaches it is computed again in double.
 *
 * Where all A mu_i are close to rf, the double computation itself loses digits to the subtraction: up to
 * (2 K + 16) 2^-53 (A largest |mu_i| + |rf|), which is slack_n's too. */
#ifndef MAXSHARPE_SCREEN_BOUND_H
#define MAXSHARPE_SCREEN_BOUND_H

#include <math.h>
#include <stdint.h>

/* cancellation: (A largest |mu_i| + |rf|) / G */
static inline float mxsi_excess_slack(uint32_t k, double cancellation) {
    return (float)(1.1 * (2.0 * k + 16.0) * (0x1p-24 + cancellation * 0x1p-53));
}

static inline float mxsi_variance_slack(uint32_t k) {
    return (float)(1.1 * (4.0 * k + 32.0) * 0x1p-24);
}

/* The same for a variance that is one sum over K (K + 1)/2 packed products x_i x_j: each has at most that many
 * roundings of additions on its way, and 2 K + 32 others. */
static inline float mxsi_packed_variance_slack(uint32_t k) {
    const double terms = 0.5 * k * (k + 1.0);
    return (float)(1.1 * (terms + 2.0 * k + 32.0) * 0x1p-24);
}

/* The float that an upper bound must reach for the Sharpe ratio `bar` (in double) to be in reach. */
static inline float mxsi_screen_bar(double bar, double sharpe_scale) {
    const double ratio = bar / sharpe_scale;
    const double lowered = ratio - fabs(ratio) * 0x1p-20;
    return nextafterf((float)lowered, -HUGE_VALF);
}

#endif
