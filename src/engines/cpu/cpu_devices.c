/* OpenBLAS is opened in a child, as in a run: see openblas_library.h. */
#include "engines/cpu/cpu_devices.h"

#include <stdio.h>
#include <string.h>

#include "engines/cpu/lanes/lanes.h"
#include "engines/cpu/openblas_library.h"
#include "process/child_answer.h"
#include "process/cores.h"

struct answer {
    char config[sizeof((struct mxsi_cpu_devices *)0)->openblas_config];
    char core[sizeof((struct mxsi_cpu_devices *)0)->openblas_core];
    char core_reason[sizeof((struct mxsi_cpu_devices *)0)->openblas_core_reason];
};

static void ask_openblas(const void *question, void *shared) {
    (void)question;
    struct answer *answer = shared;
    struct mxsi_openblas openblas;
    if (mxsi_openblas_open(&openblas, answer->config, sizeof answer->config) == 0) {
        (void)snprintf(answer->config, sizeof answer->config, "%s", openblas.config());
        (void)snprintf(answer->core, sizeof answer->core, "%s", openblas.core_name());
        (void)snprintf(answer->core_reason, sizeof answer->core_reason, "%s", openblas.core_reason);
    }
}

static void describe_openblas(struct mxsi_cpu_devices *devices) {
    struct answer answer = {.config = "cannot be asked here"};
    (void)mxsi_child_ask(ask_openblas, NULL, &answer, sizeof answer);
    memcpy(devices->openblas_config, answer.config, sizeof devices->openblas_config);
    memcpy(devices->openblas_core, answer.core, sizeof devices->openblas_core);
    memcpy(devices->openblas_core_reason, answer.core_reason, sizeof devices->openblas_core_reason);
}

void mxsi_cpu_devices_describe(struct mxsi_cpu_devices *devices) {
    devices->cores_available = mxsi_cores_available();
    devices->cores_online = mxsi_cores_online();
    devices->kernel = mxsi_lanes_best()->name;
    describe_openblas(devices);
}
