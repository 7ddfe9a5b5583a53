/* A worker process that has a GPU: it feeds batches to an engine and decides what comes back. */
#ifndef MAXSHARPE_GPU_WORKER_H
#define MAXSHARPE_GPU_WORKER_H

#include "engines/gpu/gpu_plugin_contract.h"
#include "run/run_state.h"
#include "run/task_image.h"

struct mxsi_gpu_worker_setup {
    const struct mxsi_gpu_engine_ops *ops;
    enum mxsi_gpu_pipeline pipeline;
    int device;
};

/* Runs in a process of its own, as mxsi_engine.work. A failure of the device ends the worker with its reason in the
 * slot; its chunk stays undone. */
void mxsi_gpu_worker_run(const struct mxsi_task_image *image, const struct mxsi_run_state *state, uint32_t index,
                         const struct mxsi_gpu_worker_setup *setup);

#endif
