/* The supervision of worker processes, in whichever process forks them. */
#ifndef MAXSHARPE_SUPERVISOR_H
#define MAXSHARPE_SUPERVISOR_H

#include "launch/launch_end.h"
#include "run/engine.h"
#include "run/run_state.h"
#include "run/task_image.h"

/* Called about every twenty milliseconds, and before and behind it all. */
struct mxsi_watch {
    void (*look)(const void *context, const struct mxsi_run_state *state);
    const void *context;
};

/* Returns and ends as mxsi_launch. Where the board says stop, it does within a second. */
MXS_NODISCARD mxs_status mxsi_supervise(const struct mxsi_engine *engine, const struct mxsi_task_image *image,
                                        const struct mxsi_run_state *state, const struct mxsi_watch *watch,
                                        struct mxsi_launch_end *end, mxs_error *error);

#endif
