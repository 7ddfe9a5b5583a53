/* What a run would use on this machine. */
#ifndef MAXSHARPE_DEVICES_H
#define MAXSHARPE_DEVICES_H

#include "maxsharpe/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mxs_devices mxs_devices;

/* A GPU of this machine. New members are appended. */
typedef struct mxs_gpu {
    const char *name;
    const char *reason;  /* why it cannot be used, one line; "" where it can */
    unsigned capability; /* compute capability, 10 * major + minor */
    uint64_t memory;     /* bytes */
} mxs_gpu;

/* All strings belong to the devices, and are one line each. New members are appended. */
typedef struct mxs_devices_info {
    unsigned cores_available;         /* cores this process may use: affinity and cgroup quota counted */
    unsigned cores_online;            /* cores of the machine */
    const char *cpu_kernel;           /* the instruction set that the CPU kernels use here: "avx512", "avx2", "neon",
                                         "baseline" */
    const char *openblas_config;      /* OpenBLAS's own description of its build, or why it cannot be loaded */
    const char *openblas_core;        /* the kernel of OpenBLAS that runs; "" where it cannot be loaded */
    const char *openblas_core_reason; /* why that kernel, one line; "" where there is none */
    const char *cuda_reason;          /* why no GPU can be used, one line; "" where one can */
    size_t gpu_count;                 /* see mxs_devices_gpu */
} mxs_devices_info;

/* Looks at the machine: at OpenBLAS and at the GPUs in processes of their own. *devices: destroy it with
 * mxs_devices_destroy. Returns MXS_OK; MXS_ERROR_MEMORY. */
MXS_API MXS_NODISCARD mxs_status mxs_devices_survey(mxs_devices **devices, mxs_error *error);

/* Never NULL; lives as long as the devices, as does what the following returns. */
MXS_API const mxs_devices_info *mxs_devices_describe(const mxs_devices *devices);

/* The GPU that CUDA counts as `index`; NULL beyond gpu_count. */
MXS_API const mxs_gpu *mxs_devices_gpu(const mxs_devices *devices, size_t index);

MXS_API void mxs_devices_destroy(mxs_devices *devices);

#ifdef __cplusplus
}
#endif

#endif
