/* The engine: batches of units sent through one of the pipelines. Written against device_runtime.h, so that the tests
 * run the same code on the CPU. */
#ifndef MAXSHARPE_ENGINE_CUH
#define MAXSHARPE_ENGINE_CUH

#include "engine_memory.cuh"

static mxsi_fused_pointer mxsi_engine_fused_kernel(uint32_t k) {
    mxsi_fused_pointer kernel = mxsi_fused_1_to_16(k);
    kernel = kernel != NULL ? kernel : mxsi_fused_17_to_24(k);
    kernel = kernel != NULL ? kernel : mxsi_fused_25_to_32(k);
    return kernel != NULL ? kernel : mxsi_fused_33_to_64(k);
}

static uint32_t mxsi_blocks_for(uint64_t items, uint32_t of_block) {
    return (uint32_t)((items + of_block - 1) / of_block);
}

/* Weights of `units` units from first_unit on into the queue's arrays, by each sampler. */
static int mxsi_engine_draw_rejection(mxsi_gpu_engine *engine, int at, uint64_t first_unit, uint32_t units,
                                      char *reason) {
    return MXSI_LAUNCH(engine->device, at, reason, mxsi_draw_rejection_kernel, units, MXSI_STAGED_THREADS,
                       engine->problem, first_unit, engine->queues[at].arrays);
}

static int mxsi_engine_draw_fixed_sum(mxsi_gpu_engine *engine, int at, uint64_t first_unit, uint32_t units,
                                      char *reason) {
    return MXSI_LAUNCH(engine->device, at, reason, mxsi_draw_fixed_sum_kernel,
                       mxsi_blocks_for((uint64_t)units * MXSI_COLUMNS, MXSI_STAGED_THREADS), MXSI_STAGED_THREADS,
                       engine->problem, first_unit, engine->queues[at].arrays);
}

static int mxsi_engine_draw_equal_weights(mxsi_gpu_engine *engine, int at, uint64_t first_unit, uint32_t units,
                                          char *reason) {
    (void)first_unit;
    return MXSI_LAUNCH(engine->device, at, reason, mxsi_draw_equal_kernel, units, MXSI_STAGED_THREADS, engine->problem,
                       engine->queues[at].arrays);
}

/* By mxs_sampler. */
static const mxsi_device_sampler mxsi_device_samplers[] = {
    {1, 0, 0, 0, mxsi_engine_draw_rejection},
    {0, 1, 1, 0, mxsi_engine_draw_fixed_sum},
    {0, 0, 0, 1, mxsi_engine_draw_equal_weights},
};
static_assert(MXS_SAMPLER_REJECTION == 0 && MXS_SAMPLER_FIXED_SUM == 1 && MXS_SAMPLER_EQUAL_WEIGHTS == 2,
              "the table above is in their order");

static int mxsi_engine_supports(const mxsi_problem *problem, const mxsi_sampling *sampling,
                                mxsi_gpu_pipeline pipeline) {
    const mxsi_device_sampler *sampler = &mxsi_device_samplers[sampling->sampler];
    switch (pipeline) {
    case MXSI_GPU_FUSED: /* registers cannot be permuted */
        return sampler->draws_spacings && problem->assets_per_portfolio <= MXSI_FUSED_MAX_K;
    case MXSI_GPU_STAGED:
        return 1;
    case MXSI_GPU_SHARED:
        return sampling->shared_draws && !sampler->is_constant && problem->assets_per_portfolio <= 1024;
    }
    return 0;
}

static int mxsi_engine_create(const mxsi_gpu_setup *setup, mxsi_gpu_engine **engine, char *reason) {
    *engine = NULL;
    mxsi_gpu_engine *made = (mxsi_gpu_engine *)calloc(1, sizeof *made);
    if (made == NULL) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "not enough memory for the engine");
        return -1;
    }
    made->pipeline = setup->pipeline;
    made->sampler = &mxsi_device_samplers[setup->sampling->sampler];
    made->fused = mxsi_engine_fused_kernel(setup->problem->assets_per_portfolio);
    int failed = mxsi_device_open(setup->device, setup->image, setup->image_size, &made->device, reason) != 0 ||
                 mxsi_engine_load_problem(made, setup, reason) != 0;
    for (int i = 0; i < MXSI_GPU_QUEUES && !failed; ++i) {
        failed = mxsi_engine_open_queue(made, &made->queues[i], reason) != 0;
    }
    if (failed || mxsi_engine_size_batches(made, setup->memory_budget, reason) != 0) {
        mxsi_engine_destroy(made);
        return -1;
    }
    *engine = made;
    return 0;
}

