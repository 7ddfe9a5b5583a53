/* The shared segment: one mapping that holds a whole search, read by every worker of every backend.
 *
 *     header | R | mu | Sigma | excess, risk (float) | forced, free | fixed-sum chances | done bytes | slots
 *
 * Offsets are 64-bit and count from the header; there is no pointer in it. Every array and every slot begins on a
 * 64-byte line. Nobody writes to the arrays after mxsi_segment_create; a worker writes to its own slot, to the done
 * byte of the chunk that it holds, and takes chunks off one atomic counter: there is no lock.
 *
 * The memory is a memfd, or an shm object unlinked at once: it has no name, so nothing is left in /dev/shm however the
 * program dies. */
#ifndef MAXSHARPE_SEGMENT_H
#define MAXSHARPE_SEGMENT_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>

#include "maxsharpe/status.h"
#include "problem/search_inputs.h"
#include "run/leaders.h"
#include "run/plan.h"

enum { MXSI_SEGMENT_VERSION = 1, MXSI_CACHE_LINE = 64 };

#define MXSI_SEGMENT_MAGIC "mxshseg"

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
    _Alignas(MXSI_CACHE_LINE) _Atomic uint32_t state; /* enum mxsi_slot_state */
    _Atomic uint32_t published;                       /* 0 or 1: the list that holds all finished chunks */
    _Atomic uint32_t is_ready;                        /* 1: the worker has what it needs and takes chunks */
    uint64_t start_ns;                                /* CLOCK_MONOTONIC, of its latest start; the parent's */
    _Atomic uint64_t simulations;                     /* evaluated so far, for progress */
    _Atomic uint64_t simulations_kept;                /* those of finished chunks */
    _Atomic uint64_t best_sharpe_bits;                /* a double, for progress; -HUGE_VAL: none yet */
    uint64_t begin_ns;                                /* CLOCK_MONOTONIC */
    uint64_t end_ns;
    uint64_t sampling_ns;
    uint64_t return_ns;
    uint64_t variance_ns;
    struct mxsi_identity fault;
    uint32_t status; /* mxs_status */
    char message[256];
    char kernel[64]; /* what the evaluator says of itself */
};

struct mxsi_segment {
    char magic[8];
    uint32_t version;
    uint32_t worker_count;
    uint64_t size; /* bytes of the whole mapping */
    uint64_t periods;
    struct mxsi_problem problem;
    struct mxsi_plan plan;
    uint64_t returns_at;
    uint64_t mean_at;
    uint64_t covariance_at;
    uint64_t excess_at;
    uint64_t risk_at;
    uint64_t forced_at;
    uint64_t free_assets_at;
    uint64_t fixed_sum_chance_at;
    uint64_t done_at;
    uint64_t slots_at;
    uint64_t slot_size;
    uint64_t leaders_size; /* of one list */
    sem_t wakeup;          /* a worker that ends posts it; the parent waits on it */
    _Alignas(MXSI_CACHE_LINE) _Atomic uint64_t next_chunk;
    _Alignas(MXSI_CACHE_LINE) _Atomic uint32_t stop;
};

/* Creates and fills a segment. inputs->returns is [periods][N] or NULL. *segment: destroy it with
 * mxsi_segment_destroy. Returns MXS_OK, MXS_ERROR_MEMORY. */
MXS_NODISCARD mxs_status mxsi_segment_create(const struct mxsi_inputs *inputs, uint64_t periods,
                                             const struct mxsi_plan *plan, uint32_t workers,
                                             struct mxsi_segment **segment, mxs_error *error);

void mxsi_segment_destroy(struct mxsi_segment *segment);

/* The inputs as they stand in the segment; they point into it. */
struct mxsi_inputs mxsi_segment_inputs(const struct mxsi_segment *segment);

struct mxsi_slot *mxsi_segment_slot(struct mxsi_segment *segment, uint32_t worker);
struct mxsi_leaders *mxsi_slot_leaders(const struct mxsi_segment *segment, struct mxsi_slot *slot, uint32_t which);

/* A byte for each chunk, 1 when its leaders are published. */
_Atomic uint8_t *mxsi_segment_done(struct mxsi_segment *segment);

#endif
