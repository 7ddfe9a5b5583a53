/* The one contract between a run and what computes it.
 *
 * An engine is a table of functions. It plans how it would do a task, or what is left of one, and does it as one of the
 * workers that a launcher starts. It starts no process of its own and knows of no other engine. */
#ifndef MAXSHARPE_ENGINE_H
#define MAXSHARPE_ENGINE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "maxsharpe/run.h"
#include "run/engine_plan.h"
#include "run/run_state.h"
#include "run/task.h"
#include "run/task_image.h"

/* What the caller asks of a run. Borrowed for the call. */
struct mxsi_run_request {
    mxs_evaluator evaluator;
    uint32_t workers;             /* 0: the engine chooses */
    uint64_t chunk_tiles;         /* 0: the engine chooses */
    const int *devices;           /* [device_count] GPUs to use */
    size_t device_count;          /* 0: all */
    uint64_t simulations_total;   /* of a complete run, for progress */
    uint64_t begin_ns;            /* when the run began, for progress: CLOCK_MONOTONIC */
    const _Atomic int *cancelled; /* becomes 1 when the caller wants the run to stop: then it stops within a second */
    mxs_progress_function progress;
    void *progress_user;
};

struct mxsi_engine {
    mxs_backend backend;

    /* Plans the units spans[span_count] of a task. Returns MXS_OK; MXS_ERROR_BACKEND where the engine lacks what is
     * asked for, or cannot run here; MXS_INTERRUPTED. */
    mxs_status (*plan)(const struct mxsi_task *task, const struct mxsi_run_request *request,
                       const struct mxsi_span *spans, uint64_t span_count, struct mxsi_engine_plan *plan,
                       mxs_error *error);

    /* What a worker does, in its own process (see worker.h): takes chunks until none is left or the state says stop,
     * and leaves leaders, times and a last state in its slot. */
    void (*work)(const struct mxsi_task_image *image, const struct mxsi_run_state *state, uint32_t worker);

    /* How it evaluates by this plan, one word; static. */
    const char *(*evaluator_name)(const struct mxsi_engine_plan *plan);
};

#endif
