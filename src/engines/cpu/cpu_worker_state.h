/* A worker process of the CPU backend, as its two ways through a chunk see it. */
#ifndef MAXSHARPE_CPU_WORKER_STATE_H
#define MAXSHARPE_CPU_WORKER_STATE_H

#include <stdint.h>

#include "engines/cpu/evaluators/evaluator.h"
#include "engines/cpu/evaluators/weight_table.h"
#include "run/worker.h"

struct mxsi_cpu_worker {
    struct mxsi_worker base;
    const struct mxsi_evaluator_kind *kind;
    struct mxsi_evaluator *evaluator;
    uint32_t *chosen;               /* the portfolio as positions among the free assets */
    uint32_t *assets;               /* the portfolio's assets; by a table, those of the kind's max_portfolios */
    uint64_t rank;                  /* of that portfolio */
    struct mxsi_weight_table table; /* shared draws, where the kind works with one */
};

/* Moves `chosen` to the portfolio of a rank: the next one where it follows, else by unranking. */
void mxsi_cpu_worker_choose(struct mxsi_cpu_worker *worker, uint64_t rank, int follows);

/* Decides in double every simulation whose upper bound reaches the bar; the most promising first, because it raises the
 * bar for the others. upper[count]; attempt[count], or NULL where they are first->attempt and the following. */
enum mxsi_outcome mxsi_cpu_worker_consider(struct mxsi_cpu_worker *worker, const struct mxsi_identity *first,
                                           const uint32_t *attempt, const float *upper, uint32_t count);

/* The units first <= unit < end with a table of weights, tile by tile. */
enum mxsi_outcome mxsi_cpu_worker_run_by_table(struct mxsi_cpu_worker *worker, uint64_t first, uint64_t end);

#endif
