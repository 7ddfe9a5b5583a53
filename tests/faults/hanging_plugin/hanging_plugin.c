/* A plug-in whose driver hangs at the first question. It says so beforehand, as a line of the program, for a test to
 * wait for. */
#include <unistd.h>

#include "engines/gpu/gpu_plugin_contract.h"

static int hang(char *reason) { /* NOLINT(readability-non-const-parameter): of a table of functions */
    (void)reason;
    static const char line[] = "maxsharpe: warning: the stand-in for the CUDA plug-in hangs\n";
    (void)!write(STDERR_FILENO, line, sizeof line - 1);
    while (pause() != 0) { /* which it never is */
    }
    return -1;
}

static const struct mxsi_gpu_engine_ops ops = {
    .version = MXSI_GPU_ENGINE_VERSION,
    .library_version = STAND_IN_VERSION,
    .count_devices = hang,
};

__attribute__((visibility("default"))) const struct mxsi_gpu_engine_ops *mxsi_gpu_engine_table(void);

const struct mxsi_gpu_engine_ops *mxsi_gpu_engine_table(void) {
    return &ops;
}
