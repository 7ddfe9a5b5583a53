#include "problem/portfolio.h"

#include "problem/subsets.h"

void mxsi_portfolio_merge(const struct mxsi_problem *problem, const uint32_t *chosen, uint32_t *assets) {
    const uint32_t chosen_count = problem->assets_per_portfolio - problem->forced_count;
    uint32_t f = 0;
    uint32_t c = 0;
    for (uint32_t i = 0; i < problem->assets_per_portfolio; ++i) {
        const uint32_t free_asset = c < chosen_count ? problem->free_assets[chosen[c]] : UINT32_MAX;
        const uint32_t forced_asset = f < problem->forced_count ? problem->forced[f] : UINT32_MAX;
        if (free_asset < forced_asset) {
            assets[i] = free_asset;
            ++c;
        } else {
            assets[i] = forced_asset;
            ++f;
        }
    }
}

void mxsi_portfolio_assets(const struct mxsi_problem *problem, uint64_t rank, uint32_t *assets, uint32_t *chosen) {
    mxsi_subset_unrank(problem->free_count, problem->assets_per_portfolio - problem->forced_count, rank, chosen);
    mxsi_portfolio_merge(problem, chosen, assets);
}
