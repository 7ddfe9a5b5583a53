/* What is to be as high as can be: one table of functions an objective. Its value in double decides; how a method rules
 * portfolios out before that is the method's business (see screening/screening_build.h). */
#ifndef MAXSHARPE_OBJECTIVE_H
#define MAXSHARPE_OBJECTIVE_H

#include <stddef.h>

#include "maxsharpe/types.h"
#include "problem/problem.h"

/* A portfolio's figures, per year. */
struct mxsi_score {
    double expected_return;
    double volatility;
    double value; /* of the objective */
};

struct mxsi_objective {
    /* assets[count]: indices below N; weights[count]. Returns 0; -1, and *score as it was, where there is no value,
     * because the variance is zero. */
    int (*score)(const struct mxsi_problem *problem, const size_t *assets, const double *weights, size_t count,
                 struct mxsi_score *score);
};

/* NULL for a value that is no objective. */
const struct mxsi_objective *mxsi_objective_of(uint32_t objective);

#endif
