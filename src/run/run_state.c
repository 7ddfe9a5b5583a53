#include "run/run_state.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "base/monotonic_clock.h"
#include "run/layout.h"

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_CHAR_LOCK_FREE == 2,
               "atomics in shared memory must be lock-free");

#define MAGIC "mxsstate"
enum { VERSION = 1 };

/* Where things lie behind the board. */
struct places {
    uint64_t spans_at;
    uint64_t first_chunk_at;
    uint64_t done_at;
    uint64_t slots_at;
    uint64_t list_size;
    uint64_t slot_size;
    uint64_t size; /* UINT64_MAX: too large */
};

static struct places lay_out(const struct mxsi_engine_plan *plan, uint32_t top) {
    struct places places = {0};
    uint64_t end = 0;
    uint64_t unused = 0;
    uint64_t list = 0;
    int fits = mxsi_layout_place(&list, &unused, 1, mxsi_leader_list_size(top));
    places.list_size = list;
    places.slot_size = sizeof(struct mxsi_slot) + 2 * list;
    fits = fits && mxsi_layout_place(&end, &unused, 1, sizeof(struct mxsi_run_board)) &&
           mxsi_layout_place(&end, &places.spans_at, plan->work.span_count, sizeof(struct mxsi_span)) &&
           mxsi_layout_place(&end, &places.first_chunk_at, plan->work.span_count, sizeof(uint64_t)) &&
           mxsi_layout_place(&end, &places.done_at, plan->work.chunks, 1) &&
           mxsi_layout_place(&end, &places.slots_at, plan->workers, places.slot_size);
    places.size = fits ? end : UINT64_MAX;
    return places;
}

static void point(struct mxsi_run_state *state, const struct mxsi_engine_plan *plan, uint32_t top,
                  const struct places *places) {
    void *base = state->shared.bytes;
    state->board = base;
    state->plan = *plan;
    state->spans = mxsi_layout_at(base, places->spans_at);
    state->first_chunk = mxsi_layout_at(base, places->first_chunk_at);
    state->done = mxsi_layout_at(base, places->done_at);
    state->slots = mxsi_layout_at(base, places->slots_at);
    state->slot_size = places->slot_size;
    state->list_size = places->list_size;
    state->top = top;
}

static void fill_slots(struct mxsi_run_state *state, const struct mxsi_leaders *known) {
    const double best = known == NULL ? -HUGE_VAL : known->best;
    uint64_t best_bits = 0;
    memcpy(&best_bits, &best, sizeof best_bits);
    for (uint32_t worker = 0; worker < state->plan.workers; ++worker) {
        struct mxsi_slot *slot = mxsi_run_state_slot(state, worker);
        atomic_store(&slot->best_bits, best_bits);
        if (known != NULL) {
            mxsi_leaders_copy(mxsi_slot_leaders(state, slot, 0), known);
        }
    }
}

mxs_status mxsi_run_state_create(const struct mxsi_engine_plan *plan, const struct mxsi_span *spans, uint32_t top,
                                 const struct mxsi_leaders *known, struct mxsi_run_state *state, mxs_error *error) {
    *state = (struct mxsi_run_state){.shared = {.descriptor = -1}};
    const struct places places = lay_out(plan, top);
    const mxs_status status = mxsi_layout_create(places.size, "the workers", &state->shared, error);
    if (status != MXS_OK) {
        return status;
    }
    point(state, plan, top, &places);
    struct mxsi_run_board *board = state->board;
    memcpy(board->magic, MAGIC, sizeof board->magic);
    board->version = VERSION;
    board->top = top;
    board->plan = *plan;
    memcpy(mxsi_layout_at(board, places.spans_at), spans, plan->work.span_count * sizeof *spans);
    mxsi_plan_number_chunks(&plan->work, spans, mxsi_layout_at(board, places.first_chunk_at));
    fill_slots(state, known);
    if (sem_init(&board->wakeup, 1, 0) != 0) {
        const int why = errno;
        mxsi_shared_memory_close(&state->shared);
        return mxsi_fail(error, MXS_ERROR_RUN, "no semaphore in shared memory: %s", strerror(why));
    }
    state->is_mine = 1;
    return MXS_OK;
}

