#include "cpu/worker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "maxsharpe/search.h"
#include "shared/simulation_counter.h"
#include "simulation/draw.h"
#include "simulation/rescore.h"
#include "simulation/screen_bound.h"
#include "simulation/subsets.h"

struct worker {
    struct mxsi_segment *segment;
    struct mxsi_slot *slot;
    struct mxsi_inputs inputs;
    const struct mxsi_evaluator_kind *kind;
    struct mxsi_evaluator *evaluator;
    struct mxsi_evaluator_times times;
    struct mxsi_rescorer rescorer;
    struct mxsi_leaders *leaders; /* of this worker's finished chunks and the one that it is in */
    uint32_t *chosen;             /* the portfolio as positions among the free assets */
    uint32_t *assets;             /* the portfolio's assets */
    uint64_t rank;                /* of that portfolio */
    int leaders_changed;          /* since they were last published */
};

enum outcome { GO_ON, STOPPED, ZERO_VARIANCE };

static void fail(struct mxsi_slot *slot, mxs_status status, const char *message) {
    slot->status = (uint32_t)status;
    (void)snprintf(slot->message, sizeof slot->message, "%s", message);
    atomic_store(&slot->state, MXSI_SLOT_FAILED);
}

static size_t rounded(size_t size) {
    return (size + MXSI_CACHE_LINE - 1) / MXSI_CACHE_LINE * MXSI_CACHE_LINE;
}

/* One private mapping holds all that a worker writes to besides its slot. */
static int set_up(struct worker *w) {
    const struct mxsi_problem *problem = w->inputs.problem;
    const uint32_t k = problem->assets_per_portfolio;
    const size_t evaluator_size = rounded(w->kind->memory_size(problem));
    const size_t rescorer_size = rounded(mxsi_rescorer_size(k));
    const size_t leaders_size = rounded(mxsi_leaders_size(problem->top));
    const size_t subset_size = rounded((size_t)k * sizeof(uint32_t));
    char *memory = mmap(NULL, evaluator_size + rescorer_size + leaders_size + 2 * subset_size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        fail(w->slot, MXS_ERROR_MEMORY, "not enough memory for a worker's blocks of simulations");
        return -1;
    }
    char reason[sizeof w->slot->message];
    w->evaluator = w->kind->create(&w->inputs, mxsi_lanes_best(), memory, reason, sizeof reason);
    if (w->evaluator == NULL) {
        fail(w->slot, MXS_ERROR_BACKEND, reason);
        return -1;
    }
    memory += evaluator_size;
    mxsi_rescorer_init(&w->rescorer, &w->inputs, memory);
    memory += rescorer_size;
    w->leaders = (void *)memory;
    memory += leaders_size;
    w->chosen = (void *)memory;
    memory += subset_size;
    w->assets = (void *)memory;
    /* A worker that replaces a dead one goes on from what that one had published. */
    const uint32_t published = atomic_load(&w->slot->published);
    mxsi_leaders_copy(w->leaders, mxsi_slot_leaders(w->segment, w->slot, published));
    w->kind->describe(w->evaluator, w->slot->kernel, sizeof w->slot->kernel);
    return 0;
}

static void publish(struct worker *w) {
    if (w->leaders_changed) {
        const uint32_t hidden = 1 - atomic_load(&w->slot->published);
        mxsi_leaders_copy(mxsi_slot_leaders(w->segment, w->slot, hidden), w->leaders);
        atomic_store(&w->slot->published, hidden);
        w->leaders_changed = 0;
    }
    w->slot->sampling_ns += w->times.sampling;
    w->slot->return_ns += w->times.returns;
    w->slot->variance_ns += w->times.variances;
    w->times = (struct mxsi_evaluator_times){0};
    w->slot->end_ns = mxsi_now_ns();
}

static void store_best(struct worker *w) {
    uint64_t bits;
    memcpy(&bits, &w->leaders->items[0].sharpe, sizeof bits);
    atomic_store_explicit(&w->slot->best_sharpe_bits, bits, memory_order_relaxed);
}

/* Computes one candidate in double and raises the bar to what it has reached. */
static enum outcome consider(struct worker *w, const struct mxsi_identity *identity, float *bar) {
    double expected_return = 0.0;
    double volatility = 0.0;
    struct mxsi_leader candidate = {.identity = *identity};
    const int failed = mxsi_rescore(&w->rescorer, identity, &expected_return, &volatility, &candidate.sharpe);
    if (failed < 0) {
        w->slot->fault = *identity;
        return ZERO_VARIANCE;
    }
    if (failed == 0 && mxsi_leaders_offer(w->leaders, &candidate)) {
        w->leaders_changed = 1;
        store_best(w);
        *bar = mxsi_screen_bar(mxsi_leaders_bar(w->leaders, identity->rank), w->inputs.problem->sharpe_scale);
    }
    return GO_ON;
}

/* Takes every attempt whose upper bound reaches the bar; the most promising first, because it raises the bar for the
 * others. */
