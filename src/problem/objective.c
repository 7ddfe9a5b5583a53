#include "problem/objective.h"

#include "problem/portfolio_moments.h"

static int score_sharpe(const struct mxsi_problem *problem, const size_t *assets, const double *weights, size_t count,
                        struct mxsi_score *score) {
    return mxsi_evaluate_weights(problem->mean, problem->covariance, problem->assets, assets, weights, count,
                                 problem->risk_free, problem->periods_per_year, &score->expected_return,
                                 &score->volatility, &score->value);
}

static const struct mxsi_objective objectives[] = {
    [MXS_OBJECTIVE_SHARPE] = {.score = score_sharpe},
};

const struct mxsi_objective *mxsi_objective_of(uint32_t objective) {
    return objective < sizeof objectives / sizeof *objectives ? &objectives[objective] : NULL;
}