int mxsi_run_state_map(int descriptor, struct mxsi_run_state *state) {
    *state = (struct mxsi_run_state){.shared = {.descriptor = -1}};
    if (mxsi_shared_memory_map(descriptor, 1, &state->shared) != 0) {
        return -1;
    }
    const struct mxsi_run_board *board = state->shared.bytes;
    if (state->shared.size >= sizeof *board && memcmp(board->magic, MAGIC, sizeof board->magic) == 0 &&
        board->version == VERSION) {
        const struct mxsi_engine_plan plan = board->plan;
        const uint32_t top = board->top;
        const struct places places = lay_out(&plan, top);
        if (places.size == state->shared.size) {
            point(state, &plan, top, &places);
            return 0;
        }
    }
    mxsi_shared_memory_close(&state->shared);
    return -1;
}

void mxsi_run_state_destroy(struct mxsi_run_state *state) {
    if (state->is_mine) {
        (void)sem_destroy(&state->board->wakeup);
    }
    mxsi_shared_memory_close(&state->shared);
}

struct mxsi_slot *mxsi_run_state_slot(const struct mxsi_run_state *state, uint32_t worker) {
    return mxsi_layout_at(state->slots, worker * state->slot_size);
}

struct mxsi_leader_list *mxsi_slot_leaders(const struct mxsi_run_state *state, struct mxsi_slot *slot, uint32_t which) {
    return mxsi_layout_at(slot, sizeof *slot + which % 2 * state->list_size);
}

uint64_t mxsi_run_state_chunks_done(const struct mxsi_run_state *state) {
    uint64_t count = 0;
    for (uint64_t chunk = 0; chunk < state->plan.work.chunks; ++chunk) {
        count += atomic_load_explicit(&state->done[chunk], memory_order_relaxed);
    }
    return count;
}

uint64_t mxsi_run_state_rest(const struct mxsi_run_state *state, struct mxsi_span *rest) {
    uint64_t count = 0;
    for (uint64_t chunk = 0; chunk < state->plan.work.chunks; ++chunk) {
        if (atomic_load(&state->done[chunk])) {
            continue;
        }
        const struct mxsi_span units = mxsi_plan_chunk(&state->plan.work, state->spans, state->first_chunk, chunk);
        if (count > 0 && rest[count - 1].end == units.first) {
            rest[count - 1].end = units.end;
        } else {
            rest[count++] = units;
        }
    }
    return count;
}

/* Those of a worker that was killed while nobody looked are those of its finished chunks. */
static uint64_t simulations_of(const struct mxsi_slot *slot) {
    return atomic_load(&slot->state) == (uint32_t)MXSI_SLOT_RUNNING ? atomic_load(&slot->simulations_kept)
                                                                    : atomic_load(&slot->simulations);
}

uint64_t mxsi_run_state_collect(const struct mxsi_run_state *state, uint64_t begin_ns, struct mxsi_leaders *leaders,
                                mxs_worker_stats *stats, char *kernel, size_t kernel_size) {
    const uint64_t end_ns = mxsi_now_ns();
    uint64_t simulations = 0;
    (void)snprintf(kernel, kernel_size, "%s", "");
    for (uint32_t worker = 0; worker < state->plan.workers; ++worker) {
        struct mxsi_slot *slot = mxsi_run_state_slot(state, worker);
        mxsi_leaders_offer_list(leaders, mxsi_slot_leaders(state, slot, atomic_load(&slot->published)));
        if (kernel[0] == '\0') {
            (void)snprintf(kernel, kernel_size, "%.*s", (int)sizeof slot->kernel - 1, slot->kernel);
        }
        const uint64_t busy_ns = slot->end_ns > slot->begin_ns ? slot->end_ns - slot->begin_ns : 0;
        stats[worker] = (mxs_worker_stats){
            .simulations = simulations_of(slot),
            .seconds = 1e-9 * (double)busy_ns,
            .sampling_seconds = 1e-9 * (double)slot->sampling_ns,
            .return_seconds = 1e-9 * (double)slot->return_ns,
            .variance_seconds = 1e-9 * (double)slot->variance_ns,
            .waiting_seconds = 1e-9 * (double)(end_ns - begin_ns - busy_ns),
        };
        simulations += stats[worker].simulations;
    }
    return simulations;
}
