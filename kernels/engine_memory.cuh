/* What the engine keeps in device memory: the problem, and each lane's arrays for a batch, as large as the memory
 * budget allows. */
#ifndef MAXSHARPE_ENGINE_MEMORY_CUH
#define MAXSHARPE_ENGINE_MEMORY_CUH

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_runtime.h"
#include "engines/gpu/gpu_engine.h"
#include "fused_instances.h"
#include "maxsharpe/search.h"
#include "sampling/fixed_sum.h"
#include "screening/screen_bound.h"
#include "shared_draw_kernels.cuh"

enum {
    MXSI_CANDIDATES = 1 << 16,      /* room for candidates of a batch, many more than a tile has simulations */
    MXSI_FIRST_CANDIDATES = 1 << 8, /* fetched with the counters: nearly always all there are */
    MXSI_MAX_BATCH_UNITS = 1 << 20
};

/* Begins every batch and is fetched at its end. */
struct mxsi_counters {
    uint32_t found;
    uint32_t highest_bits;
};

struct mxsi_engine_lane {
    mxsi_gpu_batch batch;
    mxsi_counters *counters;             /* device */
    mxsi_counters *host_counters;        /* [2]: what a batch begins with, what it ended with */
    mxsi_gpu_candidate *candidates;      /* device, [MXSI_CANDIDATES] */
    mxsi_gpu_candidate *host_candidates; /* [MXSI_CANDIDATES] */
    mxsi_staged_batch arrays;            /* device; of the staged and shared pipelines */
    float *products;                     /* device, [K (K + 1)/2][COLUMNS]; shared pipeline */
    float *risks;                        /* device, [units][K (K + 1)/2]; shared pipeline */
};

struct mxsi_gpu_engine {
    mxsi_device *device;
    mxsi_gpu_pipeline pipeline;
    uint32_t sampler;
    uint32_t max_units;
    mxsi_kernel_problem problem;
    mxsi_fused_pointer fused;
    void *memory[16]; /* everything in device memory that has no other owner */
    int memory_count;
    mxsi_engine_lane lanes[MXSI_GPU_LANES];
};

/* Device memory that goes with the engine. NULL: reason says why. */
static void *mxsi_engine_allocate(mxsi_gpu_engine *engine, size_t bytes, char *reason) {
    void *memory = NULL;
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

static int mxsi_engine_upload_heights(mxsi_gpu_engine *engine, const mxsi_problem *problem, char *reason) {
    const size_t k = problem->assets_per_portfolio;
    float *heights = (float *)malloc(k * k * sizeof *heights);
    if (heights == NULL) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "not enough memory for the fixed-sum sampler");
        return -1;
    }
    mxsi_fixed_sum_heights(problem->assets_per_portfolio, problem->box_sum, heights);
    const void *uploaded = NULL;
    const int failed = mxsi_engine_upload(engine, heights, k * k * sizeof *heights, &uploaded, reason);
    engine->problem.height = (const float *)uploaded;
    free(heights);
    return failed;
}

static int mxsi_engine_load_problem(mxsi_gpu_engine *engine, const mxsi_inputs *inputs, char *reason) {
    const mxsi_problem *from = inputs->problem;
    const size_t n = from->assets;
    const size_t k = from->assets_per_portfolio;
    const int is_fixed_sum = from->sampler == MXS_SAMPLER_FIXED_SUM;
    mxsi_kernel_problem *to = &engine->problem;
    to->seed = from->seed;
    to->first_portfolio = from->first_portfolio;
    to->tiles_per_portfolio = from->tiles_per_portfolio;
    to->simulations = from->simulations;
    to->assets = from->assets;
    to->k = from->assets_per_portfolio;
    to->forced_count = from->forced_count;
    to->free_count = from->free_count;
    to->blocks_per_attempt = from->blocks_per_attempt;
    to->shared_draws = from->shared_draws;
    to->cap = from->cap;
    to->acceptance = from->sampler == MXS_SAMPLER_REJECTION ? (float)from->acceptance : 1.0f;
    to->min_weight = from->min_weight_f;
    to->spare = is_fixed_sum ? from->width_f : from->spare_f;
    to->excess_slack = from->excess_slack;
    to->variance_slack = engine->pipeline == MXSI_GPU_SHARED ? mxsi_packed_variance_slack(to->k) : from->variance_slack;
    const struct {
        const void *from;
        size_t bytes;
        const void **to;
    } arrays[] = {
        {inputs->excess, n * sizeof(float), (const void **)&to->excess},
        {inputs->risk, n * n * sizeof(float), (const void **)&to->risk},
        {inputs->forced, from->forced_count * sizeof(uint32_t), (const void **)&to->forced},
        {inputs->free_assets, from->free_count * sizeof(uint32_t), (const void **)&to->free_assets},
        {inputs->fixed_sum_chance, is_fixed_sum ? (k - 1) * k * sizeof(uint32_t) : 0, (const void **)&to->chance},
    };
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; ++i) {
        if (mxsi_engine_upload(engine, arrays[i].from, arrays[i].bytes, arrays[i].to, reason) != 0) {
            return -1;
        }
    }
    return mxsi_engine_upload_choices(engine, from, reason) != 0 ||
                   (is_fixed_sum && mxsi_engine_upload_heights(engine, from, reason) != 0)
               ? -1
               : 0;
}

