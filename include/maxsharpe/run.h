/* How something long runs: what computes, how far it has come. No answer depends on it. */
#ifndef MAXSHARPE_RUN_H
#define MAXSHARPE_RUN_H

#include "maxsharpe/status.h"
#include "maxsharpe/types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MXS_MAX_WORKERS = 4096 };

/* How far a run has come. New members are appended. */
typedef struct mxs_progress {
    uint64_t simulations_done;
    uint64_t simulations_total;
    double seconds;     /* since the run began */
    double best_sharpe; /* best so far; -HUGE_VAL while there is none */
} mxs_progress;

/* Called about ten times a second from the thread that waits for the run. A return value other than zero cancels it. */
typedef int (*mxs_progress_function)(const mxs_progress *progress, void *user);

typedef struct mxs_run_options {
    size_t struct_size;             /* set by MXS_RUN_OPTIONS or mxs_run_options_init */
    mxs_backend backend;            /* MXS_BACKEND_AUTO */
    mxs_evaluator evaluator;        /* MXS_EVALUATOR_AUTO */
    unsigned workers;               /* processes on the CPU, at most MXS_MAX_WORKERS; 0: one for each core that this
                                       process may use */
    const int *devices;             /* [device_count] GPUs, as CUDA counts them */
    size_t device_count;            /* 0: all of them */
    uint64_t chunk_tiles;           /* tiles of 1024 simulations a worker takes at a time; 0: chosen by the library,
                                       as it is for what a failed GPU leaves */
    mxs_progress_function progress; /* NULL */
    void *progress_user;            /* handed to progress */
} mxs_run_options;

/* The defaults named above, to begin a struct with. */
#define MXS_RUN_OPTIONS \
    { sizeof(mxs_run_options), MXS_BACKEND_AUTO, MXS_EVALUATOR_AUTO, 0, 0, 0, 0, 0, 0 }

/* The same at run time. struct_size: sizeof(mxs_run_options) of the caller. */
MXS_API void mxs_run_options_init(mxs_run_options *options, size_t struct_size);

#ifdef __cplusplus
}
#endif

#endif
