/* What the engine keeps in device memory: the problem, and each queue's arrays for a batch, as large as the memory
 * budget allows. */
#ifndef MAXSHARPE_ENGINE_MEMORY_CUH
#define MAXSHARPE_ENGINE_MEMORY_CUH

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_runtime.h"
#include "engines/gpu/gpu_plugin_contract.h"
#include "fused_instances.h"
#include "maxsharpe/types.h"
#include "sampling/fixed_sum.h"
#include "screening/screen_bound.h"
#include "shared_draw_kernels.cuh"

enum {
    MXSI_CANDIDATES = 1 << 16,      /* room for candidates of a batch, many more than a tile has simulations */
    MXSI_FIRST_CANDIDATES = 1 << 8, /* fetched with the counters: nearly always all there are */
    MXSI_MAX_BATCH_UNITS = 1 << 20,
    MXSI_MAX_ALLOCATIONS = 16 /* of the engine; the problem takes seven, each queue two */
};

/* Begins every batch and is fetched at its end. */
struct mxsi_counters {
    uint32_t found;
    uint32_t highest_bits;
};

struct mxsi_engine_queue {
    mxsi_gpu_batch batch;
    mxsi_counters *counters;             /* device */
    mxsi_counters *host_counters;        /* [2]: what a batch begins with, what it ended with */
    mxsi_gpu_candidate *candidates;      /* device, [MXSI_CANDIDATES] */
    mxsi_gpu_candidate *host_candidates; /* [MXSI_CANDIDATES] */
    mxsi_staged_batch arrays;            /* device; of the staged and shared pipelines */
    float *products;                     /* device, [K (K + 1)/2][COLUMNS]; shared pipeline */
    float *risks;                        /* device, [units][K (K + 1)/2]; shared pipeline */
};

/* What the engine has for a sampler: the kernel that draws what sampling/sampler.h defines. */
struct mxsi_device_sampler {
    int draws_spacings;  /* 1: in registers, so that the fused pipeline has it */
    int has_tails;       /* 1: it works in heights and tails */
    int scales_by_width; /* 1: weight * sum = width * y + min_weight * sum; else spare * spacing + min_weight * sum */
    int is_constant;     /* 1: every attempt is the same */
    int (*draw)(struct mxsi_gpu_engine *engine, int queue, uint64_t first_unit, uint32_t units, char *reason);
};

struct mxsi_gpu_engine {
    mxsi_device *device;
    mxsi_gpu_pipeline pipeline;
    const mxsi_device_sampler *sampler;
    uint32_t max_units;
    mxsi_kernel_problem problem;
    mxsi_fused_pointer fused;
    void *memory[MXSI_MAX_ALLOCATIONS]; /* everything in device memory that has no other owner */
    int memory_count;
    mxsi_engine_queue queues[MXSI_GPU_QUEUES];
};

/* Device memory that goes with the engine. NULL: reason says why. */
static void *mxsi_engine_allocate(mxsi_gpu_engine *engine, size_t bytes, char *reason) {
    void *memory = NULL;
    if (engine->memory_count == MXSI_MAX_ALLOCATIONS) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "more than %d arrays in device memory: this is a bug in maxsharpe",
                       (int)MXSI_MAX_ALLOCATIONS);
        return NULL;
    }
    if (mxsi_device_allocate(engine->device, bytes, &memory, reason) != 0) {
        return NULL;
    }
    engine->memory[engine->memory_count++] = memory;
    return memory;
}

static int mxsi_engine_upload(mxsi_gpu_engine *engine, const void *from, size_t bytes, const void **to, char *reason) {
    void *memory = mxsi_engine_allocate(engine, bytes, reason);
    *to = memory;
    if (memory == NULL || bytes == 0) {
        return memory == NULL ? -1 : 0;
    }
    return mxsi_device_upload(engine->device, 0, memory, from, bytes, reason) ||
                   mxsi_device_wait(engine->device, 0, reason)
               ? -1
               : 0;
}

/* Pascal's triangle along the paths that an unranking takes: C(i + j, i) for i <= chosen, j <= left out. What does not
 * fit 64 bits is on no path of a problem whose portfolios fit. */
static int mxsi_engine_upload_choices(mxsi_gpu_engine *engine, const mxsi_problem *problem, char *reason) {
    const size_t chosen = problem->assets_per_portfolio - problem->forced_count;
    const size_t width = problem->free_count - chosen + 1;
    uint64_t *choices = (uint64_t *)malloc((chosen + 1) * width * sizeof *choices);
    if (choices == NULL) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "not enough memory for a table of binomials");
        return -1;
    }
    for (size_t i = 0; i <= chosen; ++i) {
        for (size_t j = 0; j < width; ++j) {
            uint64_t value = 1;
            if (i > 0 && j > 0 &&
                __builtin_add_overflow(choices[(i - 1) * width + j], choices[i * width + j - 1], &value)) {
                value = UINT64_MAX;
            }
            choices[i * width + j] = value;
        }
    }
    const void *uploaded = NULL;
    const int failed = mxsi_engine_upload(engine, choices, (chosen + 1) * width * sizeof *choices, &uploaded, reason);
    engine->problem.choices = (const uint64_t *)uploaded;
    free(choices);
    return failed;
}

