/* How far a covariance is from a positive semidefinite matrix at most. */
#ifndef MAXSHARPE_RISK_ERROR_H
#define MAXSHARPE_RISK_ERROR_H

#include "problem/problem.h"

/* The bound e, in units of the largest variance, for which Sigma = P + E with P positive semidefinite and |E_ij| <= e,
 * or Sigma + e I positive semidefinite. Returns 0; -1: out of memory. *error: HUGE_VAL where no small one is known.
 *
 * Of returns: Sigma is a sum of T products of centred returns, whatever numbers those are, so P is their exact Gram
 * matrix and E the rounding of T products, T - 1 additions and a division: (T + 1) 2^-53 to first order.
 * Of moments: Cholesky's factorisation of Sigma + e I in double. Where it succeeds, Sigma + e I is positive
 * semidefinite but for an n (n + 1) 2^-53 (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2002,
 * theorem 10.3), and for 3 n 2^-53 by which its elements are rounded before. Beyond 1024 assets that would take longer
 * than it saves, and nothing is known.
 *
 * The largest variance is taken to be far above the least normal number: mxsi_problem_build sees to that. */
int mxsi_risk_error(const struct mxsi_problem *problem, double *error);

#endif
