/* A worker process of the CPU: what those that go through blocks and those that go by a table have in common. */
#ifndef MAXSHARPE_CPU_WORKER_H
#define MAXSHARPE_CPU_WORKER_H

#include <stdint.h>

#include "engines/cpu/evaluators/evaluator.h"
#include "run/worker.h"

struct mxsi_cpu_worker {
    struct mxsi_worker base;
    void *evaluator;
    uint32_t *chosen; /* the portfolio as positions among the free assets */
    uint32_t *assets; /* [portfolios][K] the assets of so many portfolios */
    uint64_t rank;    /* of the portfolio in `chosen` */
};

/* Makes the worker with an evaluator; it is ready at once, or where it needs OpenBLAS when it has it. It has room for
 * the assets of `portfolios` and for `extra_size` bytes of its own: *extra. -1: it cannot; its slot says why. */
int mxsi_cpu_worker_begin(struct mxsi_cpu_worker *worker, const struct mxsi_task *task,
                          const struct mxsi_run_state *state, uint32_t index, const struct mxsi_evaluator_kind *kind,
                          uint32_t portfolios, size_t extra_size, void **extra);

/* Moves `chosen` to the portfolio of a rank: the next one where it follows, else by unranking. */
void mxsi_cpu_worker_choose(struct mxsi_cpu_worker *worker, uint64_t rank, int follows);

/* Decides in double every simulation whose upper bound reaches the bar; the most promising first, because it raises the
 * bar for the others. upper[count]; attempt[count], or NULL where they are first->attempt and the following. */
enum mxsi_outcome mxsi_cpu_worker_consider(struct mxsi_cpu_worker *worker, const struct mxsi_identity *first,
                                           const uint32_t *attempt, const float *upper, uint32_t count);

/* What a worker does with the units of a chunk. */
typedef enum mxsi_outcome mxsi_run_units(struct mxsi_cpu_worker *worker, uint64_t first, uint64_t end);

/* Takes chunks until none is left, and ends the worker. */
void mxsi_cpu_worker_take_chunks(struct mxsi_cpu_worker *worker, mxsi_run_units *run_units);

#endif