static int mxsi_engine_upload_heights(mxsi_gpu_engine *engine, double box_sum, char *reason) {
    const size_t k = engine->problem.k;
    float *heights = (float *)malloc(k * k * sizeof *heights);
    if (heights == NULL) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "not enough memory for the fixed-sum sampler");
        return -1;
    }
    mxsi_fixed_sum_heights(engine->problem.k, box_sum, heights);
    const void *uploaded = NULL;
    const int failed = mxsi_engine_upload(engine, heights, k * k * sizeof *heights, &uploaded, reason);
    engine->problem.height = (const float *)uploaded;
    free(heights);
    return failed;
}

/* The numbers of a problem, as kernels are given them. */
static void mxsi_engine_set_numbers(mxsi_gpu_engine *engine, const mxsi_gpu_setup *setup) {
    const mxsi_problem *problem = setup->problem;
    const mxsi_sampling *sampling = setup->sampling;
    mxsi_kernel_problem *to = &engine->problem;
    to->seed = sampling->seed;
    to->first_portfolio = sampling->first_portfolio;
    to->tiles_per_portfolio = sampling->tiles_per_portfolio;
    to->simulations = sampling->simulations;
    to->assets = problem->assets;
    to->k = problem->assets_per_portfolio;
    to->forced_count = problem->forced_count;
    to->free_count = problem->free_count;
    to->blocks_per_attempt = sampling->blocks_per_attempt;
    to->shared_draws = sampling->shared_draws;
    to->cap = sampling->cap;
    to->acceptance = (float)mxsi_sampling_rate(sampling);
    to->min_weight = sampling->min_weight_f;
    to->spare = engine->sampler->scales_by_width ? sampling->width_f : sampling->spare_f;
    to->excess_slack = setup->screening->excess_slack;
    to->variance_slack =
        engine->pipeline == MXSI_GPU_SHARED ? mxsi_packed_variance_slack(to->k) : setup->screening->variance_slack;
}

static int mxsi_engine_load_problem(mxsi_gpu_engine *engine, const mxsi_gpu_setup *setup, char *reason) {
    const mxsi_problem *problem = setup->problem;
    const size_t n = problem->assets;
    mxsi_kernel_problem *to = &engine->problem;
    mxsi_engine_set_numbers(engine, setup);
    const struct {
        const void *from;
        size_t bytes;
        const void **to;
    } arrays[] = {
        {setup->screening->excess, n * sizeof(float), (const void **)&to->excess},
        {setup->screening->risk, n * n * sizeof(float), (const void **)&to->risk},
        {problem->forced, problem->forced_count * sizeof(uint32_t), (const void **)&to->forced},
        {problem->free_assets, problem->free_count * sizeof(uint32_t), (const void **)&to->free_assets},
        {setup->sampling->table, setup->sampling->table_size, (const void **)&to->chance},
    };
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; ++i) {
        if (mxsi_engine_upload(engine, arrays[i].from, arrays[i].bytes, arrays[i].to, reason) != 0) {
            return -1;
        }
    }
    return mxsi_engine_upload_choices(engine, problem, reason) != 0 ||
                   (engine->sampler->has_tails &&
                    mxsi_engine_upload_heights(engine, setup->sampling->box_sum, reason) != 0)
               ? -1
               : 0;
}

/* Bytes that a queue needs for one unit, and once. */
static size_t mxsi_engine_bytes_of_unit(const mxsi_gpu_engine *engine) {
    const size_t k = engine->problem.k;
    const size_t columns = MXSI_COLUMNS * sizeof(float);
    switch (engine->pipeline) {
    case MXSI_GPU_FUSED:
        return 0;
    case MXSI_GPU_STAGED:
        return columns * (k * (engine->sampler->has_tails ? 2 : 1) + 4) + k * 8;
    case MXSI_GPU_SHARED:
        return columns * 2 + k * (k + 1) / 2 * sizeof(float) + k * 8;
    }
    return 0;
}

static size_t mxsi_engine_bytes_of_queue(const mxsi_gpu_engine *engine) {
    const size_t k = engine->problem.k;
    return engine->pipeline == MXSI_GPU_SHARED ? MXSI_COLUMNS * sizeof(float) * (2 * k + 2 + k * (k + 1) / 2) : 0;
}

