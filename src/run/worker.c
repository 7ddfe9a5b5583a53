#include "run/worker.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/monotonic_clock.h"
#include "screening/screen_bound.h"

static const uint64_t PUBLISH_NS = 1000000000u;

size_t mxsi_worker_memory(const struct mxsi_task *task) {
    return mxsi_whole_cache_lines(mxsi_rescorer_size(task->problem->assets_per_portfolio)) +
           mxsi_leaders_size(mxsi_task_top(task));
}

void mxsi_worker_begin(struct mxsi_worker *worker, const struct mxsi_task *task, const struct mxsi_run_state *state,
                       uint32_t index, void *memory) {
    struct mxsi_slot *slot = mxsi_run_state_slot(state, index);
    uintptr_t at = (uintptr_t)memory;
    *worker = (struct mxsi_worker){.task = *task, .state = state, .slot = slot};
    void *rescorer = mxsi_take_cache_lines(&at, mxsi_rescorer_size(task->problem->assets_per_portfolio));
    mxsi_rescorer_init(&worker->rescorer, task->problem, task->sampling, rescorer);
    mxsi_leaders_init(&worker->leaders, mxsi_task_top(task), (void *)at);
    mxsi_leaders_offer_list(&worker->leaders, mxsi_slot_leaders(state, slot, atomic_load(&slot->published)));
}

void mxsi_worker_is_ready(const struct mxsi_run_state *state, uint32_t index) {
    atomic_store(&mxsi_run_state_slot(state, index)->is_ready, 1);
}

void mxsi_worker_fail(const struct mxsi_run_state *state, uint32_t index, mxs_status status, const char *message) {
    struct mxsi_slot *slot = mxsi_run_state_slot(state, index);
    slot->status = (uint32_t)status;
    (void)snprintf(slot->message, sizeof slot->message, "%s", message);
    atomic_store(&slot->state, MXSI_SLOT_FAILED);
}

int mxsi_worker_take_chunk(struct mxsi_worker *worker, uint64_t *first, uint64_t *end) {
    const struct mxsi_run_state *state = worker->state;
    do {
        if (mxsi_worker_should_stop(worker)) {
            return 0;
        }
        worker->chunk = atomic_fetch_add(&state->board->next_chunk, 1);
        if (worker->chunk >= state->plan.work.chunks) {
            return 0;
        }
    } while (atomic_load(&state->done[worker->chunk])); /* in a second round, for the chunks of workers that died */
    const struct mxsi_span units = mxsi_plan_chunk(&state->plan.work, state->spans, state->first_chunk, worker->chunk);
    *first = units.first;
    *end = units.end;
    return 1;
}

static void publish(struct mxsi_worker *worker) {
    struct mxsi_slot *slot = worker->slot;
    if (worker->leaders_changed) {
        const uint32_t hidden = 1 - atomic_load(&slot->published);
        mxsi_leaders_copy(mxsi_slot_leaders(worker->state, slot, hidden), &worker->leaders);
        atomic_store(&slot->published, hidden);
        worker->leaders_changed = 0;
    }
    slot->sampling_ns += worker->times.sampling;
    slot->return_ns += worker->times.returns;
    slot->variance_ns += worker->times.variances;
    worker->times = (struct mxsi_worker_times){0};
    slot->end_ns = mxsi_now_ns();
    worker->published_ns = slot->end_ns;
}

void mxsi_worker_finish_chunk(struct mxsi_worker *worker) {
    publish(worker);
    atomic_store(&worker->slot->simulations_kept, atomic_load(&worker->slot->simulations));
    /* After its leaders are published: a chunk is never done and lost. */
    atomic_store(&worker->state->done[worker->chunk], 1);
}

void mxsi_worker_end(struct mxsi_worker *worker, enum mxsi_outcome outcome) {
    publish(worker);
    atomic_store(&worker->slot->state, outcome == MXSI_ZERO_VARIANCE ? MXSI_SLOT_ZERO_VARIANCE : MXSI_SLOT_FINISHED);
}

int mxsi_worker_should_stop(const struct mxsi_worker *worker) {
    return atomic_load_explicit(&worker->state->board->stop, memory_order_relaxed) != 0;
}

void mxsi_worker_count(struct mxsi_worker *worker, uint64_t simulations) {
    atomic_fetch_add_explicit(&worker->slot->simulations, simulations, memory_order_relaxed);
    if (worker->leaders_changed && mxsi_now_ns() - worker->published_ns > PUBLISH_NS) {
        publish(worker);
    }
}

float mxsi_worker_bar(const struct mxsi_worker *worker, uint64_t rank) {
    return mxsi_screen_bar(mxsi_leaders_bar(&worker->leaders, rank), worker->task.screening->value_scale);
}

static void store_best(const struct mxsi_worker *worker) {
    uint64_t bits;
    memcpy(&bits, &worker->leaders.best, sizeof bits);
    atomic_store_explicit(&worker->slot->best_bits, bits, memory_order_relaxed);
}

enum mxsi_outcome mxsi_worker_consider(struct mxsi_worker *worker, const struct mxsi_identity *identity) {
    struct mxsi_score score = {0};
    const int failed = mxsi_rescore(&worker->rescorer, identity, &score);
    if (failed < 0) {
        worker->slot->fault = *identity;
        return MXSI_ZERO_VARIANCE;
    }
    const struct mxsi_leader candidate = {.value = score.value, .identity = *identity};
    if (failed == 0 && mxsi_leaders_offer(&worker->leaders, &candidate)) {
        worker->leaders_changed = 1;
        store_best(worker);
    }
    return MXSI_GO_ON;
}