static enum outcome consider_block(struct worker *w, const struct mxsi_block *block, const struct mxsi_screen *screen,
                                   float *bar) {
    uint32_t first = 0;
    while (screen->upper[first] != screen->highest) {
        ++first;
    }
    struct mxsi_identity identity = {block->rank, block->tile, block->first_attempt + first};
    enum outcome outcome = consider(w, &identity, bar);
    for (uint32_t i = 0; i < block->attempts && outcome == GO_ON; ++i) {
        if (screen->upper[i] >= *bar && screen->upper[i] > -HUGE_VALF && i != first) {
            identity.attempt = block->first_attempt + i;
            outcome = consider(w, &identity, bar);
        }
    }
    return outcome;
}

/* So many attempts that the tile is likely full after them. */
static uint32_t attempts_for(const struct worker *w, uint32_t wanted) {
    const struct mxsi_problem *problem = w->inputs.problem;
    const double rate = problem->sampler == MXS_SAMPLER_REJECTION ? problem->acceptance : 1.0;
    const double likely = (double)wanted / rate * (rate < 1.0 ? 1.01 : 1.0);
    const uint32_t most = w->kind->max_attempts(w->evaluator);
    const uint32_t attempts = likely < (double)most ? (uint32_t)ceil(likely) : most;
    return (attempts + MXSI_LANES_MULTIPLE - 1) / MXSI_LANES_MULTIPLE * MXSI_LANES_MULTIPLE;
}

static enum outcome run_tile(struct worker *w, uint32_t tile) {
    uint32_t wanted = mxsi_tile_simulations(w->inputs.problem, tile);
    float bar = mxsi_screen_bar(mxsi_leaders_bar(w->leaders, w->rank), w->inputs.problem->sharpe_scale);
    uint32_t attempt = 0;
    while (wanted > 0) {
        if (atomic_load_explicit(&w->segment->stop, memory_order_relaxed)) {
            return STOPPED;
        }
        const struct mxsi_block block = {w->rank, tile, attempt, attempts_for(w, wanted), wanted};
        struct mxsi_screen screen;
        w->kind->screen(w->evaluator, &block, &screen, &w->times);
        if (screen.accepted > 0 && screen.highest >= bar) {
            const enum outcome outcome = consider_block(w, &block, &screen, &bar);
            if (outcome != GO_ON) {
                return outcome;
            }
        }
        attempt += block.attempts;
        wanted -= screen.accepted;
        atomic_fetch_add_explicit(&w->slot->simulations, screen.accepted, memory_order_relaxed);
    }
    return GO_ON;
}

/* Moves to the portfolio of a unit: the next one where it follows, by unranking at the start of a chunk. */
static void go_to_portfolio(struct worker *w, uint64_t rank, int first_of_chunk) {
    const struct mxsi_problem *problem = w->inputs.problem;
    const uint32_t chosen_count = problem->assets_per_portfolio - problem->forced_count;
    if (first_of_chunk) {
        mxsi_subset_unrank(problem->free_count, chosen_count, rank, w->chosen);
    } else if (rank != w->rank) {
        (void)mxsi_subset_next(problem->free_count, chosen_count, w->chosen);
    } else {
        return;
    }
    w->rank = rank;
    mxsi_portfolio_merge(&w->inputs, w->chosen, w->assets);
    w->kind->select_portfolio(w->evaluator, w->assets);
}

static enum outcome run_chunk(struct worker *w, uint64_t chunk) {
    const struct mxsi_plan *plan = &w->segment->plan;
    const struct mxsi_problem *problem = w->inputs.problem;
    const uint64_t begin = chunk * plan->chunk_units;
    const uint64_t end = plan->units - begin < plan->chunk_units ? plan->units : begin + plan->chunk_units;
    for (uint64_t unit = begin; unit < end; ++unit) {
        go_to_portfolio(w, problem->first_portfolio + unit / problem->tiles_per_portfolio, unit == begin);
        const enum outcome outcome = run_tile(w, (uint32_t)(unit % problem->tiles_per_portfolio));
        if (outcome != GO_ON) {
            return outcome;
        }
    }
    return GO_ON;
}

void mxsi_worker_run(struct mxsi_segment *segment, uint32_t worker, const struct mxsi_evaluator_kind *kind) {
    struct mxsi_slot *slot = mxsi_segment_slot(segment, worker);
    struct worker w = {
        .segment = segment,
        .slot = slot,
        .inputs = mxsi_segment_inputs(segment),
        .kind = kind,
    };
    if (set_up(&w) != 0) {
        return;
    }
    _Atomic uint8_t *done = mxsi_segment_done(segment);
    enum outcome outcome = GO_ON;
    while (outcome == GO_ON) {
        const uint64_t chunk = atomic_fetch_add(&segment->next_chunk, 1);
        if (chunk >= segment->plan.chunks) {
            break;
        }
        if (atomic_load(&done[chunk])) {
            continue; /* this is a second round, for the chunks of workers that died */
        }
        outcome = run_chunk(&w, chunk);
        publish(&w);
        if (outcome == GO_ON) {
            atomic_store(&slot->simulations_kept, atomic_load(&slot->simulations));
            atomic_store(&done[chunk], 1); /* after its leaders are published: it is never done and lost */
        }
    }
    publish(&w);
    atomic_store(&slot->state, outcome == ZERO_VARIANCE ? MXSI_SLOT_ZERO_VARIANCE : MXSI_SLOT_FINISHED);
}
