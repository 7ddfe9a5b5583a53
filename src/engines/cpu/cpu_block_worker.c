/* A worker that draws as it goes: tile by tile, blocks of attempts until the tile is full. */
#include <math.h>

#include "engines/cpu/cpu_worker.h"
#include "engines/cpu/cpu_workers.h"
#include "problem/portfolio.h"

struct block_worker {
    struct mxsi_cpu_worker base;
    const struct mxsi_block_evaluator_kind *kind;
};

/* So many attempts that the tile is likely full after them. */
static uint32_t attempts_for(const struct block_worker *w, uint32_t wanted) {
    const struct mxsi_task *task = &w->base.base.task;
    const double rate = mxsi_sampling_rate(task->sampling);
    const double likely = (double)wanted / rate * (rate < 1.0 ? 1.01 : 1.0);
    const uint32_t most = w->kind->max_attempts(task);
    const uint32_t attempts = likely < (double)most ? (uint32_t)ceil(likely) : most;
    return mxsi_whole_vectors(attempts);
}

static enum mxsi_outcome run_tile(struct block_worker *w, uint32_t tile) {
    struct mxsi_worker *worker = &w->base.base;
    const uint64_t rank = w->base.rank;
    uint32_t wanted = mxsi_tile_simulations(worker->task.sampling, tile);
    float bar = mxsi_worker_bar(worker, rank);
    uint32_t attempt = 0;
    while (wanted > 0) {
        if (mxsi_worker_should_stop(worker)) {
            return MXSI_STOPPED;
        }
        const float screen_bar = w->kind->base.every_variance ? -HUGE_VALF : bar;
        const struct mxsi_block block = {rank, tile, attempt, attempts_for(w, wanted), wanted, screen_bar};
        struct mxsi_screen screen;
        w->kind->screen(w->base.evaluator, &block, &screen, &worker->times);
        if (screen.accepted > 0 && screen.highest >= bar) {
            const struct mxsi_identity first = {rank, tile, attempt};
            const enum mxsi_outcome outcome =
                mxsi_cpu_worker_consider(&w->base, &first, NULL, screen.upper, block.attempts);
            if (outcome != MXSI_GO_ON) {
                return outcome;
            }
            bar = mxsi_worker_bar(worker, rank);
        }
        attempt += block.attempts;
        wanted -= screen.accepted;
        mxsi_worker_count(worker, screen.accepted);
    }
    return MXSI_GO_ON;
}

/* Moves to the portfolio of a unit. */
static void go_to_portfolio(struct block_worker *w, uint64_t rank, int is_first_of_chunk) {
    if (!is_first_of_chunk && rank == w->base.rank) {
        return;
    }
    mxsi_cpu_worker_choose(&w->base, rank, !is_first_of_chunk);
    mxsi_portfolio_merge(w->base.base.task.problem, w->base.chosen, w->base.assets);
    w->kind->select_portfolio(w->base.evaluator, w->base.assets);
}

static enum mxsi_outcome run_units(struct mxsi_cpu_worker *base, uint64_t first, uint64_t end) {
    struct block_worker *w = (void *)base;
    const struct mxsi_sampling *sampling = base->base.task.sampling;
    for (uint64_t unit = first; unit < end; ++unit) {
        go_to_portfolio(w, sampling->first_portfolio + unit / sampling->tiles_per_portfolio, unit == first);
        const enum mxsi_outcome outcome = run_tile(w, (uint32_t)(unit % sampling->tiles_per_portfolio));
        if (outcome != MXSI_GO_ON) {
            return outcome;
        }
    }
    return MXSI_GO_ON;
}

void mxsi_cpu_block_worker_run(const struct mxsi_task *task, const struct mxsi_run_state *state, uint32_t worker,
                               const struct mxsi_block_evaluator_kind *kind) {
    struct block_worker w = {.kind = kind};
    void *nothing = NULL;
    if (mxsi_cpu_worker_begin(&w.base, task, state, worker, &kind->base, 1, 0, &nothing) == 0) {
        mxsi_cpu_worker_take_chunks(&w.base, run_units);
    }
}
