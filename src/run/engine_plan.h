/* How an engine would do a task, or what is left of it. Plain bytes: it lies in the run state, where another process
 * can read it. */
#ifndef MAXSHARPE_ENGINE_PLAN_H
#define MAXSHARPE_ENGINE_PLAN_H

#include <stdint.h>

#include "run/plan.h"

enum { MXSI_MAX_DEVICES = 64 };

struct mxsi_engine_plan {
    uint32_t backend; /* mxs_backend, not MXS_BACKEND_AUTO: whose plan it is */
    uint32_t workers; /* processes, no more than there are chunks */
    struct mxsi_plan work;

    /* A worker that is not ready after this time is killed. 0: as long as it takes. */
    uint64_t start_limit_ns;
    uint32_t start_limit_is_failure; /* 1: and its engine has failed, instead of getting another one */

    /* The engine's own. */
    uint32_t way; /* how it evaluates */
    int32_t devices[MXSI_MAX_DEVICES];
};

#endif
