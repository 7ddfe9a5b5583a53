/* A worker for shared draws: within a chunk a tile is drawn once and serves every portfolio, some of them at a time. */
#include <math.h>

#include "base/monotonic_clock.h"
#include "engines/cpu/cpu_worker.h"
#include "engines/cpu/cpu_workers.h"
#include "engines/cpu/evaluators/weight_table.h"
#include "problem/portfolio.h"

struct table_worker {
    struct mxsi_cpu_worker base;
    const struct mxsi_table_evaluator_kind *kind;
    struct mxsi_weight_table table;
};

/* Screens the portfolios first_rank and the following, and decides what reaches the bar. */
static enum mxsi_outcome screen_portfolios(struct table_worker *w, uint64_t first_rank, uint32_t portfolios) {
    float highest[MXSI_TABLE_MAX_PORTFOLIOS];
    struct mxsi_worker *worker = &w->base.base;
    const uint64_t nobody = UINT64_MAX; /* what a portfolio that does not lead has to reach */
    const float bar = w->kind->base.every_variance ? -HUGE_VALF : mxsi_worker_bar(worker, nobody);
    w->kind->screen_portfolios(w->base.evaluator, w->base.assets, portfolios, bar, highest, &worker->times);
    for (uint32_t p = 0; p < portfolios; ++p) {
        const struct mxsi_identity first = {.rank = first_rank + p, .tile = w->table.tile};
        if (highest[p] > -HUGE_VALF && highest[p] >= mxsi_worker_bar(worker, first.rank)) {
            const float *upper = w->kind->portfolio_bounds(w->base.evaluator, p);
            const enum mxsi_outcome outcome =
                mxsi_cpu_worker_consider(&w->base, &first, w->table.attempt, upper, w->table.count);
            if (outcome != MXSI_GO_ON) {
                return outcome;
            }
        }
    }
    mxsi_worker_count(worker, (uint64_t)portfolios * w->table.count);
    return MXSI_GO_ON;
}

/* Whatever a kind says of itself, there is no room for more. */
static uint32_t portfolios_at_a_time(const struct mxsi_table_evaluator_kind *kind) {
    return kind->max_portfolios < MXSI_TABLE_MAX_PORTFOLIOS ? kind->max_portfolios : MXSI_TABLE_MAX_PORTFOLIOS;
}

/* Tile `tile` of the portfolios first <= rank < end. */
static enum mxsi_outcome run_tile(struct table_worker *w, uint32_t tile, uint64_t first, uint64_t end) {
    struct mxsi_worker *worker = &w->base.base;
    const struct mxsi_problem *problem = worker->task.problem;
    const uint32_t most = portfolios_at_a_time(w->kind);
    const uint64_t begin = mxsi_now_ns();
    if (mxsi_weight_table_draw(&w->table, tile)) {
        worker->times.sampling += mxsi_now_ns() - begin;
        w->kind->load_table(w->base.evaluator, &w->table, &worker->times);
    }
    uint64_t rank = first;
    while (rank < end) {
        if (mxsi_worker_should_stop(worker)) {
            return MXSI_STOPPED;
        }
        const uint32_t portfolios = end - rank < most ? (uint32_t)(end - rank) : most;
        for (uint32_t p = 0; p < portfolios; ++p) {
            mxsi_cpu_worker_choose(&w->base, rank + p, rank + p > first);
            mxsi_portfolio_merge(problem, w->base.chosen, w->base.assets + (size_t)p * problem->assets_per_portfolio);
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
static enum mxsi_outcome run_units(struct mxsi_cpu_worker *base, uint64_t first, uint64_t end) {
    struct table_worker *w = (void *)base;
    const struct mxsi_sampling *sampling = base->base.task.sampling;
    const uint64_t tiles = sampling->tiles_per_portfolio;
    for (uint64_t unit = first; unit < end && unit - first < tiles; ++unit) {
        const uint64_t rank = sampling->first_portfolio + unit / tiles;
        const uint64_t portfolios = (end - 1 - unit) / tiles + 1;
        const enum mxsi_outcome outcome = run_tile(w, (uint32_t)(unit % tiles), rank, rank + portfolios);
        if (outcome != MXSI_GO_ON) {
            return outcome;
        }
    }
    return MXSI_GO_ON;
}

void mxsi_cpu_table_worker_run(const struct mxsi_task *task, const struct mxsi_run_state *state, uint32_t worker,
                               const struct mxsi_table_evaluator_kind *kind) {
    struct table_worker w = {.kind = kind};
    const size_t table_size = (size_t)mxsi_weight_table_lay_out(&w.table, task, 0);
    void *memory = NULL;
    if (mxsi_cpu_worker_begin(&w.base, task, state, worker, &kind->base, portfolios_at_a_time(kind), table_size,
                              &memory) == 0) {
        (void)mxsi_weight_table_lay_out(&w.table, task, (uintptr_t)memory);
        mxsi_weight_table_init(&w.table, &w.base.base.task, mxsi_lanes_best());
        mxsi_cpu_worker_take_chunks(&w.base, run_units);
    }
}
