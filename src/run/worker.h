/* What every worker process does besides computing: takes chunks, decides candidates in double, publishes. */
#ifndef MAXSHARPE_WORKER_H
#define MAXSHARPE_WORKER_H

#include <stddef.h>
#include <stdint.h>

#include "maxsharpe/status.h"
#include "run/leaders.h"
#include "run/run_state.h"
#include "run/task.h"
#include "sampling/rescore.h"

enum mxsi_outcome { MXSI_GO_ON, MXSI_STOPPED, MXSI_ZERO_VARIANCE };

/* Wall time spent, in nanoseconds, since the worker last published. */
struct mxsi_worker_times {
    uint64_t sampling;
    uint64_t returns;
    uint64_t variances;
};

struct mxsi_worker {
    struct mxsi_task task;
    const struct mxsi_run_state *state;
    struct mxsi_slot *slot;
    struct mxsi_rescorer rescorer;
    struct mxsi_leaders leaders; /* of this worker's finished chunks and the one that it is in */
    int leaders_changed;         /* since they were last published */
    uint64_t chunk;              /* the one that it is in */
    struct mxsi_worker_times times;
    uint64_t published_ns; /* when it last published */
};

/* Bytes of memory that mxsi_worker_begin needs. */
size_t mxsi_worker_memory(const struct mxsi_task *task);

/* memory: mxsi_worker_memory bytes, 64-byte aligned, zeroed; it stays the caller's. The task's parts and the state are
 * borrowed. A worker that replaces a dead one goes on from what that one had published. */
void mxsi_worker_begin(struct mxsi_worker *worker, const struct mxsi_task *task, const struct mxsi_run_state *state,
                       uint32_t index, void *memory);

/* Nothing from outside keeps the worker any more: only its own work does. */
void mxsi_worker_is_ready(const struct mxsi_run_state *state, uint32_t index);

/* Ends the worker with a failure; message is one line. */
void mxsi_worker_fail(const struct mxsi_run_state *state, uint32_t index, mxs_status status, const char *message);

/* Takes the next chunk: its units are *first <= unit < *end. 0 when none is left or the run is to stop. */
int mxsi_worker_take_chunk(struct mxsi_worker *worker, uint64_t *first, uint64_t *end);

/* The chunk is done: its leaders are published, then it is marked. */
void mxsi_worker_finish_chunk(struct mxsi_worker *worker);

/* Publishes what there is and leaves. outcome: of the last chunk. */
void mxsi_worker_end(struct mxsi_worker *worker, enum mxsi_outcome outcome);

int mxsi_worker_should_stop(const struct mxsi_worker *worker);

/* Counts simulations, for progress, and publishes once a second: where a chunk is long and its worker is killed, what
 * it had found is still the best so far. */
void mxsi_worker_count(struct mxsi_worker *worker, uint64_t simulations);

/* What the upper bound of a simulation of portfolio `rank` must reach: see screen_bound.h. */
float mxsi_worker_bar(const struct mxsi_worker *worker, uint64_t rank);

/* Computes one candidate in double and takes it in where it leads. MXSI_GO_ON or MXSI_ZERO_VARIANCE. */
enum mxsi_outcome mxsi_worker_consider(struct mxsi_worker *worker, const struct mxsi_identity *identity);

#endif
