/* What a GPU can do at most, measured in a process of its own: see gpu_plugin.h. */
#include <errno.h>
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

static void measure(const void *question, void *shared) {
    const int device = *(const int *)question;
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

mxs_status mxs_peak_measure_gpu(int device, mxs_peak *peak, size_t peak_size, mxs_error *error) {
    struct answer answer = {.is_measured = 0};
    switch (mxsi_child_ask(measure, &device, &answer, sizeof answer)) {
    case MXSI_CHILD_ANSWERED:
        break;
    case MXSI_CHILD_DIED:
        return mxsi_fail(error, MXS_ERROR_BACKEND, "GPU %d: CUDA ended the process that measured it", device);
    case MXSI_CHILD_NO_MEMORY:
        return mxsi_fail_memory(error, "what a GPU's measured rates are handed over in");
    case MXSI_CHILD_NO_PROCESS:
        return mxsi_fail(error, MXS_ERROR_RUN, "no process can be started to measure GPU %d: %s", device,
                         strerror(errno));
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
