#include "api/backend_choice.h"

#include "base/errors.h"
#include "engines/gpu/gpu_plugin.h"

static int is_of_the_cpu(mxs_evaluator evaluator) {
    return evaluator != MXS_EVALUATOR_AUTO && evaluator != MXS_EVALUATOR_FUSED && evaluator != MXS_EVALUATOR_STAGED;
}

static mxs_status run_auto(struct mxsi_backend_job *job, struct mxsi_backend_outcome *outcome,
                           const struct mxsi_backend **ran, struct mxsi_identity *fault, mxs_error *error) {
    *ran = &mxsi_cpu_backend;
    /* staged goes on to the GPU even where there is none: its error says why. */
    const int needs_gpu = job->evaluator == MXS_EVALUATOR_STAGED || job->device_count > 0;
    if (is_of_the_cpu(job->evaluator) || (!needs_gpu && !mxsi_gpu_is_likely())) {
        return mxsi_cpu_backend.run(job, outcome, fault, error);
    }
    mxs_error gpu_error = {.message = ""};
    job->may_fall_back = 1;
    const mxs_status status = mxsi_cuda_backend.run(job, outcome, fault, &gpu_error);
    if (status != MXS_ERROR_BACKEND || job->evaluator == MXS_EVALUATOR_STAGED) { /* which the CPU does not have */
        *ran = &mxsi_cuda_backend;
        if (status != MXS_OK && error != NULL) {
            *error = gpu_error;
        }
        return status;
    }
    const char *line = mxsi_arena_format(outcome->arena, "%s; the CPU does it", gpu_error.message);
    if (line == NULL || mxsi_lines_append(outcome->arena, &outcome->warnings, line) != 0) {
        return mxsi_fail_memory(error, "a warning");
    }
    return mxsi_cpu_backend.run(job, outcome, fault, error);
}

mxs_status mxsi_backend_run(mxs_backend wanted, struct mxsi_backend_job *job, struct mxsi_backend_outcome *outcome,
                            const struct mxsi_backend **ran, struct mxsi_identity *fault, mxs_error *error) {
    switch (wanted) {
    case MXS_BACKEND_AUTO:
        return run_auto(job, outcome, ran, fault, error);
    case MXS_BACKEND_CPU:
        *ran = &mxsi_cpu_backend;
        break;
    case MXS_BACKEND_CUDA:
        *ran = &mxsi_cuda_backend;
        break;
    default:
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "there is no backend %d", (int)wanted);
    }
    return (*ran)->run(job, outcome, fault, error);
}
