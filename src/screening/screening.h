/* How simulations are screened in float: what it takes to see that one cannot win, the same for all who do it. */
#ifndef MAXSHARPE_SCREENING_H
#define MAXSHARPE_SCREENING_H

#include <stdint.h>

/* Fixed widths, no padding that matters: all but the pointers is copied into shared memory as it is. */
struct mxsi_screening {
    double value_scale;   /* the objective = value_scale * screened ratio: see screen_bound.h */
    double risk_error;    /* how far Sigma is from positive semidefinite at most, in units of its largest variance */
    float excess_slack;   /* the proven error of a screened excess return, in units of the sum */
    float variance_slack; /* the proven error of a screened variance, in units of the sum squared */
    uint32_t has_floor;   /* 1: the two last arrays can rule simulations out: see volatility_floor.h */
    uint32_t unused;      /* 0: whole words of eight bytes */

    const float *excess;   /* [N] (A mu - rf) / largest |A mu - rf| */
    const float *risk;     /* [N][N] Sigma / largest Sigma_ii */
    const double *floor;   /* [N] what the volatility of a portfolio is at least, an asset's part of it */
    const double *ceiling; /* [N] and at most */
};

#endif
