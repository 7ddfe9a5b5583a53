#include "cpu/cpu_worker.h"

#include <math.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "maxsharpe/search.h"
#include "shared/simulation_counter.h"
#include "simulation/draw.h"
#include "simulation/subsets.h"
#include "workers/worker.h"

struct cpu_worker {
    struct mxsi_worker base;
    const struct mxsi_evaluator_kind *kind;
    struct mxsi_evaluator *evaluator;
    uint32_t *chosen; /* the portfolio as positions among the free assets */
    uint32_t *assets; /* the portfolio's assets */
    uint64_t rank;    /* of that portfolio */
};

/* One private mapping holds all that a worker writes to besides its slot. */
static int set_up(struct cpu_worker *w, struct mxsi_segment *segment, uint32_t index) {
    const struct mxsi_problem *problem = &segment->problem;
    const size_t base_size = mxsi_whole_lines(mxsi_worker_memory(problem));
    const size_t evaluator_size = mxsi_whole_lines(w->kind->memory_size(problem));
    const size_t subset_size = mxsi_whole_lines((size_t)problem->assets_per_portfolio * sizeof(uint32_t));
    char *memory = mmap(NULL, base_size + evaluator_size + 2 * subset_size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        mxsi_worker_fail(segment, index, MXS_ERROR_MEMORY, "not enough memory for a worker's blocks of simulations");
        return -1;
    }
    mxsi_worker_begin(&w->base, segment, index, memory);
    memory += base_size;
    w->chosen = (void *)memory;
    memory += subset_size;
    w->assets = (void *)memory;
    memory += subset_size;
    char reason[sizeof w->base.slot->message];
    w->evaluator = w->kind->create(&w->base.inputs, mxsi_lanes_best(), memory, reason, sizeof reason);
    if (w->evaluator == NULL) {
        mxsi_worker_fail(segment, index, MXS_ERROR_BACKEND, reason);
        return -1;
    }
    w->kind->describe(w->evaluator, w->base.slot->kernel, sizeof w->base.slot->kernel);
    mxsi_worker_is_ready(&w->base);
    return 0;
}

/* Takes every attempt whose upper bound reaches the bar; the most promising first, because it raises the bar for the
 * others. */
static enum mxsi_outcome consider_block(struct cpu_worker *w, const struct mxsi_block *block,
                                        const struct mxsi_screen *screen) {
    uint32_t first = 0;
    while (screen->upper[first] != screen->highest) {
        ++first;
    }
    struct mxsi_identity identity = {block->rank, block->tile, block->first_attempt + first};
    enum mxsi_outcome outcome = mxsi_worker_consider(&w->base, &identity);
    float bar = mxsi_worker_bar(&w->base, block->rank);
    for (uint32_t i = 0; i < block->attempts && outcome == MXSI_GO_ON; ++i) {
        if (screen->upper[i] >= bar && screen->upper[i] > -HUGE_VALF && i != first) {
            identity.attempt = block->first_attempt + i;
            outcome = mxsi_worker_consider(&w->base, &identity);
            bar = mxsi_worker_bar(&w->base, block->rank);
        }
    }
    return outcome;
}

/* So many attempts that the tile is likely full after them. */
static uint32_t attempts_for(const struct cpu_worker *w, uint32_t wanted) {
    const struct mxsi_problem *problem = w->base.inputs.problem;
    const double rate = problem->sampler == MXS_SAMPLER_REJECTION ? problem->acceptance : 1.0;
    const double likely = (double)wanted / rate * (rate < 1.0 ? 1.01 : 1.0);
    const uint32_t most = w->kind->max_attempts(w->evaluator);
    const uint32_t attempts = likely < (double)most ? (uint32_t)ceil(likely) : most;
    return (attempts + MXSI_LANES_MULTIPLE - 1) / MXSI_LANES_MULTIPLE * MXSI_LANES_MULTIPLE;
}

static enum mxsi_outcome run_tile(struct cpu_worker *w, uint32_t tile) {
    uint32_t wanted = mxsi_tile_simulations(w->base.inputs.problem, tile);
    float bar = mxsi_worker_bar(&w->base, w->rank);
    uint32_t attempt = 0;
    while (wanted > 0) {
        if (mxsi_worker_should_stop(&w->base)) {
            return MXSI_STOPPED;
        }
        const struct mxsi_block block = {w->rank, tile, attempt, attempts_for(w, wanted), wanted, bar};
        struct mxsi_screen screen;
        w->kind->screen(w->evaluator, &block, &screen, &w->base.times);
        if (screen.accepted > 0 && screen.highest >= bar) {
            const enum mxsi_outcome outcome = consider_block(w, &block, &screen);
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

/* Moves to the portfolio of a unit: the next one where it follows, by unranking at the start of a chunk. */
static void go_to_portfolio(struct cpu_worker *w, uint64_t rank, int is_first_of_chunk) {
    const struct mxsi_problem *problem = w->base.inputs.problem;
    const uint32_t chosen_count = problem->assets_per_portfolio - problem->forced_count;
    if (is_first_of_chunk) {
        mxsi_subset_unrank(problem->free_count, chosen_count, rank, w->chosen);
    } else if (rank != w->rank) {
        (void)mxsi_subset_next(problem->free_count, chosen_count, w->chosen);
    } else {
        return;
    }
    w->rank = rank;
    mxsi_portfolio_merge(&w->base.inputs, w->chosen, w->assets);
    w->kind->select_portfolio(w->evaluator, w->assets);
}

static enum mxsi_outcome run_units(struct cpu_worker *w, uint64_t first, uint64_t end) {
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
    struct cpu_worker w = {.kind = kind};
    if (set_up(&w, segment, worker) != 0) {
        return;
    }
    enum mxsi_outcome outcome = MXSI_GO_ON;
    uint64_t first = 0;
    uint64_t end = 0;
    while (outcome == MXSI_GO_ON && mxsi_worker_take_chunk(&w.base, &first, &end)) {
        outcome = run_units(&w, first, end);
        if (outcome == MXSI_GO_ON) {
            mxsi_worker_finish_chunk(&w.base);
        }
    }
    mxsi_worker_end(&w.base, outcome);
}
