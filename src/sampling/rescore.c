#include "sampling/rescore.h"

#include "base/arena.h"
#include "problem/portfolio.h"
#include "sampling/draw.h"

size_t mxsi_rescorer_size(uint32_t k) {
    return mxsi_whole_cache_lines(k * sizeof(size_t)) + 2 * mxsi_whole_cache_lines(k * sizeof(uint32_t)) +
           mxsi_whole_cache_lines(k * sizeof(double)) + mxsi_whole_cache_lines(mxsi_draw_scratch(k) * sizeof(double));
}

void mxsi_rescorer_init(struct mxsi_rescorer *rescorer, const struct mxsi_problem *problem,
                        const struct mxsi_sampling *sampling, void *memory) {
    const uint32_t k = problem->assets_per_portfolio;
    char *at = memory;
    *rescorer = (struct mxsi_rescorer){.problem = problem, .sampling = sampling};
    rescorer->assets = (void *)at;
    at += mxsi_whole_cache_lines(k * sizeof(size_t));
    rescorer->portfolio = (void *)at;
    at += mxsi_whole_cache_lines(k * sizeof(uint32_t));
    rescorer->chosen = (void *)at;
    at += mxsi_whole_cache_lines(k * sizeof(uint32_t));
    rescorer->weights = (void *)at;
    at += mxsi_whole_cache_lines(k * sizeof(double));
    rescorer->scratch = (void *)at;
}

static void select_portfolio(struct mxsi_rescorer *rescorer, uint64_t rank) {
    if (rescorer->has_rank && rescorer->rank == rank) {
        return;
    }
    mxsi_portfolio_assets(rescorer->problem, rank, rescorer->portfolio, rescorer->chosen);
    for (uint32_t i = 0; i < rescorer->problem->assets_per_portfolio; ++i) {
        rescorer->assets[i] = rescorer->portfolio[i];
    }
    rescorer->rank = rank;
    rescorer->has_rank = 1;
}

int mxsi_rescore(struct mxsi_rescorer *rescorer, const struct mxsi_identity *identity, struct mxsi_score *score) {
    const struct mxsi_problem *problem = rescorer->problem;
    select_portfolio(rescorer, identity->rank);
    if (!mxsi_draw_weights(problem, rescorer->sampling, identity, rescorer->weights, rescorer->scratch)) {
        return 1;
    }
    return mxsi_objective_of(problem->objective)
        ->score(problem, rescorer->assets, rescorer->weights, problem->assets_per_portfolio, score);
}
