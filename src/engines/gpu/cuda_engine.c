/* The parent never touches CUDA: it asks a process that ends, and the workers open the plug-in themselves. */
#include "engines/gpu/cuda_engine.h"

#include "base/errors.h"
#include "engines/gpu/gpu_plugin.h"
#include "engines/gpu/gpu_worker.h"
#include "run/worker.h"

_Static_assert((int)MXSI_GPU_MAX_DEVICES <= (int)MXSI_MAX_DEVICES, "a plan names every device");

/* What CUDA may take to be up on one GPU of many; beyond that it hangs. */
static const uint64_t START_LIMIT_NS = UINT64_C(120000000000);

/* Units in a chunk, so that a chunk is about a tenth of a second on a large GPU: 3e10 simulations a second of 25
 * assets, fewer of more. Small enough to be dealt out among unequal devices and to be done again; and where the work is
 * less than that, every device gets some. */
enum { CHUNKS_A_DEVICE = 4 };

static uint64_t units_of_chunk(const struct mxsi_task *task, uint64_t units, uint32_t devices) {
    const double k = task->problem->assets_per_portfolio;
    const double simulations = 0.1 * 3e10 * 475.0 / (k * (k / 2.0 + 6.5));
    const double lasting = simulations / mxsi_tile_simulations(task->sampling, 0);
    const double share = (double)units / (devices > 1 ? CHUNKS_A_DEVICE * (double)devices : 1.0);
    const double wanted = lasting < share ? lasting : share;
    return wanted < 1.0 ? 1 : (uint64_t)wanted;
}

/* Fused where it can be, staged for the rest; shared draws are products. */
static mxs_status choose_pipeline(const struct mxsi_run_request *request, uint32_t available, uint32_t *pipeline,
                                  mxs_error *error) {
    const uint32_t has_fused = available >> MXSI_GPU_FUSED & 1;
    const uint32_t has_shared = available >> MXSI_GPU_SHARED & 1;
    switch (request->evaluator) {
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
                         mxs_evaluator_name(request->evaluator));
    }
}

static mxs_status choose_devices(const struct mxsi_run_request *request, const struct mxsi_gpu_survey *survey,
                                 struct mxsi_engine_plan *plan, mxs_error *error) {
    for (size_t i = 0; i < request->device_count; ++i) {
        const int device = request->devices[i];
        if (device < 0 || device >= survey->device_count) {
            return mxsi_fail(error, MXS_ERROR_BACKEND, "there is no GPU %d; there are %d, counted from 0", device,
                             survey->device_count);
        }
        if (survey->devices[device].reason[0] != '\0') {
            return mxsi_fail(error, MXS_ERROR_BACKEND, "GPU %d, %.64s: %.200s", device, survey->devices[device].name,
                             survey->devices[device].reason);
        }
        if (plan->workers < MXSI_GPU_MAX_DEVICES) {
            plan->devices[plan->workers++] = device;
        }
    }
    for (int device = 0; request->device_count == 0 && device < survey->device_count; ++device) {
        if (survey->devices[device].reason[0] == '\0') {
            plan->devices[plan->workers++] = device;
        }
    }
    return MXS_OK;
}

static const char *evaluator_name(const struct mxsi_engine_plan *plan) {
    static const char *const names[] = {
        [MXSI_GPU_FUSED] = "fused", [MXSI_GPU_STAGED] = "staged", [MXSI_GPU_SHARED] = "shared"};
    return names[plan->way];
}

static mxs_status plan(const struct mxsi_task *task, const struct mxsi_run_request *request,
                       const struct mxsi_span *spans, uint64_t span_count, struct mxsi_engine_plan *made,
                       mxs_error *error) {
    struct mxsi_gpu_survey survey;
    const struct mxsi_patience patience = {MXSI_GPU_SURVEY_LIMIT_NS, request->cancelled};
    if (mxsi_gpu_survey_take(task, &patience, &survey) != 0) {
        return mxsi_fail(error, MXS_INTERRUPTED, "interrupted while CUDA looked for GPUs");
    }
    if (survey.reason[0] != '\0') {
        return mxsi_fail(error, MXS_ERROR_BACKEND, "no GPU can be used: %s", survey.reason);
    }
    *made = (struct mxsi_engine_plan){
        .backend = MXS_BACKEND_CUDA,
        .start_limit_ns = START_LIMIT_NS,
        .start_limit_is_failure = 1,
    };
    mxs_status status = choose_pipeline(request, survey.pipelines, &made->way, error);
    if (status == MXS_OK) {
        status = choose_devices(request, &survey, made, error);
    }
    if (status != MXS_OK) {
        return status;
    }
    uint64_t units = 0;
    for (uint64_t i = 0; i < span_count; ++i) {
        units += spans[i].end - spans[i].first;
    }
    const uint64_t chunk_units =
        request->chunk_tiles == 0 ? units_of_chunk(task, units, made->workers) : request->chunk_tiles;
    made->work = mxsi_plan_make(task, spans, span_count, chunk_units, made->workers);
    made->workers = made->workers < made->work.chunks ? made->workers : (uint32_t)made->work.chunks;
    return MXS_OK;
}

static void work(const struct mxsi_task_image *image, const struct mxsi_run_state *state, uint32_t worker) {
    struct mxsi_gpu_worker_setup setup = {
        .pipeline = (enum mxsi_gpu_pipeline)state->plan.way,
        .device = state->plan.devices[worker],
    };
    char reason[MXSI_GPU_REASON_SIZE];
    if (mxsi_gpu_plugin_open(&setup.ops, reason) != 0) {
        mxsi_worker_fail(state, worker, MXS_ERROR_BACKEND, reason);
        return;
    }
    mxsi_gpu_worker_run(image, state, worker, &setup);
}

const struct mxsi_engine mxsi_cuda_engine = {
    .backend = MXS_BACKEND_CUDA,
    .plan = plan,
    .work = work,
    .evaluator_name = evaluator_name,
};
