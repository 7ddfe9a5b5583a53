/* The CUDA plug-in with the kernels run on the CPU: the same engine, the same kernels, the same contract. A test
 * program that finds it beside itself runs `--backend cuda` on a machine without a GPU.
 *
 * Device 0 works. Device 1 is too old. Device 2 has no memory. Device 3 breaks down in its third batch, and takes the
 * process that measures it with it. */
#include <unistd.h>

#include "gpu_on_cpu/cpu_device_runtime.h"

#include "device_peak.cuh"
#include "engine.cuh"
#include "gpu_on_cpu/launch_control.h"
#include "maxsharpe/maxsharpe.h"

#include "fused_17_to_24.cu"
#include "fused_1_to_16.cu"
#include "fused_25_to_32.cu"
#include "fused_33_to_64.cu"

namespace {

enum { OLD_DEVICE = 1, FULL_DEVICE = 2, BREAKING_DEVICE = 3, DEVICES = 4 };

int batches_of_breaking_device = 0;

int count_devices(char *) {
    return DEVICES;
}

void describe_device(int ordinal, mxsi_gpu_device *device) {
    memset(device, 0, sizeof *device);
    (void)snprintf(device->name, sizeof device->name, "kernels on the CPU");
    device->capability = ordinal == OLD_DEVICE ? 52 : 90;
    device->memory = (uint64_t)32 << 20;
    if (ordinal == OLD_DEVICE) {
        (void)snprintf(device->reason, sizeof device->reason, "compute capability 5.2 is below 7.5");
    }
}

int create(const mxsi_gpu_setup *setup, mxsi_gpu_engine **engine, char *reason) {
    if (setup->device == FULL_DEVICE) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "out of memory");
        return -1;
    }
    mxsi_cpu_set_order(MXSI_CPU_SHUFFLED, 20240801);
    return mxsi_engine_create(setup, engine, reason);
}

int submit(mxsi_gpu_engine *engine, int queue, const mxsi_gpu_batch *batch, char *reason) {
    if (engine->device->ordinal == BREAKING_DEVICE && ++batches_of_breaking_device > 2) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "an illegal memory access was encountered");
        return -1;
    }
    return mxsi_engine_submit(engine, queue, batch, reason);
}

int measure_peak(int ordinal, mxsi_gpu_peak *peak, char *reason) {
    if (ordinal == FULL_DEVICE) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "out of memory");
        return -1;
    }
    if (ordinal == BREAKING_DEVICE) {
        _exit(1);
    }
    return mxsi_peak_measure(ordinal, (size_t)1 << 20, peak, reason);
}

#define TEXT_OF(value) #value
#define TEXT(value) TEXT_OF(value)

const mxsi_gpu_engine_ops ops = {
    MXSI_GPU_ENGINE_VERSION, TEXT(MXS_VERSION_MAJOR) "." TEXT(MXS_VERSION_MINOR) "." TEXT(MXS_VERSION_PATCH),
    count_devices,           describe_device,
    mxsi_engine_supports,    create,
    mxsi_engine_destroy,     mxsi_engine_describe,
    mxsi_engine_max_units,   submit,
    mxsi_engine_collect,     measure_peak,
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const mxsi_gpu_engine_ops *mxsi_gpu_engine_table(void) {
    return &ops;
}
