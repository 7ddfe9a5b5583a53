/* A plug-in of another release. */
#include "engines/gpu/gpu_plugin_contract.h"

static const struct mxsi_gpu_engine_ops ops = {
    .version = MXSI_GPU_ENGINE_VERSION,
    .library_version = "9.8.7",
};

__attribute__((visibility("default"))) const struct mxsi_gpu_engine_ops *mxsi_gpu_engine_table(void);

const struct mxsi_gpu_engine_ops *mxsi_gpu_engine_table(void) {
    return &ops;
}
