/* The CUDA backend: one worker process a GPU. The parent never touches CUDA: it asks a process that ends, and its
 * workers open the plug-in themselves. */
#include "base/errors.h"
#include "engines/cpu/cpu_backend.h"
#include "engines/gpu/gpu_plugin.h"
#include "engines/gpu/gpu_worker.h"
#include "launch/worker_pool.h"
#include "run/backend.h"
#include "run/worker.h"

/* Units in a chunk, so that a chunk is about a tenth of a second on a large GPU: 3e10 simulations a second of 25
 * assets, fewer of more. Small enough to be dealt out among unequal devices and to be done again. */
static uint64_t units_of_chunk(const struct mxsi_problem *problem) {
    const double k = problem->assets_per_portfolio;
    const double simulations = 0.1 * 3e10 * 475.0 / (k * (k / 2.0 + 6.5));
    const double units = simulations / mxsi_tile_simulations(problem, 0);
    return units < 1.0 ? 1 : (uint64_t)units;
}

struct gpu_work {
    enum mxsi_gpu_pipeline pipeline;
    uint32_t device_count;
    int devices[MXSI_GPU_MAX_DEVICES];
};

static void run_worker(struct mxsi_segment *segment, uint32_t worker, const void *context) {
    const struct gpu_work *work = context;
    struct mxsi_gpu_worker_setup setup = {.pipeline = work->pipeline, .device = work->devices[worker]};
    char reason[MXSI_GPU_REASON_SIZE];
    if (mxsi_gpu_plugin_open(&setup.ops, reason) != 0) {
        mxsi_worker_fail(segment, worker, MXS_ERROR_BACKEND, reason);
        return;
    }
    mxsi_gpu_worker_run(segment, worker, &setup);
}

/* Fused where it can be, staged for the rest; shared draws are products. */
static mxs_status choose_pipeline(const struct mxsi_backend_job *job, uint32_t available,
                                  enum mxsi_gpu_pipeline *pipeline, mxs_error *error) {
    const uint32_t has_fused = available >> MXSI_GPU_FUSED & 1;
    const uint32_t has_shared = available >> MXSI_GPU_SHARED & 1;
    switch (job->evaluator) {
    case MXS_EVALUATOR_AUTO:
        *pipeline = has_shared ? MXSI_GPU_SHARED : (has_fused ? MXSI_GPU_FUSED : MXSI_GPU_STAGED);
        return MXS_OK;
    case MXS_EVALUATOR_STAGED:
        *pipeline = MXSI_GPU_STAGED;
        return MXS_OK;
    case MXS_EVALUATOR_FUSED:
        *pipeline = MXSI_GPU_FUSED;
        return has_fused ? MXS_OK
                         : mxsi_fail(error, MXS_ERROR_BACKEND,
                                     "the GPU's fused evaluator is for at most 64 assets and the rejection sampler; "
                                     "use staged");
    default:
        return mxsi_fail(error, MXS_ERROR_BACKEND, "the %s evaluator is the CPU's; on a GPU use fused or staged",
                         mxs_evaluator_name(job->evaluator));
    }
}

static mxs_status choose_devices(const struct mxsi_backend_job *job, const struct mxsi_gpu_survey *survey,
                                 struct gpu_work *work, mxs_error *error) {
    for (size_t i = 0; i < job->device_count; ++i) {
        const int device = job->devices[i];
        if (device < 0 || device >= survey->device_count) {
            return mxsi_fail(error, MXS_ERROR_BACKEND, "there is no GPU %d; there are %d, counted from 0", device,
                             survey->device_count);
        }
        if (survey->devices[device].reason[0] != '\0') {
            return mxsi_fail(error, MXS_ERROR_BACKEND, "GPU %d, %.64s: %.200s", device, survey->devices[device].name,
                             survey->devices[device].reason);
        }
        if (work->device_count < MXSI_GPU_MAX_DEVICES) {
            work->devices[work->device_count++] = device;
        }
    }
    for (int device = 0; job->device_count == 0 && device < survey->device_count; ++device) {
        if (survey->devices[device].reason[0] == '\0') {
            work->devices[work->device_count++] = device;
        }
    }
    return MXS_OK;
}

static mxs_status run(const struct mxsi_backend_job *job, struct mxsi_backend_outcome *outcome,
                      struct mxsi_identity *fault, mxs_error *error) {
    static const char *const names[] = {"fused", "staged", "shared"};
    struct mxsi_gpu_survey survey;
    const struct mxsi_patience patience = {MXSI_GPU_SURVEY_LIMIT_NS, job->cancelled};
    if (mxsi_gpu_survey_take(job->inputs->problem, &patience, &survey) != 0) {
        outcome->complete = 0;
        return MXS_OK;
    }
    if (survey.reason[0] != '\0') {
        return mxsi_fail(error, MXS_ERROR_BACKEND, "no GPU can be used: %s", survey.reason);
    }
    struct gpu_work gpu = {0};
    mxs_status status = choose_pipeline(job, survey.pipelines, &gpu.pipeline, error);
    if (status == MXS_OK) {
        status = choose_devices(job, &survey, &gpu, error);
    }
    if (status != MXS_OK) {
        return status;
    }
    struct mxsi_backend_job cpu_job = *job; /* whatever evaluator the GPU was to use */
    cpu_job.evaluator = MXS_EVALUATOR_AUTO;
    struct mxsi_pool_work fallback = {0};
    if (job->may_fall_back && (status = mxsi_cpu_pool_work(&cpu_job, &fallback, error)) != MXS_OK) {
        return status;
    }
    const uint64_t chunk_tiles = job->chunk_tiles == 0 ? units_of_chunk(job->inputs->problem) : job->chunk_tiles;
    const struct mxsi_pool_work work = {
        .workers = gpu.device_count,
        .plan = mxsi_plan_make(job->inputs->problem, chunk_tiles, gpu.device_count),
        .run = run_worker,
        .context = &gpu,
        .evaluator = names[gpu.pipeline],
        .fallback = job->may_fall_back ? &fallback : NULL,
    };
    return mxsi_pool_run(job, &work, outcome, fault, error);
}

const struct mxsi_backend mxsi_cuda_backend = {
    .name = "cuda",
    .run = run,
};