static int mxsi_engine_allocate_arrays(mxsi_gpu_engine *engine, mxsi_engine_queue *queue, size_t units, char *reason) {
    const size_t k = engine->problem.k;
    const size_t columns = MXSI_COLUMNS * sizeof(float);
    /* Shared draws: one tile of weights for all units. */
    const size_t drawn = engine->pipeline == MXSI_GPU_SHARED ? 1 : units;
    const size_t tails = engine->sampler->has_tails ? drawn * k * columns : 0;
    const size_t packed = engine->pipeline == MXSI_GPU_SHARED ? k * (k + 1) / 2 : 0;
    const struct {
        size_t bytes;
        void **to;
    } wanted[] = {
        {drawn * k * columns, (void **)&queue->arrays.weights},
        {tails, (void **)&queue->arrays.tails},
        {drawn * columns, (void **)&queue->arrays.sums},
        {drawn * columns, (void **)&queue->arrays.attempts},
        {units * k * sizeof(uint32_t), (void **)&queue->arrays.assets},
        {units * k * sizeof(float), (void **)&queue->arrays.gains},
        {units * columns, (void **)&queue->arrays.excess},
        {units * columns, (void **)&queue->arrays.variances},
        {packed * columns, (void **)&queue->products},
        {units * packed * sizeof(float), (void **)&queue->risks},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; ++i) {
        if (mxsi_device_allocate(engine->device, wanted[i].bytes, wanted[i].to, reason) != 0) {
            return -1;
        }
    }
    return 0;
}

static void mxsi_engine_release_arrays(mxsi_gpu_engine *engine, mxsi_engine_queue *queue) {
    void **const arrays[] = {
        (void **)&queue->arrays.weights,  (void **)&queue->arrays.tails,     (void **)&queue->arrays.sums,
        (void **)&queue->arrays.attempts, (void **)&queue->arrays.assets,    (void **)&queue->arrays.gains,
        (void **)&queue->arrays.excess,   (void **)&queue->arrays.variances, (void **)&queue->products,
        (void **)&queue->risks,
    };
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; ++i) {
        mxsi_device_release(engine->device, *arrays[i]);
        *arrays[i] = NULL;
    }
}

/* As many units as the budget holds; where the device has less than it said, half as many, until they fit. */
static int mxsi_engine_size_batches(mxsi_gpu_engine *engine, size_t budget, char *reason) {
    engine->max_units = MXSI_MAX_BATCH_UNITS;
    const size_t of_unit = mxsi_engine_bytes_of_unit(engine);
    if (of_unit == 0) {
        return 0;
    }
    if (budget == 0) {
        const size_t most = (size_t)8 << 30;
        const size_t half = mxsi_device_free_memory(engine->device) / 2;
        budget = half < most ? half : most;
    }
    const size_t fixed = mxsi_engine_bytes_of_queue(engine);
    const size_t of_queue = budget / MXSI_GPU_QUEUES > fixed ? budget / MXSI_GPU_QUEUES - fixed : 0;
    const size_t fitting = of_queue / of_unit;
    engine->max_units =
        fitting < 1 ? 1 : (fitting < MXSI_MAX_BATCH_UNITS ? (uint32_t)fitting : (uint32_t)MXSI_MAX_BATCH_UNITS);
    for (;;) {
        int failed = 0;
        for (int i = 0; i < MXSI_GPU_QUEUES && !failed; ++i) {
            failed = mxsi_engine_allocate_arrays(engine, &engine->queues[i], engine->max_units, reason);
        }
        if (!failed) {
            return 0;
        }
        for (int i = 0; i < MXSI_GPU_QUEUES; ++i) {
            mxsi_engine_release_arrays(engine, &engine->queues[i]);
        }
        if (engine->max_units == 1) {
            return -1;
        }
        engine->max_units /= 2;
    }
}

static int mxsi_engine_open_queue(mxsi_gpu_engine *engine, mxsi_engine_queue *queue, char *reason) {
    const size_t list = MXSI_CANDIDATES * sizeof(mxsi_gpu_candidate);
    queue->counters = (mxsi_counters *)mxsi_engine_allocate(engine, sizeof *queue->counters, reason);
    queue->candidates = (mxsi_gpu_candidate *)mxsi_engine_allocate(engine, list, reason);
    return queue->counters == NULL || queue->candidates == NULL ||
                   mxsi_device_allocate_host(engine->device, 2 * sizeof(mxsi_counters), (void **)&queue->host_counters,
                                             reason) != 0 ||
                   mxsi_device_allocate_host(engine->device, list, (void **)&queue->host_candidates, reason) != 0
               ? -1
               : 0;
}

static void mxsi_engine_destroy(mxsi_gpu_engine *engine) {
    if (engine == NULL) {
        return;
    }
    if (engine->device != NULL) {
        for (int i = 0; i < MXSI_GPU_QUEUES; ++i) {
            mxsi_engine_release_arrays(engine, &engine->queues[i]);
            mxsi_device_release_host(engine->device, engine->queues[i].host_counters);
            mxsi_device_release_host(engine->device, engine->queues[i].host_candidates);
        }
        for (int i = 0; i < engine->memory_count; ++i) {
            mxsi_device_release(engine->device, engine->memory[i]);
        }
        mxsi_device_close(engine->device);
    }
    free(engine);
}

#endif
