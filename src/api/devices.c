#include <stdio.h>
#include <string.h>

#include "engines/cpu/cpu_devices.h"
#include "engines/gpu/gpu_plugin.h"
#include "maxsharpe/search.h"

static void describe_gpus(mxs_devices *devices) {
    struct mxsi_gpu_survey survey;
    const struct mxsi_patience patience = {.limit_ns = MXSI_GPU_SURVEY_LIMIT_NS};
    (void)mxsi_gpu_survey_take(NULL, &patience, &survey);
    (void)snprintf(devices->cuda_reason, sizeof devices->cuda_reason, "%s", survey.reason);
    const int count = survey.device_count < MXS_MAX_GPUS ? survey.device_count : MXS_MAX_GPUS;
    for (int i = 0; i < count; ++i) {
        mxs_gpu *gpu = &devices->gpus[devices->gpu_count++];
        (void)snprintf(gpu->name, sizeof gpu->name, "%.90s", survey.devices[i].name);
        (void)snprintf(gpu->reason, sizeof gpu->reason, "%.150s", survey.devices[i].reason);
        gpu->capability = survey.devices[i].capability;
        gpu->memory = survey.devices[i].memory;
    }
}

void mxs_devices_describe(mxs_devices *devices, size_t devices_size) {
    mxs_devices made = {0};
    mxsi_cpu_devices_describe(&made);
    describe_gpus(&made);
    memcpy(devices, &made, devices_size < sizeof made ? devices_size : sizeof made);
}
