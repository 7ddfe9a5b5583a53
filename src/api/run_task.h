/* Which engines a task runs on: the one that is wanted, and where that fails and another may do the rest, that one. */
#ifndef MAXSHARPE_RUN_TASK_H
#define MAXSHARPE_RUN_TASK_H

#include "base/arena.h"
#include "maxsharpe/result.h"
#include "run/engine.h"
#include "run/leaders.h"

enum { MXSI_MAX_ENGINES = 2 };

/* What a run leaves. Strings and arrays are allocated from `arena`, which is the caller's. */
struct mxsi_run_record {
    mxsi_arena *arena;
    struct mxsi_leaders leaders; /* initialised by the caller; filled also when cancelled */
    int complete;                /* 0 where it was cancelled */
    mxs_engine_stats engines[MXSI_MAX_ENGINES];
    size_t engine_count;
    mxs_worker_stats *workers; /* of all engines */
    size_t worker_count;
    size_t workers_lost;
    uint64_t simulations_done;
    mxsi_messages warnings;
    struct mxsi_identity fault; /* MXS_ERROR_DATA: the simulation without a Sharpe ratio */
};

/* The engine of a backend; NULL: there is none, or it is MXS_BACKEND_AUTO. */
const struct mxsi_engine *mxsi_engine_of(mxs_backend backend);

/* Runs the task on the wanted backend. With MXS_BACKEND_AUTO that is the GPU where there is one, and the CPU for what
 * it cannot do, with a warning. Returns MXS_OK, also where it was cancelled; MXS_ERROR_DATA: a simulation has zero
 * variance; MXS_ERROR_ARGUMENT: there is no such backend; MXS_ERROR_BACKEND; MXS_ERROR_MEMORY; MXS_ERROR_RUN. */
MXS_NODISCARD mxs_status mxsi_run_task(mxs_backend wanted, const struct mxsi_task *task,
                                       const struct mxsi_run_request *request, struct mxsi_run_record *record,
                                       mxs_error *error);

#endif
