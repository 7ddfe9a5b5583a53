/* What a worker process does. */
#ifndef MAXSHARPE_CPU_WORKER_H
#define MAXSHARPE_CPU_WORKER_H

#include <stdint.h>

#include "engines/cpu/evaluators/evaluator.h"
#include "run/segment.h"

/* Takes chunks until none is left or the segment says stop, and leaves everything in its slot. Runs in a process of
 * its own: it allocates what it needs at the start and frees nothing. */
void mxsi_cpu_worker_run(struct mxsi_segment *segment, uint32_t worker, const struct mxsi_evaluator_kind *kind);

#endif
