/* The pool of worker processes under every backend: forks them, shows progress, replaces those that die, has their
 * unfinished chunks done again, and collects what they leave in the shared segment. What a worker computes with is its
 * backend's business: a core, or a GPU that only this process ever talks to. */
#ifndef MAXSHARPE_WORKER_POOL_H
#define MAXSHARPE_WORKER_POOL_H

#include <stdint.h>

#include "run/backend.h"
#include "run/segment.h"

struct mxsi_pool_work {
    uint32_t workers; /* processes wanted; fewer are started where there are fewer chunks */
    struct mxsi_plan plan;

    /* What a worker does, in its own process (see worker.h): takes chunks until none is left or the segment says stop,
     * and leaves leaders, times and a last state in its slot. context: from below. */
    void (*run)(struct mxsi_segment *segment, uint32_t worker, const void *context);
    const void *context;
    const char *evaluator; /* its name in the result; static */

    /* A worker that is not ready after this time is killed and replaced: a fork can catch another thread of the program
     * inside the dynamic linker, whose lock the child then never gets. 0: as long as it takes. */
    uint64_t start_limit_ns;

    /* What takes over for the chunks that are left where a worker fails with MXS_ERROR_BACKEND, with a warning in the
     * result; its plan is not used. NULL: the run fails. */
    const struct mxsi_pool_work *fallback;
};

/* Runs a job. Returns and *outcome as mxsi_backend.run. */
MXS_NODISCARD mxs_status mxsi_pool_run(const struct mxsi_backend_job *job, const struct mxsi_pool_work *work,
                                       struct mxsi_backend_outcome *outcome, struct mxsi_identity *fault,
                                       mxs_error *error);

#endif
