/* Who starts the workers of an engine, in this process or, where it has threads, in the launcher: shows progress,
 * replaces those that die, has their unfinished chunks done again. What a worker computes with is its engine's
 * business. */
#ifndef MAXSHARPE_LAUNCH_H
#define MAXSHARPE_LAUNCH_H

#include <stddef.h>
#include <stdint.h>

#include "launch/launch_end.h"
#include "run/engine.h"
#include "run/run_state.h"
#include "run/task_image.h"

/* The launcher's job by which it supervises, with the descriptors of image and state. */
#define MXSI_SUPERVISION_JOB "supervision"

/* In the launcher: supervises what another process has asked for, by the engine that the state's plan names. engines:
 * [count] by mxs_backend, some NULL. Returns an exit status. */
int mxsi_launch_serve(const int *descriptors, int count, const struct mxsi_engine *const *engines, size_t engine_count);

/* Runs a state's plan by an engine until every chunk is done, and waits for that. simulations_before: done by others,
 * for progress.
 * Returns MXS_OK, also where it was cancelled; MXS_ERROR_DATA: a simulation has zero variance; MXS_ERROR_BACKEND: the
 * engine has failed, and what is not done, which is something, can be planned again; MXS_ERROR_MEMORY; MXS_ERROR_RUN.
 * No worker is left behind. */
MXS_NODISCARD mxs_status mxsi_launch(const struct mxsi_engine *engine, const struct mxsi_task_image *image,
                                     const struct mxsi_run_state *state, const struct mxsi_run_request *request,
                                     uint64_t simulations_before, struct mxsi_launch_end *end, mxs_error *error);

#endif
