/* OpenBLAS is opened in a process of its own, as in a run: see openblas_library.h. */
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

/* Loading it is a matter of milliseconds, from a slow disk of seconds. */
static const struct mxsi_patience patience = {.limit_ns = 10 * UINT64_C(1000000000)};

static void ask_openblas(const void *asked, void *shared) {
    (void)asked;
    struct answer *answer = shared;
    struct mxsi_openblas openblas;
    if (mxsi_openblas_open(&openblas, answer->config, sizeof answer->config) == 0) {
        (void)snprintf(answer->config, sizeof answer->config, "%s", openblas.config());
        (void)snprintf(answer->core, sizeof answer->core, "%s", openblas.core_name());
        (void)snprintf(answer->core_reason, sizeof answer->core_reason, "%s", openblas.core_reason);
    }
}

const struct mxsi_question mxsi_openblas_question = {"openblas", ask_openblas, 0, sizeof(struct answer)};

static void describe_openblas(struct mxsi_cpu_devices *devices) {
    struct answer answer = {.config = ""};
    char reason[MXSI_CHILD_REASON_SIZE];
    if (mxsi_child_ask(&mxsi_openblas_question, NULL, &answer, &patience, reason) != MXSI_CHILD_ANSWERED) {
        (void)snprintf(answer.config, sizeof answer.config, "OpenBLAS cannot be asked: %.127s", reason);
    }
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