/* Bytes that a lane needs for one unit, and once. */
static size_t mxsi_engine_bytes_of_unit(const mxsi_gpu_engine *engine) {
    const size_t k = engine->problem.k;
    const size_t columns = MXSI_COLUMNS * sizeof(float);
    switch (engine->pipeline) {
    case MXSI_GPU_FUSED:
        return 0;
    case MXSI_GPU_STAGED:
        return columns * (k * (engine->sampler == MXS_SAMPLER_FIXED_SUM ? 2 : 1) + 4) + k * 8;
    case MXSI_GPU_SHARED:
        return columns * 2 + k * (k + 1) / 2 * sizeof(float) + k * 8;
    }
    return 0;
}

static size_t mxsi_engine_bytes_of_lane(const mxsi_gpu_engine *engine) {
    const size_t k = engine->problem.k;
    return engine->pipeline == MXSI_GPU_SHARED ? MXSI_COLUMNS * sizeof(float) * (2 * k + 2 + k * (k + 1) / 2) : 0;
}

static int mxsi_engine_allocate_arrays(mxsi_gpu_engine *engine, mxsi_engine_lane *lane, size_t units, char *reason) {
    const size_t k = engine->problem.k;
    const size_t columns = MXSI_COLUMNS * sizeof(float);
    /* Shared draws: one tile of weights for all units. */
    const size_t drawn = engine->pipeline == MXSI_GPU_SHARED ? 1 : units;
    const size_t tails = engine->sampler == MXS_SAMPLER_FIXED_SUM ? drawn * k * columns : 0;
    const size_t packed = engine->pipeline == MXSI_GPU_SHARED ? k * (k + 1) / 2 : 0;
    const struct {
        size_t bytes;
        void **to;
    } wanted[] = {
        {drawn * k * columns, (void **)&lane->arrays.weights},
        {tails, (void **)&lane->arrays.tails},
        {drawn * columns, (void **)&lane->arrays.sums},
        {drawn * columns, (void **)&lane->arrays.attempts},
        {units * k * sizeof(uint32_t), (void **)&lane->arrays.assets},
        {units * k * sizeof(float), (void **)&lane->arrays.gains},
        {units * columns, (void **)&lane->arrays.excess},
        {units * columns, (void **)&lane->arrays.variances},
        {packed * columns, (void **)&lane->products},
        {units * packed * sizeof(float), (void **)&lane->risks},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; ++i) {
        if (mxsi_device_allocate(engine->device, wanted[i].bytes, wanted[i].to, reason) != 0) {
            return -1;
        }
    }
    return 0;
}

static void mxsi_engine_release_arrays(mxsi_gpu_engine *engine, mxsi_engine_lane *lane) {
    void **const arrays[] = {
        (void **)&lane->arrays.weights,  (void **)&lane->arrays.tails,     (void **)&lane->arrays.sums,
        (void **)&lane->arrays.attempts, (void **)&lane->arrays.assets,    (void **)&lane->arrays.gains,
        (void **)&lane->arrays.excess,   (void **)&lane->arrays.variances, (void **)&lane->products,
        (void **)&lane->risks,
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
    const size_t fixed = mxsi_engine_bytes_of_lane(engine);
    const size_t of_lane = budget / MXSI_GPU_LANES > fixed ? budget / MXSI_GPU_LANES - fixed : 0;
    const size_t fitting = of_lane / of_unit;
    engine->max_units =
        fitting < 1 ? 1 : (fitting < MXSI_MAX_BATCH_UNITS ? (uint32_t)fitting : (uint32_t)MXSI_MAX_BATCH_UNITS);
    for (;;) {
        int failed = 0;
        for (int i = 0; i < MXSI_GPU_LANES && !failed; ++i) {
            failed = mxsi_engine_allocate_arrays(engine, &engine->lanes[i], engine->max_units, reason);
        }
        if (!failed) {
            return 0;
        }
        for (int i = 0; i < MXSI_GPU_LANES; ++i) {
            mxsi_engine_release_arrays(engine, &engine->lanes[i]);
        }
        if (engine->max_units == 1) {
            return -1;
        }
        engine->max_units /= 2;
    }
}

static int mxsi_engine_open_lane(mxsi_gpu_engine *engine, mxsi_engine_lane *lane, char *reason) {
    const size_t list = MXSI_CANDIDATES * sizeof(mxsi_gpu_candidate);
    lane->counters = (mxsi_counters *)mxsi_engine_allocate(engine, sizeof *lane->counters, reason);
    lane->candidates = (mxsi_gpu_candidate *)mxsi_engine_allocate(engine, list, reason);
    return lane->counters == NULL || lane->candidates == NULL ||
                   mxsi_device_allocate_host(engine->device, 2 * sizeof(mxsi_counters), (void **)&lane->host_counters,
                                             reason) != 0 ||
                   mxsi_device_allocate_host(engine->device, list, (void **)&lane->host_candidates, reason) != 0
               ? -1
               : 0;
}

static void mxsi_engine_destroy(mxsi_gpu_engine *engine) {
    if (engine == NULL) {
        return;
    }
    if (engine->device != NULL) {
        for (int i = 0; i < MXSI_GPU_LANES; ++i) {
            mxsi_engine_release_arrays(engine, &engine->lanes[i]);
            mxsi_device_release_host(engine->device, engine->lanes[i].host_counters);
            mxsi_device_release_host(engine->device, engine->lanes[i].host_candidates);
        }
        for (int i = 0; i < engine->memory_count; ++i) {
            mxsi_device_release(engine->device, engine->memory[i]);
        }
        mxsi_device_close(engine->device);
    }
    free(engine);
}

#endif
