/* OpenBLAS is opened in a child, as in a run: see openblas_library.h. */
#include "cpu/cpu_devices.h"
#include <errno.h>
#include <stdatomic.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpu/cores.h"
#include "cpu/lanes.h"
#include "cpu/openblas_library.h"
#include "maxsharpe/search.h"

/* What the child leaves in shared memory. */
struct answer {
    char config[sizeof((mxs_devices *)0)->openblas_config];
    char core[sizeof((mxs_devices *)0)->openblas_core];
    char core_reason[sizeof((mxs_devices *)0)->openblas_core_reason];
    atomic_int is_whole; /* a wait status cannot say it: there is none where the program ignores SIGCHLD */
};

static void ask_openblas(struct answer *answer) {
    struct mxsi_openblas openblas;
    if (mxsi_openblas_open(&openblas, answer->config, sizeof answer->config) == 0) {
        (void)snprintf(answer->config, sizeof answer->config, "%s", openblas.config());
        (void)snprintf(answer->core, sizeof answer->core, "%s", openblas.core_name());
        (void)snprintf(answer->core_reason, sizeof answer->core_reason, "%s", openblas.core_reason);
    }
    atomic_store(&answer->is_whole, 1);
}

static void describe_openblas(mxs_devices *devices) {
    (void)snprintf(devices->openblas_config, sizeof devices->openblas_config, "cannot be asked here");
    struct answer *answer = mmap(NULL, sizeof *answer, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (answer == MAP_FAILED) {
        return;
    }
    const pid_t pid = fork();
    if (pid == 0) {
        ask_openblas(answer);
        _exit(0);
    }
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    if (atomic_load(&answer->is_whole)) {
        memcpy(devices->openblas_config, answer->config, sizeof devices->openblas_config);
        memcpy(devices->openblas_core, answer->core, sizeof devices->openblas_core);
        memcpy(devices->openblas_core_reason, answer->core_reason, sizeof devices->openblas_core_reason);
    }
    (void)munmap(answer, sizeof *answer);
}

void mxsi_cpu_devices_describe(mxs_devices *devices) {
    devices->cores_available = mxsi_cores_available();
    devices->cores_online = mxsi_cores_online();
    (void)snprintf(devices->cpu_kernel, sizeof devices->cpu_kernel, "%s", mxsi_lanes_best()->name);
    describe_openblas(devices);
}
