/* What a GPU can do at most, measured in a process of its own: see gpu_plugin.h. */
#include "engines/gpu/gpu_peak.h"

#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "engines/gpu/gpu_plugin.h"
#include "maxsharpe/benchmark.h"
#include "process/child_answer.h"

struct answer {
    struct mxsi_gpu_peak peak;
    int is_measured;
    char reason[MXSI_GPU_REASON_SIZE];
};

/* The first start of CUDA, and then the measuring, which is a matter of seconds. */
static const struct mxsi_patience patience = {.limit_ns = 2 * MXSI_GPU_SURVEY_LIMIT_NS};

static void measure(const void *asked, void *shared) {
    const int device = *(const int *)asked;
    struct answer *answer = shared;
    const struct mxsi_gpu_engine_ops *ops = NULL;
    if (mxsi_gpu_plugin_open(&ops, answer->reason) != 0) {
        return;
    }
    const int count = ops->count_devices(answer->reason);
    if (count < 0) {
        return;
    }
    if (device < 0 || device >= count) {
        (void)snprintf(answer->reason, sizeof answer->reason, "there are %d GPUs, counted from 0", count);
        return;
    }
    struct mxsi_gpu_device description;
    ops->describe_device(device, &description);
    if (description.reason[0] != '\0') {
        (void)snprintf(answer->reason, sizeof answer->reason, "%s", description.reason);
        return;
    }
    answer->is_measured = ops->measure_peak(device, &answer->peak, answer->reason) == 0;
}

const struct mxsi_question mxsi_gpu_peak_question = {"gpu peak", measure, sizeof(int), sizeof(struct answer)};

mxs_status mxs_peak_measure_gpu(int device, mxs_peak *peak, size_t peak_size, mxs_error *error) {
    struct answer answer = {.is_measured = 0};
    char why[MXSI_CHILD_REASON_SIZE];
    switch (mxsi_child_ask(&mxsi_gpu_peak_question, &device, &answer, &patience, why)) {
    case MXSI_CHILD_ANSWERED:
        break;
    case MXSI_CHILD_DIED:
        return mxsi_fail(error, MXS_ERROR_BACKEND, "GPU %d: CUDA ended the process that measured it", device);
    case MXSI_CHILD_HUNG:
        return mxsi_fail(error, MXS_ERROR_BACKEND, "GPU %d: CUDA hangs: %s", device, why);
    case MXSI_CHILD_NO_MEMORY:
        return mxsi_fail_memory(error, "what a GPU's measured rates are handed over in");
    case MXSI_CHILD_CANCELLED:
    case MXSI_CHILD_NO_PROCESS:
        return mxsi_fail(error, MXS_ERROR_RUN, "GPU %d cannot be measured: %s", device, why);
    }
    if (!answer.is_measured) {
        return mxsi_fail(error, MXS_ERROR_BACKEND, "GPU %d cannot be measured: %s", device, answer.reason);
    }
    const mxs_peak made = {
        .sgemm_flops = answer.peak.sgemm_flops,
        .memory_bandwidth = answer.peak.memory_bandwidth,
    };
    memcpy(peak, &made, peak_size < sizeof made ? peak_size : sizeof made);
    return MXS_OK;
}
