/* Which simulations cannot win, seen without their variance.
 *
 * In the units of screen_bound.h, with weights w >= 0 of sum 1 and q = w'r w, a simulation can win only if its ratio
 * n / sqrt(q) reaches the bar b. The root of a variance lies above every plane that touches it: for any v,
 *
 *     sqrt(q) >= (r v)'w / sqrt(v'r v)      (Cauchy and Schwarz, r positive semidefinite)
 *
 * and below the weighted mean of the volatilities, sum w_i sqrt(r_ii). So whoever reaches a bar b >= 0 has
 * g'w >= b floor'w with floor = r v / sqrt(v'r v), and for b < 0 g'w >= b ceiling'w with ceiling_i = sqrt(r_ii): one
 * linear function, slope = g - b floor (or ceiling), decides: where slope'w < 0 the variance need not be computed. With
 * v the mean of all assets the floor is within some per cent of the volatility of most simulations, and a bar that
 * has seen some thousand simulations rules out nearly all others.
 *
 * What is computed is not what is meant, so margins are taken off the floor and added to the ceiling, all in units of
 * the largest variance:
 *  - r differs from a positive semidefinite matrix by at most risk_error an element (see risk_error.h), or an
 *    error e times the identity, which is less: v'r w and v'r v move by at most e sum v, e (sum v)^2.
 *  - The double decision has a variance of its own rounding, at most (2 K + 8) 2^-53 off. With e, that moves sqrt(q)
 *    by at most the root of their sum.
 *  - slope is rounded to float, and slope'x is summed up in float over x = weights times their sum s, or over the
 *    spacings that x is made of: an error of at most (2 K + 16) 2^-24 max |slope| s, as for n in screen_bound.h, and
 *    what the decision in double may lose to cancellation in n: excess_slack max(1, max |slope|) s covers both. As
 *    s = sum x, it is added to every slope_i, and whatever comes out below zero is ruled out.
 *
 * Simulations of zero variance have to be found, whatever their return. So there is a floor only where it is above zero
 * for every asset by more than the decision's own threshold (a variance of 1e-14): then there are none. v is chosen for
 * that: from the mean of all assets it is moved towards those that would be below. */
#ifndef MAXSHARPE_VOLATILITY_FLOOR_H
#define MAXSHARPE_VOLATILITY_FLOOR_H

#include <stddef.h>

#include "problem/problem.h"
#include "screening/screening.h"

/* Works out floor[N] and ceiling[N], for screening->floor and ceiling. Returns 1 where they can rule simulations out, 0
 * where nothing can. For N assets up to some N moves of N steps each: once a problem. */
int mxsi_volatility_floor_build(const struct mxsi_problem *problem, double risk_error, double *floor, double *ceiling);

/* What a worker makes of them: the slope for its own bar. */
struct mxsi_volatility_floor {
    const struct mxsi_screening *screening;
    uint32_t assets;
    int rules_out; /* 1: there is a floor, and a bar */
    double *slope; /* [N] for the bar that was set last */
    double slack;  /* per unit of sum, likewise */
};

/* Bytes of memory that a slope of n assets works in. */
size_t mxsi_volatility_floor_size(uint32_t n);

/* memory: mxsi_volatility_floor_size(N) bytes, 64-byte aligned; it stays the caller's. No bar is set. */
void mxsi_volatility_floor_init(struct mxsi_volatility_floor *floor, const struct mxsi_problem *problem,
                                const struct mxsi_screening *screening, void *memory);

/* Works the slope out for a bar in the unit of screen_bound.h; -HUGE_VALF: there is none. */
void mxsi_volatility_floor_set_bar(struct mxsi_volatility_floor *floor, float bar);

/* The slope of a portfolio, slope[K] of its assets[K], with the slack: simulations whose sum of slope_i x_i is below
 * zero are ruled out. x: the weights times their sum, or, where of_spacings is set, the spacings that become w =
 * min_weight + (1 - K min_weight) e / sum e. */
void mxsi_volatility_floor_slope(const struct mxsi_volatility_floor *floor, const struct mxsi_problem *problem,
                                 const uint32_t *assets, int of_spacings, float *slope);

#endif
