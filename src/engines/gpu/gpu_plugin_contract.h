/* The contract between a GPU worker process (C, knows the search) and an engine (CUDA C++, knows the device): the
 * plug-in exports one table of functions. An engine screens batches of units (tiles of portfolios) and hands back the
 * candidates; it decides nothing. The tests drive the same contract with the kernels run on the CPU. */
#ifndef MAXSHARPE_GPU_PLUGIN_CONTRACT_H
#define MAXSHARPE_GPU_PLUGIN_CONTRACT_H

#include <stddef.h>
#include <stdint.h>

#include "problem/problem.h"
#include "sampling/sampling.h"
#include "screening/screening.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MXSI_GPU_ENGINE_VERSION = 3, /* of this contract: plug-in and program must agree */
    MXSI_GPU_QUEUES = 2,         /* batches under way at once */
    MXSI_GPU_MAX_DEVICES = 64,
    MXSI_GPU_REASON_SIZE = 256
};

/* What a device is, or why it cannot be used. */
struct mxsi_gpu_device {
    char name[128];
    char reason[MXSI_GPU_REASON_SIZE]; /* "" where it can be used */
    uint32_t capability;               /* compute capability, 10 * major + minor */
    uint64_t memory;                   /* bytes */
};

/* How the simulations of a batch are evaluated. */
enum mxsi_gpu_pipeline {
    MXSI_GPU_FUSED = 0,  /* one kernel: sampling, moments and screen in registers */
    MXSI_GPU_STAGED = 1, /* weights, expected returns by cuBLAS, variances, screen: one after the other */
    MXSI_GPU_SHARED = 2  /* shared draws: two cuBLAS products a tile */
};

struct mxsi_gpu_setup {
    const struct mxsi_problem *problem; /* this and the following: their arrays lie in the image */
    const struct mxsi_sampling *sampling;
    const struct mxsi_screening *screening;
    void *image; /* the whole mapping, to be pinned */
    size_t image_size;
    int device;
    enum mxsi_gpu_pipeline pipeline;
    size_t memory_budget; /* bytes of device memory; 0: chosen from what is free */
};

struct mxsi_gpu_batch {
    uint64_t first_unit; /* units count from the search's first portfolio: portfolio * tiles + tile */
    uint32_t units;      /* 1 .. max_units */
    float bar;           /* candidates whose upper bound is below need not come back */
    int only_best;       /* 1: one portfolio is wanted, so the engine may raise the bar by what it finds */
};

struct mxsi_gpu_candidate {
    uint64_t unit;
    uint32_t attempt;
    float upper; /* the upper bound of screen_bound.h */
};

struct mxsi_gpu_outcome {
    const struct mxsi_gpu_candidate *candidates; /* [stored], in no order; valid until the queue's next submit */
    uint32_t stored;
    uint32_t found; /* more than stored: some were lost for want of room, and the batch must be done again */
    float sampling_seconds;
    float return_seconds;
    float variance_seconds;
};

/* What a device can do at most: see mxs_peak. */
struct mxsi_gpu_peak {
    double sgemm_flops;
    double memory_bandwidth;
};

struct mxsi_gpu_engine;

/* Functions that can fail return 0, or -1 and one line in reason[MXSI_GPU_REASON_SIZE]. */
struct mxsi_gpu_engine_ops {
    uint32_t version;            /* MXSI_GPU_ENGINE_VERSION */
    const char *library_version; /* MXS version that the plug-in was built with */

    /* Number of devices, -1 and a reason where there is no driver, none, or one too old. */
    int (*count_devices)(char *reason);
    void (*describe_device)(int device, struct mxsi_gpu_device *description);

    /* Pipelines that this engine has for a problem: 1 or 0. Of both only K, the sampler, and whether draws are shared
     * are known when this is asked. */
    int (*supports)(const struct mxsi_problem *problem, const struct mxsi_sampling *sampling,
                    enum mxsi_gpu_pipeline pipeline);

    int (*create)(const struct mxsi_gpu_setup *setup, struct mxsi_gpu_engine **engine, char *reason);
    void (*destroy)(struct mxsi_gpu_engine *engine);
    void (*describe)(const struct mxsi_gpu_engine *engine, char *text, size_t text_size);

    /* The most units of one batch that the memory budget allows. */
    uint32_t (*max_units)(const struct mxsi_gpu_engine *engine);

    /* Starts a batch on a queue (0 .. MXSI_GPU_QUEUES - 1) that has none under way, and returns at once; collect waits
     * for it. */
    int (*submit)(struct mxsi_gpu_engine *engine, int queue, const struct mxsi_gpu_batch *batch, char *reason);
    int (*collect)(struct mxsi_gpu_engine *engine, int queue, struct mxsi_gpu_outcome *outcome, char *reason);

    int (*measure_peak)(int device, struct mxsi_gpu_peak *peak, char *reason);
};

/* The symbol that the plug-in exports. */
#define MXSI_GPU_ENGINE_SYMBOL "mxsi_gpu_engine_table"
typedef const struct mxsi_gpu_engine_ops *(*mxsi_gpu_engine_getter)(void);

#ifdef __cplusplus
}
#endif

#endif
