/* The one contract between a search and what carries it out.
 *
 * A backend is a table of functions. It gets a problem, makes a segment of it, works through its plan and leaves in
 * `outcome` the leaders that any other backend would find: the same bits, whatever it computed in between. */
#ifndef MAXSHARPE_BACKEND_H
#define MAXSHARPE_BACKEND_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "maxsharpe/search.h"
#include "problem/search_inputs.h"
#include "run/leaders.h"

/* What a backend is asked to do. Borrowed for the call. */
struct mxsi_backend_job {
    const struct mxsi_inputs *inputs;
    uint64_t periods;             /* rows of inputs->returns */
    mxs_evaluator evaluator;      /* as the caller asked */
    uint32_t workers;             /* 0: the backend chooses */
    uint64_t chunk_tiles;         /* 0: the backend chooses */
    const int *devices;           /* [device_count] GPUs to use */
    size_t device_count;          /* 0: all */
    int may_fall_back;            /* 1: where a GPU fails, the CPU does the rest */
    uint64_t simulations_total;   /* of a complete run, for progress */
    const _Atomic int *cancelled; /* becomes 1 when the caller wants the run to stop: then it stops within a second */
    mxs_progress_function progress;
    void *progress_user;
};

/* What it leaves. Strings and arrays are allocated from `arena`, which is the caller's. */
struct mxsi_backend_outcome {
    mxsi_arena *arena;
    struct mxsi_leaders
        *leaders; /* allocated by the caller, empty, for the problem's top; filled also when cancelled */
    int complete; /* 0 where it was cancelled */
    const char *evaluator;
    const char *kernel;
    mxs_worker_stats *workers;
    size_t worker_count;
    size_t workers_lost;
    uint64_t simulations_done;
    mxsi_lines warnings;
};

struct mxsi_backend {
    const char *name;

    /* Runs the job. MXS_OK also where it was cancelled (outcome->complete = 0). MXS_ERROR_DATA: a simulation has zero
     * variance; the message names the assets by `ticker_of`. */
    mxs_status (*run)(const struct mxsi_backend_job *job, struct mxsi_backend_outcome *outcome,
                      struct mxsi_identity *fault, mxs_error *error);
};

extern const struct mxsi_backend mxsi_cpu_backend;
extern const struct mxsi_backend mxsi_cuda_backend;

#endif
