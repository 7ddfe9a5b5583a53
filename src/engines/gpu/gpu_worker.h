/* A worker process that has a GPU: it feeds batches to an engine and decides what comes back. */
#ifndef MAXSHARPE_GPU_WORKER_H
#define MAXSHARPE_GPU_WORKER_H

#include "engines/gpu/gpu_engine.h"
#include "run/segment.h"

struct mxsi_gpu_worker_setup {
    const struct mxsi_gpu_engine_ops *ops;
    enum mxsi_gpu_pipeline pipeline;
    int device;
};

/* Runs in a process of its own, as mxsi_pool_work.run. A failure of the device ends the worker with its reason in the
 * slot; its chunk stays undone. */
void mxsi_gpu_worker_run(struct mxsi_segment *segment, uint32_t index, const struct mxsi_gpu_worker_setup *setup);

#endif
