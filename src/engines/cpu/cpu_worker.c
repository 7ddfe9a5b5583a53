#include "engines/cpu/cpu_worker.h"

#include <math.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "engines/cpu/cpu_worker_state.h"
#include "maxsharpe/search.h"
#include "problem/subsets.h"
#include "sampling/draw.h"
#include "sampling/simulation_counter.h"

/* Places what a worker writes to besides its slot from address `at` on, which may be 0 to measure. Returns the first
 * address behind it. */
static uintptr_t lay_out(struct mxsi_cpu_worker *w, const struct mxsi_problem *problem, uintptr_t at, void **base,
                         void **evaluator) {
    const size_t subset = (size_t)problem->assets_per_portfolio * sizeof(uint32_t);
    const int has_table = w->kind->screen_portfolios != NULL;
    *base = mxsi_take_lines(&at, mxsi_worker_memory(problem));
    w->chosen = mxsi_take_lines(&at, subset);
    w->assets = mxsi_take_lines(&at, subset * (has_table ? w->kind->max_portfolios(NULL) : 1));
    if (has_table) {
        at = mxsi_weight_table_lay_out(&w->table, problem, at);
    }
    *evaluator = mxsi_take_lines(&at, w->kind->memory_size(problem));
    return at;
}

/* One private mapping holds it all. */
static int set_up(struct mxsi_cpu_worker *w, struct mxsi_segment *segment, uint32_t index) {
    const struct mxsi_problem *problem = &segment->problem;
    void *base = NULL;
    void *evaluator = NULL;
    const size_t size = (size_t)lay_out(w, problem, 0, &base, &evaluator);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        mxsi_worker_fail(segment, index, MXS_ERROR_MEMORY, "not enough memory for a worker's blocks of simulations");
        return -1;
    }
    (void)lay_out(w, problem, (uintptr_t)memory, &base, &evaluator);
    mxsi_worker_begin(&w->base, segment, index, base);
    char reason[sizeof w->base.slot->message];
    w->evaluator = w->kind->create(&w->base.inputs, mxsi_lanes_best(), evaluator, reason, sizeof reason);
    if (w->evaluator == NULL) {
        mxsi_worker_fail(segment, index, MXS_ERROR_BACKEND, reason);
        return -1;
    }
    if (w->kind->screen_portfolios != NULL) {
        mxsi_weight_table_init(&w->table, &w->base.inputs, mxsi_lanes_best());
    }
    w->kind->describe(w->evaluator, w->base.slot->kernel, sizeof w->base.slot->kernel);
    mxsi_worker_is_ready(&w->base);
    return 0;
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

/* So many attempts that the tile is likely full after them. */
static uint32_t attempts_for(const struct mxsi_cpu_worker *w, uint32_t wanted) {
    const struct mxsi_problem *problem = w->base.inputs.problem;
    const double rate = problem->sampler == MXS_SAMPLER_REJECTION ? problem->acceptance : 1.0;
    const double likely = (double)wanted / rate * (rate < 1.0 ? 1.01 : 1.0);
    const uint32_t most = w->kind->max_attempts(w->evaluator);
    const uint32_t attempts = likely < (double)most ? (uint32_t)ceil(likely) : most;
    return mxsi_whole_vectors(attempts);
}

static enum mxsi_outcome run_tile(struct mxsi_cpu_worker *w, uint32_t tile) {
    uint32_t wanted = mxsi_tile_simulations(w->base.inputs.problem, tile);
    float bar = mxsi_worker_bar(&w->base, w->rank);
    uint32_t attempt = 0;
    while (wanted > 0) {
        if (mxsi_worker_should_stop(&w->base)) {
            return MXSI_STOPPED;
        }
        const float screen_bar = w->kind->every_variance ? -HUGE_VALF : bar;
        const struct mxsi_block block = {w->rank, tile, attempt, attempts_for(w, wanted), wanted, screen_bar};
        struct mxsi_screen screen;
        w->kind->screen(w->evaluator, &block, &screen, &w->base.times);
        if (screen.accepted > 0 && screen.highest >= bar) {
            const struct mxsi_identity first = {block.rank, block.tile, block.first_attempt};
            const enum mxsi_outcome outcome = mxsi_cpu_worker_consider(w, &first, NULL, screen.upper, block.attempts);
            if (outcome != MXSI_GO_ON) {
                return outcome;
            }
            bar = mxsi_worker_bar(&w->base, w->rank);
        }
        attempt += block.attempts;
        wanted -= screen.accepted;
        mxsi_worker_count(&w->base, screen.accepted);
    }
    return MXSI_GO_ON;
}

void mxsi_cpu_worker_choose(struct mxsi_cpu_worker *w, uint64_t rank, int follows) {
    const struct mxsi_problem *problem = w->base.inputs.problem;
    const uint32_t chosen_count = problem->assets_per_portfolio - problem->forced_count;
    if (follows) {
        (void)mxsi_subset_next(problem->free_count, chosen_count, w->chosen);
    } else {
        mxsi_subset_unrank(problem->free_count, chosen_count, rank, w->chosen);
    }
    w->rank = rank;
}

/* Moves to the portfolio of a unit. */
static void go_to_portfolio(struct mxsi_cpu_worker *w, uint64_t rank, int is_first_of_chunk) {
    if (!is_first_of_chunk && rank == w->rank) {
        return;
    }
    mxsi_cpu_worker_choose(w, rank, !is_first_of_chunk);
    mxsi_portfolio_merge(&w->base.inputs, w->chosen, w->assets);
    w->kind->select_portfolio(w->evaluator, w->assets);
}

static enum mxsi_outcome run_units(struct mxsi_cpu_worker *w, uint64_t first, uint64_t end) {
    const struct mxsi_problem *problem = w->base.inputs.problem;
    for (uint64_t unit = first; unit < end; ++unit) {
        go_to_portfolio(w, problem->first_portfolio + unit / problem->tiles_per_portfolio, unit == first);
        const enum mxsi_outcome outcome = run_tile(w, (uint32_t)(unit % problem->tiles_per_portfolio));
        if (outcome != MXSI_GO_ON) {
            return outcome;
        }
    }
    return MXSI_GO_ON;
}

void mxsi_cpu_worker_run(struct mxsi_segment *segment, uint32_t worker, const struct mxsi_evaluator_kind *kind) {
    struct mxsi_cpu_worker w = {.kind = kind};
    if (set_up(&w, segment, worker) != 0) {
        return;
    }
    enum mxsi_outcome outcome = MXSI_GO_ON;
    uint64_t first = 0;
    uint64_t end = 0;
    while (outcome == MXSI_GO_ON && mxsi_worker_take_chunk(&w.base, &first, &end)) {
        outcome =
            kind->screen_portfolios != NULL ? mxsi_cpu_worker_run_by_table(&w, first, end) : run_units(&w, first, end);
        if (outcome == MXSI_GO_ON) {
            mxsi_worker_finish_chunk(&w.base);
        }
    }
    mxsi_worker_end(&w.base, outcome);
}
