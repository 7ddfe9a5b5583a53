/* The plug-in's one export: the engine's table. Everything that asks the CUDA driver what there is stands here. */
#include <cuda_runtime.h>

#include "device_runtime_cuda.cuh" /* before what is written against it */

#include "device_peak.cuh"
#include "engine.cuh"
#include "maxsharpe/maxsharpe.h"

enum { MXSI_LEAST_CAPABILITY = 75 };

#define MXSI_TEXT_OF(value) #value
#define MXSI_TEXT(value) MXSI_TEXT_OF(value)

static int count_devices(char *reason) {
    int driver = 0;
    int count = 0;
    if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "no NVIDIA driver is loaded");
        return -1;
    }
    const cudaError_t error = cudaGetDeviceCount(&count);
    if (error == cudaErrorInsufficientDriver) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE,
                       "the NVIDIA driver is for CUDA %d.%d, older than the runtime %d.%d", driver / 1000,
                       driver % 1000 / 10, CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
        return -1;
    }
    if (error == cudaErrorNoDevice || (error == cudaSuccess && count == 0)) {
        (void)snprintf(reason, MXSI_GPU_REASON_SIZE, "there is no NVIDIA GPU that we may use");
        return -1;
    }
    return MXSI_CUDA(error, reason) != 0 ? -1 : count;
}

static void describe_device(int ordinal, struct mxsi_gpu_device *device) {
    cudaDeviceProp properties;
    memset(device, 0, sizeof *device);
    if (MXSI_CUDA(cudaGetDeviceProperties(&properties, ordinal), device->reason) != 0) {
        return;
    }
    (void)snprintf(device->name, sizeof device->name, "%.120s", properties.name);
    device->capability = (uint32_t)(properties.major * 10 + properties.minor);
    device->memory = properties.totalGlobalMem;
    if (device->capability < MXSI_LEAST_CAPABILITY) {
        (void)snprintf(device->reason, sizeof device->reason, "compute capability %d.%d is below %d.%d",
                       properties.major, properties.minor, MXSI_LEAST_CAPABILITY / 10, MXSI_LEAST_CAPABILITY % 10);
    }
}

static int measure_peak(int ordinal, struct mxsi_gpu_peak *peak, char *reason) {
    return mxsi_peak_measure(ordinal, 0, peak, reason);
}

static const struct mxsi_gpu_engine_ops engine_ops = {
    MXSI_GPU_ENGINE_VERSION,
    MXSI_TEXT(MXS_VERSION_MAJOR) "." MXSI_TEXT(MXS_VERSION_MINOR) "." MXSI_TEXT(MXS_VERSION_PATCH),
    count_devices,
    describe_device,
    mxsi_engine_supports,
    mxsi_engine_create,
    mxsi_engine_destroy,
    mxsi_engine_describe,
    mxsi_engine_max_units,
    mxsi_engine_submit,
    mxsi_engine_collect,
    measure_peak,
};

extern "C" MXS_API const struct mxsi_gpu_engine_ops *mxsi_gpu_engine_table(void) {
    return &engine_ops;
}
