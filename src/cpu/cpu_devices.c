/* What the CPU backend would use here. OpenBLAS is opened in a child, as in a run: see openblas_library.h. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpu/cores.h"
#include "cpu/lanes.h"
#include "cpu/openblas_library.h"
#include "maxsharpe/search.h"

static void ask_openblas(mxs_devices *answer) {
    struct mxsi_openblas openblas;
    if (mxsi_openblas_open(&openblas, answer->openblas_config, sizeof answer->openblas_config) == 0) {
        (void)snprintf(answer->openblas_config, sizeof answer->openblas_config, "%s", openblas.config());
        (void)snprintf(answer->openblas_core, sizeof answer->openblas_core, "%s", openblas.core_name());
    }
}

static void describe_openblas(mxs_devices *devices) {
    (void)snprintf(devices->openblas_config, sizeof devices->openblas_config, "cannot be asked here");
    mxs_devices *answer = mmap(NULL, sizeof *answer, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (answer == MAP_FAILED) {
        return;
    }
    const pid_t pid = fork();
    if (pid == 0) {
        ask_openblas(answer);
        _exit(0);
    }
    int status = 0;
    if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status)) {
        memcpy(devices->openblas_config, answer->openblas_config, sizeof devices->openblas_config);
        memcpy(devices->openblas_core, answer->openblas_core, sizeof devices->openblas_core);
    }
    (void)munmap(answer, sizeof *answer);
}

void mxs_devices_describe(mxs_devices *devices, size_t devices_size) {
    mxs_devices made = {
        .cores_available = mxsi_cores_available(),
        .cores_online = mxsi_cores_online(),
    };
    (void)snprintf(made.cpu_kernel, sizeof made.cpu_kernel, "%s", mxsi_lanes_best()->name);
    (void)snprintf(made.cuda_reason, sizeof made.cuda_reason, "this build of maxsharpe has no CUDA backend");
    describe_openblas(&made);
    memcpy(devices, &made, devices_size < sizeof made ? devices_size : sizeof made);
}
