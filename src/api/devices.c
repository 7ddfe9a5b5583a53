#include "maxsharpe/devices.h"

#include "base/arena.h"
#include "base/errors.h"
#include "engines/cpu/cpu_devices.h"
#include "engines/gpu/gpu_plugin.h"

struct mxs_devices {
    mxsi_arena *arena;
    struct mxsi_cpu_devices cpu;
    struct mxsi_gpu_survey survey;
    mxs_gpu *gpus; /* [info.gpu_count] */
    mxs_devices_info info;
};

/* Names and reasons come from drivers and from the dynamic linker. */
static void make_printable(mxs_devices *devices) {
    mxsi_make_printable(devices->cpu.openblas_config);
    mxsi_make_printable(devices->cpu.openblas_core);
    mxsi_make_printable(devices->cpu.openblas_core_reason);
    mxsi_make_printable(devices->survey.reason);
    for (int i = 0; i < devices->survey.device_count; ++i) {
        mxsi_make_printable(devices->survey.devices[i].name);
        mxsi_make_printable(devices->survey.devices[i].reason);
    }
}

static void describe(mxs_devices *devices) {
    const struct mxsi_cpu_devices *cpu = &devices->cpu;
    devices->info = (mxs_devices_info){
        .cores_available = cpu->cores_available,
        .cores_online = cpu->cores_online,
        .cpu_kernel = cpu->kernel,
        .openblas_config = cpu->openblas_config,
        .openblas_core = cpu->openblas_core,
        .openblas_core_reason = cpu->openblas_core_reason,
        .cuda_reason = devices->survey.reason,
        .gpu_count = (size_t)devices->survey.device_count,
    };
    for (int i = 0; i < devices->survey.device_count; ++i) {
        const struct mxsi_gpu_device *device = &devices->survey.devices[i];
        devices->gpus[i] = (mxs_gpu){
            .name = device->name,
            .reason = device->reason,
            .capability = device->capability,
            .memory = device->memory,
        };
    }
}

mxs_status mxs_devices_survey(mxs_devices **devices, mxs_error *error) {
    *devices = NULL;
    mxsi_arena *arena = mxsi_arena_create();
    mxs_devices *made = arena == NULL ? NULL : mxsi_arena_allocate(arena, 1, sizeof *made);
    mxs_gpu *gpus = made == NULL ? NULL : mxsi_arena_allocate(arena, MXSI_GPU_MAX_DEVICES, sizeof *gpus);
    if (gpus == NULL) {
        mxsi_arena_destroy(arena);
        return mxsi_fail_memory(error, "what is known of this machine");
    }
    made->arena = arena;
    made->gpus = gpus;
    mxsi_cpu_devices_describe(&made->cpu);
    const struct mxsi_patience patience = {.limit_ns = MXSI_GPU_SURVEY_LIMIT_NS};
    (void)mxsi_gpu_survey_take(NULL, &patience, &made->survey);
    make_printable(made);
    describe(made);
    *devices = made;
    return MXS_OK;
}

const mxs_devices_info *mxs_devices_describe(const mxs_devices *devices) {
    return &devices->info;
}

const mxs_gpu *mxs_devices_gpu(const mxs_devices *devices, size_t index) {
    return index < devices->info.gpu_count ? &devices->gpus[index] : NULL;
}

void mxs_devices_destroy(mxs_devices *devices) {
    if (devices != NULL) {
        mxsi_arena_destroy(devices->arena);
    }
}
