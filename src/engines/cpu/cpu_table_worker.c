/* Shared draws: within a chunk a tile is drawn once and serves every portfolio, some of them at a time. */
#include <assert.h>
#include <math.h>

#include "base/monotonic_clock.h"
#include "engines/cpu/cpu_worker_state.h"
#include "sampling/draw.h"

/* Screens the portfolios first_rank and the following, and decides what reaches the bar. */
static enum mxsi_outcome screen_portfolios(struct mxsi_cpu_worker *w, uint64_t first_rank, uint32_t portfolios) {
    enum { MOST = 256 }; /* what any kind takes at a time */
    float highest[MOST];
    assert(portfolios <= MOST);
    const uint64_t nobody = UINT64_MAX; /* what a portfolio that does not lead has to reach */
    const float bar = w->kind->every_variance ? -HUGE_VALF : mxsi_worker_bar(&w->base, nobody);
    w->kind->screen_portfolios(w->evaluator, w->assets, portfolios, bar, highest, &w->base.times);
    for (uint32_t p = 0; p < portfolios; ++p) {
        const struct mxsi_identity first = {.rank = first_rank + p, .tile = w->table.tile};
        if (highest[p] > -HUGE_VALF && highest[p] >= mxsi_worker_bar(&w->base, first.rank)) {
            const float *upper = w->kind->portfolio_bounds(w->evaluator, p);
            const enum mxsi_outcome outcome =
                mxsi_cpu_worker_consider(w, &first, w->table.attempt, upper, w->table.count);
            if (outcome != MXSI_GO_ON) {
                return outcome;
            }
        }
    }
    mxsi_worker_count(&w->base, (uint64_t)portfolios * w->table.count);
    return MXSI_GO_ON;
}

/* Tile `tile` of the portfolios first <= rank < end. */
static enum mxsi_outcome run_tile(struct mxsi_cpu_worker *w, uint32_t tile, uint64_t first, uint64_t end) {
    const uint32_t k = w->base.inputs.problem->assets_per_portfolio;
    const uint32_t most = w->kind->max_portfolios(w->evaluator);
    const uint64_t begin = mxsi_now_ns();
    if (mxsi_weight_table_draw(&w->table, tile)) {
        w->base.times.sampling += mxsi_now_ns() - begin;
        w->kind->load_table(w->evaluator, &w->table, &w->base.times);
    }
    uint64_t rank = first;
    while (rank < end) {
        if (mxsi_worker_should_stop(&w->base)) {
            return MXSI_STOPPED;
        }
        const uint32_t portfolios = end - rank < most ? (uint32_t)(end - rank) : most;
        for (uint32_t p = 0; p < portfolios; ++p) {
            mxsi_cpu_worker_choose(w, rank + p, rank + p > first);
            mxsi_portfolio_merge(&w->base.inputs, w->chosen, w->assets + (size_t)p * k);
        }
        const enum mxsi_outcome outcome = screen_portfolios(w, rank, portfolios);
        if (outcome != MXSI_GO_ON) {
            return outcome;
        }
        rank += portfolios;
    }
    return MXSI_GO_ON;
}

/* Units count portfolio by portfolio: a chunk begins and ends within one, its first units are of one tile each, and the
 * others of a tile follow at a portfolio's distance. */
enum mxsi_outcome mxsi_cpu_worker_run_by_table(struct mxsi_cpu_worker *w, uint64_t first, uint64_t end) {
    const struct mxsi_problem *problem = w->base.inputs.problem;
    const uint64_t tiles = problem->tiles_per_portfolio;
    for (uint64_t unit = first; unit < end && unit - first < tiles; ++unit) {
        const uint64_t rank = problem->first_portfolio + unit / tiles;
        const uint64_t portfolios = (end - 1 - unit) / tiles + 1;
        const enum mxsi_outcome outcome = run_tile(w, (uint32_t)(unit % tiles), rank, rank + portfolios);
        if (outcome != MXSI_GO_ON) {
            return outcome;
        }
    }
    return MXSI_GO_ON;
}