static void mxsi_engine_describe(const mxsi_gpu_engine *engine, char *text, size_t text_size) {
    char name[48];
    mxsi_device_name(engine->device, name, sizeof name);
    (void)snprintf(text, text_size, "%s%s", name, mxsi_device_is_pinned(engine->device) ? "" : ", not pinned");
}

static uint32_t mxsi_engine_max_units(const mxsi_gpu_engine *engine) {
    return engine->max_units;
}

static mxsi_kernel_candidates mxsi_engine_candidates(const mxsi_engine_queue *queue) {
    mxsi_kernel_candidates candidates;
    candidates.list = queue->candidates;
    candidates.capacity = MXSI_CANDIDATES;
    candidates.found = &queue->counters->found;
    candidates.highest_bits = &queue->counters->highest_bits;
    candidates.bar = queue->batch.bar;
    candidates.only_best = queue->batch.only_best;
    return candidates;
}

static int mxsi_engine_run_fused(mxsi_gpu_engine *engine, int at, char *reason) {
    const mxsi_engine_queue *queue = &engine->queues[at];
    if (mxsi_device_mark(engine->device, at, 1, reason) != 0 ||
        MXSI_LAUNCH(engine->device, at, reason, engine->fused, queue->batch.units, MXSI_FUSED_THREADS, engine->problem,
                    queue->batch.first_unit, mxsi_engine_candidates(queue)) != 0) {
        return -1;
    }
    return mxsi_device_mark(engine->device, at, 2, reason);
}

static int mxsi_engine_run_staged(mxsi_gpu_engine *engine, int at, char *reason) {
    const mxsi_engine_queue *queue = &engine->queues[at];
    const uint32_t units = queue->batch.units;
    const int k = (int)engine->problem.k;
    const mxsi_device_product returns = {
        MXSI_COLUMNS,
        1,
        k,
        queue->arrays.weights,
        queue->arrays.gains,
        queue->arrays.excess,
        MXSI_COLUMNS,
        k,
        MXSI_COLUMNS,
        (long long)k * MXSI_COLUMNS,
        k,
        MXSI_COLUMNS,
        (int)units,
    };
    return MXSI_LAUNCH(engine->device, at, reason, mxsi_select_kernel, mxsi_blocks_for(units, MXSI_STAGED_THREADS),
                       MXSI_STAGED_THREADS, engine->problem, queue->batch.first_unit, (uint64_t)1, units,
                       queue->arrays) != 0 ||
                   engine->sampler->draw(engine, at, queue->batch.first_unit, units, reason) != 0 ||
                   mxsi_device_mark(engine->device, at, 1, reason) != 0 ||
                   mxsi_device_multiply(engine->device, at, &returns, reason) != 0 ||
                   mxsi_device_mark(engine->device, at, 2, reason) != 0 ||
                   MXSI_LAUNCH(engine->device, at, reason, mxsi_variance_kernel, units * MXSI_VARIANCE_BLOCKS,
                               MXSI_VARIANCE_THREADS, engine->problem, queue->arrays) != 0 ||
                   MXSI_LAUNCH(engine->device, at, reason, mxsi_screen_kernel, units, MXSI_STAGED_THREADS,
                               engine->problem, queue->batch.first_unit, (uint64_t)1, (uint32_t)MXSI_COLUMNS,
                               queue->arrays, mxsi_engine_candidates(queue)) != 0
               ? -1
               : 0;
}

/* One tile of shared draws for the portfolios whose unit in this tile is in the batch. */
static int mxsi_engine_run_shared_tile(mxsi_gpu_engine *engine, int at, uint64_t first_unit, uint32_t portfolios,
                                       char *reason) {
    const mxsi_engine_queue *queue = &engine->queues[at];
    const uint64_t step = engine->problem.tiles_per_portfolio;
    const int k = (int)engine->problem.k;
    const int packed = k * (k + 1) / 2;
    const mxsi_device_product returns = {
        MXSI_COLUMNS,
        (int)portfolios,
        k,
        queue->arrays.weights,
        queue->arrays.gains,
        queue->arrays.excess,
        MXSI_COLUMNS,
        k,
        MXSI_COLUMNS,
        0,
        0,
        0,
        1,
    };
    const mxsi_device_product variances = {
        MXSI_COLUMNS,
        (int)portfolios,
        packed,
        queue->products,
        queue->risks,
        queue->arrays.variances,
        MXSI_COLUMNS,
        packed,
        MXSI_COLUMNS,
        0,
        0,
        0,
        1,
    };
    return engine->sampler->draw(engine, at, first_unit, 1, reason) != 0 ||
                   MXSI_LAUNCH(engine->device, at, reason, mxsi_products_kernel, (uint32_t)packed, MXSI_STAGED_THREADS,
                               queue->arrays.weights, queue->products) != 0 ||
                   MXSI_LAUNCH(engine->device, at, reason, mxsi_select_kernel,
                               mxsi_blocks_for(portfolios, MXSI_STAGED_THREADS), MXSI_STAGED_THREADS, engine->problem,
                               first_unit, step, portfolios, queue->arrays) != 0 ||
                   MXSI_LAUNCH(engine->device, at, reason, mxsi_pack_risk_kernel, portfolios, MXSI_STAGED_THREADS,
                               engine->problem, queue->arrays.assets, queue->risks) != 0 ||
                   mxsi_device_multiply(engine->device, at, &returns, reason) != 0 ||
                   mxsi_device_multiply(engine->device, at, &variances, reason) != 0 ||
                   MXSI_LAUNCH(engine->device, at, reason, mxsi_screen_kernel, portfolios, MXSI_STAGED_THREADS,
                               engine->problem, first_unit, step, (uint32_t)0, queue->arrays,
                               mxsi_engine_candidates(queue)) != 0
               ? -1
               : 0;
}

