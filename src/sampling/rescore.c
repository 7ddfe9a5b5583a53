#include "sampling/rescore.h"

#include "base/arena.h"
#include "problem/portfolio_moments.h"
#include "sampling/draw.h"

size_t mxsi_rescorer_size(uint32_t k) {
    return mxsi_whole_lines(k * sizeof(size_t)) + 2 * mxsi_whole_lines(k * sizeof(uint32_t)) +
           mxsi_whole_lines(k * sizeof(double)) + mxsi_whole_lines(mxsi_draw_scratch(k) * sizeof(double));
}

void mxsi_rescorer_init(struct mxsi_rescorer *rescorer, const struct mxsi_inputs *inputs, void *memory) {
    const uint32_t k = inputs->problem->assets_per_portfolio;
    char *at = memory;
    *rescorer = (struct mxsi_rescorer){.inputs = inputs};
    rescorer->assets = (void *)at;
    at += mxsi_whole_lines(k * sizeof(size_t));
    rescorer->portfolio = (void *)at;
    at += mxsi_whole_lines(k * sizeof(uint32_t));
    rescorer->chosen = (void *)at;
    at += mxsi_whole_lines(k * sizeof(uint32_t));
    rescorer->weights = (void *)at;
    at += mxsi_whole_lines(k * sizeof(double));
    rescorer->scratch = (void *)at;
}

static void select_portfolio(struct mxsi_rescorer *rescorer, uint64_t rank) {
    if (rescorer->has_rank && rescorer->rank == rank) {
        return;
    }
    mxsi_portfolio_assets(rescorer->inputs, rank, rescorer->portfolio, rescorer->chosen);
    for (uint32_t i = 0; i < rescorer->inputs->problem->assets_per_portfolio; ++i) {
        rescorer->assets[i] = rescorer->portfolio[i];
    }
    rescorer->rank = rank;
    rescorer->has_rank = 1;
}

int mxsi_rescore(struct mxsi_rescorer *rescorer, const struct mxsi_identity *identity, double *expected_return,
                 double *volatility, double *sharpe) {
    const struct mxsi_inputs *inputs = rescorer->inputs;
    const struct mxsi_problem *problem = inputs->problem;
    select_portfolio(rescorer, identity->rank);
    if (!mxsi_draw_weights(inputs, identity, rescorer->weights, rescorer->scratch)) {
        return 1;
    }
    return mxsi_evaluate_weights(inputs->mean, inputs->covariance, problem->assets, rescorer->assets, rescorer->weights,
                                 problem->assets_per_portfolio, problem->risk_free, problem->periods_per_year,
                                 expected_return, volatility, sharpe);
}
