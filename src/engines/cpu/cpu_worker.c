#include "engines/cpu/cpu_worker.h"

#include <math.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "problem/subsets.h"

/* Where a worker's pieces of memory lie. */
struct pieces {
    void *base;
    void *extra;
    void *evaluator;
};

/* Places what a worker writes to besides its slot from address `at` on, which may be 0 to measure. Returns the first
 * address behind it. */
static uintptr_t lay_out(struct mxsi_cpu_worker *w, const struct mxsi_task *task,
                         const struct mxsi_evaluator_kind *kind, uint32_t portfolios, size_t extra_size, uintptr_t at,
                         struct pieces *pieces) {
    const size_t subset = (size_t)task->problem->assets_per_portfolio * sizeof(uint32_t);
    pieces->base = mxsi_take_cache_lines(&at, mxsi_worker_memory(task));
    w->chosen = mxsi_take_cache_lines(&at, subset);
    w->assets = mxsi_take_cache_lines(&at, subset * portfolios);
    pieces->extra = mxsi_take_cache_lines(&at, extra_size);
    pieces->evaluator = mxsi_take_cache_lines(&at, mxsi_evaluator_memory(kind, task));
    return at;
}

/* One private mapping holds it all. */
int mxsi_cpu_worker_begin(struct mxsi_cpu_worker *w, const struct mxsi_task *task, const struct mxsi_run_state *state,
                          uint32_t index, const struct mxsi_evaluator_kind *kind, uint32_t portfolios,
                          size_t extra_size, void **extra) {
    struct pieces pieces;
    if (!kind->by_openblas) {
        mxsi_worker_is_ready(state, index);
    }
    const size_t size = (size_t)lay_out(w, task, kind, portfolios, extra_size, 0, &pieces);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        mxsi_worker_fail(state, index, MXS_ERROR_MEMORY, "not enough memory for a worker's blocks of simulations");
        return -1;
    }
    (void)lay_out(w, task, kind, portfolios, extra_size, (uintptr_t)memory, &pieces);
    mxsi_worker_begin(&w->base, task, state, index, pieces.base);
    *extra = pieces.extra;
    char reason[sizeof w->base.slot->message];
    w->evaluator =
        mxsi_evaluator_create(kind, &w->base.task, mxsi_lanes_best(), pieces.evaluator, reason, sizeof reason);
    if (w->evaluator == NULL) {
        mxsi_worker_fail(state, index, MXS_ERROR_BACKEND, reason);
        return -1;
    }
    mxsi_worker_is_ready(state, index); /* OpenBLAS is loaded */
    mxsi_evaluator_describe(w->evaluator, w->base.slot->kernel, sizeof w->base.slot->kernel);
    return 0;
}

void mxsi_cpu_worker_choose(struct mxsi_cpu_worker *w, uint64_t rank, int follows) {
    const struct mxsi_problem *problem = w->base.task.problem;
    const uint32_t chosen_count = problem->assets_per_portfolio - problem->forced_count;
    if (follows) {
        (void)mxsi_subset_next(problem->free_count, chosen_count, w->chosen);
    } else {
        mxsi_subset_unrank(problem->free_count, chosen_count, rank, w->chosen);
    }
    w->rank = rank;
}

enum mxsi_outcome mxsi_cpu_worker_consider(struct mxsi_cpu_worker *w, const struct mxsi_identity *first,
                                           const uint32_t *attempt, const float *upper, uint32_t count) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; ++i) {
        best = upper[i] > upper[best] ? i : best;
    }
    struct mxsi_identity identity = *first;
    identity.attempt = attempt == NULL ? first->attempt + best : attempt[best];
    enum mxsi_outcome outcome = mxsi_worker_consider(&w->base, &identity);
    float bar = mxsi_worker_bar(&w->base, first->rank);
    for (uint32_t i = 0; i < count && outcome == MXSI_GO_ON; ++i) {
        if (upper[i] >= bar && upper[i] > -HUGE_VALF && i != best) {
            identity.attempt = attempt == NULL ? first->attempt + i : attempt[i];
            outcome = mxsi_worker_consider(&w->base, &identity);
            bar = mxsi_worker_bar(&w->base, first->rank);
        }
    }
    return outcome;
}

void mxsi_cpu_worker_take_chunks(struct mxsi_cpu_worker *w, mxsi_run_units *run_units) {
    enum mxsi_outcome outcome = MXSI_GO_ON;
    uint64_t first = 0;
    uint64_t end = 0;
    while (outcome == MXSI_GO_ON && mxsi_worker_take_chunk(&w->base, &first, &end)) {
        outcome = run_units(w, first, end);
        if (outcome == MXSI_GO_ON) {
            mxsi_worker_finish_chunk(&w->base);
        }
    }
    mxsi_worker_end(&w->base, outcome);
}