static int mxsi_engine_run_shared(mxsi_gpu_engine *engine, int at, char *reason) {
    const mxsi_gpu_batch *batch = &engine->queues[at].batch;
    const uint64_t tiles = engine->problem.tiles_per_portfolio;
    const uint64_t end = batch->first_unit + batch->units;
    /* The batch's first `tiles` units begin the portfolios of every tile that occurs in it. */
    for (uint64_t first = batch->first_unit; first < end && first < batch->first_unit + tiles; ++first) {
        const uint32_t portfolios = (uint32_t)((end - first + tiles - 1) / tiles);
        if (mxsi_engine_run_shared_tile(engine, at, first, portfolios, reason) != 0) {
            return -1;
        }
    }
    return mxsi_device_mark(engine->device, at, 1, reason) != 0 || mxsi_device_mark(engine->device, at, 2, reason) != 0
               ? -1
               : 0;
}

static int mxsi_engine_submit(mxsi_gpu_engine *engine, int at, const mxsi_gpu_batch *batch, char *reason) {
    mxsi_engine_queue *queue = &engine->queues[at];
    queue->batch = *batch;
    queue->host_counters[0].found = 0;
    queue->host_counters[0].highest_bits = 0; /* below every float */
    if (mxsi_device_mark(engine->device, at, 0, reason) != 0 ||
        mxsi_device_upload(engine->device, at, queue->counters, &queue->host_counters[0], sizeof(mxsi_counters),
                           reason) != 0) {
        return -1;
    }
    int failed = 0;
    switch (engine->pipeline) {
    case MXSI_GPU_FUSED:
        failed = mxsi_engine_run_fused(engine, at, reason);
        break;
    case MXSI_GPU_STAGED:
        failed = mxsi_engine_run_staged(engine, at, reason);
        break;
    case MXSI_GPU_SHARED:
        failed = mxsi_engine_run_shared(engine, at, reason);
        break;
    }
    return failed != 0 || mxsi_device_mark(engine->device, at, 3, reason) != 0 ||
                   mxsi_device_download(engine->device, at, &queue->host_counters[1], queue->counters,
                                        sizeof(mxsi_counters), reason) != 0 ||
                   mxsi_device_download(engine->device, at, queue->host_candidates, queue->candidates,
                                        MXSI_FIRST_CANDIDATES * sizeof(mxsi_gpu_candidate), reason) != 0
               ? -1
               : 0;
}

static int mxsi_engine_collect(mxsi_gpu_engine *engine, int at, mxsi_gpu_outcome *outcome, char *reason) {
    mxsi_engine_queue *queue = &engine->queues[at];
    if (mxsi_device_wait(engine->device, at, reason) != 0) {
        return -1;
    }
    outcome->found = queue->host_counters[1].found;
    outcome->stored = outcome->found < MXSI_CANDIDATES ? outcome->found : (uint32_t)MXSI_CANDIDATES;
    outcome->candidates = queue->host_candidates;
    if (outcome->stored > MXSI_FIRST_CANDIDATES &&
        (mxsi_device_download(engine->device, at, queue->host_candidates, queue->candidates,
                              outcome->stored * sizeof(mxsi_gpu_candidate), reason) != 0 ||
         mxsi_device_wait(engine->device, at, reason) != 0)) {
        return -1;
    }
    /* Where the steps are one kernel, or overlap, all of it counts as sampling. */
    const int is_staged = engine->pipeline == MXSI_GPU_STAGED;
    outcome->sampling_seconds = mxsi_device_seconds(engine->device, at, 0, is_staged ? 1 : 3);
    outcome->return_seconds = is_staged ? mxsi_device_seconds(engine->device, at, 1, 2) : 0.0f;
    outcome->variance_seconds = is_staged ? mxsi_device_seconds(engine->device, at, 2, 3) : 0.0f;
    return 0;
}

#endif
