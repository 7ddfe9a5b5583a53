/* What a worker process of the CPU does: takes chunks until none is left or the run is to stop, and leaves everything
 * in its slot. In a process of its own: it allocates what it needs at the start and frees nothing. */
#ifndef MAXSHARPE_CPU_WORKERS_H
#define MAXSHARPE_CPU_WORKERS_H

#include <stdint.h>

#include "engines/cpu/evaluators/evaluator.h"
#include "run/run_state.h"
#include "run/task.h"

void mxsi_cpu_block_worker_run(const struct mxsi_task *task, const struct mxsi_run_state *state, uint32_t worker,
                               const struct mxsi_block_evaluator_kind *kind);

/* Of tasks with shared draws. */
void mxsi_cpu_table_worker_run(const struct mxsi_task *task, const struct mxsi_run_state *state, uint32_t worker,
                               const struct mxsi_table_evaluator_kind *kind);

#endif
