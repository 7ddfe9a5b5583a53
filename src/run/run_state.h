/* The run state: what workers share while they run, in one piece of shared memory.
 *
 *     board | spans, their first chunks | done bytes | slots
 *
 * A worker writes to its own slot, to the done byte of the chunk that it holds, and takes chunks off one atomic
 * counter: there is no lock. Every slot begins on a 64-byte line. Where things lie is each process's own knowledge: it
 * is read once, before any worker writes. */
#ifndef MAXSHARPE_RUN_STATE_H
#define MAXSHARPE_RUN_STATE_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>

#include "maxsharpe/result.h"
#include "process/shared_memory.h"
#include "run/engine_plan.h"
#include "run/leaders.h"

enum mxsi_slot_state {
    MXSI_SLOT_IDLE = 0,
    MXSI_SLOT_RUNNING = 1,
    MXSI_SLOT_FINISHED = 2,      /* no work left, or stopped */
    MXSI_SLOT_FAILED = 3,        /* `status` and `message` say why */
    MXSI_SLOT_ZERO_VARIANCE = 4, /* `fault` is a simulation without a Sharpe ratio */
};

/* One worker's own place. Two lists of leaders follow it, of which `published` says the valid one: a worker that is
 * killed in the middle of a line never leaves half a list. */
struct mxsi_slot {
    _Alignas(64) _Atomic uint32_t state; /* enum mxsi_slot_state */
    _Atomic uint32_t published;          /* 0 or 1: the list that holds all finished chunks */
    _Atomic uint32_t is_ready;           /* 1: nothing from outside keeps the worker any more */
    uint64_t start_ns;                   /* CLOCK_MONOTONIC, of its latest start; its parent's */
    _Atomic uint64_t simulations;        /* evaluated so far, for progress */
    _Atomic uint64_t simulations_kept;   /* those of finished chunks */
    _Atomic uint64_t best_bits;          /* a double, for progress; -HUGE_VAL: none yet */
    uint64_t begin_ns;                   /* CLOCK_MONOTONIC */
    uint64_t end_ns;
    uint64_t sampling_ns;
    uint64_t return_ns;
    uint64_t variance_ns;
    struct mxsi_identity fault;
    uint32_t status; /* mxs_status */
    char message[256];
    char kernel[64]; /* what the evaluator says of itself */
};

/* How the supervision of the workers ended, where it runs in a process of its own: see launch/launch.h. */
struct mxsi_verdict {
    _Atomic uint32_t is_given; /* 1: the rest is valid */
    uint32_t status;           /* mxs_status */
    uint64_t workers_lost;
    struct mxsi_identity fault;
    char message[MXS_ERROR_MESSAGE_SIZE];
};

struct mxsi_run_board {
    char magic[8];
    uint32_t version;
    uint32_t top; /* leaders in a list at most */
    struct mxsi_engine_plan plan;
    sem_t wakeup; /* a worker that ends posts it; whoever supervises waits on it */
    _Alignas(64) _Atomic uint64_t next_chunk;
    _Alignas(64) _Atomic uint32_t stop;
    _Alignas(64) struct mxsi_verdict verdict;
};

/* A run state as a process sees it. */
struct mxsi_run_state {
    struct mxsi_shared_memory shared;
    int is_mine; /* 1: this process has created it */
    struct mxsi_run_board *board;
    struct mxsi_engine_plan plan;
    const struct mxsi_span *spans; /* [plan.work.span_count] */
    const uint64_t *first_chunk;   /* likewise */
    _Atomic uint8_t *done;         /* a byte for each chunk, 1 when its leaders are published */
    char *slots;
    uint64_t slot_size;
    uint64_t list_size; /* of one list of leaders */
    uint32_t top;
};

/* Creates a state for plan->workers workers, who begin with the leaders in `known` (NULL: none). Destroy it with
 * mxsi_run_state_destroy. Returns MXS_OK, MXS_ERROR_MEMORY, MXS_ERROR_RUN. */
MXS_NODISCARD mxs_status mxsi_run_state_create(const struct mxsi_engine_plan *plan, const struct mxsi_span *spans,
                                               uint32_t top, const struct mxsi_leaders *known,
                                               struct mxsi_run_state *state, mxs_error *error);

/* The state that another process has created; the descriptor is taken over. 0; -1: it cannot be mapped, or is none. */
int mxsi_run_state_map(int descriptor, struct mxsi_run_state *state);

void mxsi_run_state_destroy(struct mxsi_run_state *state);

struct mxsi_slot *mxsi_run_state_slot(const struct mxsi_run_state *state, uint32_t worker);

struct mxsi_leader_list *mxsi_slot_leaders(const struct mxsi_run_state *state, struct mxsi_slot *slot, uint32_t which);

uint64_t mxsi_run_state_chunks_done(const struct mxsi_run_state *state);

/* How many spans can be left at most: every other chunk of each span, from its first one on. */
static inline uint64_t mxsi_run_state_most_rest(const struct mxsi_run_state *state) {
    return (state->plan.work.chunks + state->plan.work.span_count) / 2;
}

/* The units of the chunks that are not done, as few spans as there can be, into rest: room for
 * mxsi_run_state_most_rest. Returns how many. */
uint64_t mxsi_run_state_rest(const struct mxsi_run_state *state, struct mxsi_span *rest);

/* What the workers, who are no more, have found and done: their leaders are offered, their times go to
 * stats[plan.workers], the kernel's name is copied. begin_ns: of the run. Returns the simulations that they have
 * evaluated. */
uint64_t mxsi_run_state_collect(const struct mxsi_run_state *state, uint64_t begin_ns, struct mxsi_leaders *leaders,
                                mxs_worker_stats *stats, char *kernel, size_t kernel_size);

#endif
