/* What the CPU engine would use here. */
#ifndef MAXSHARPE_CPU_DEVICES_H
#define MAXSHARPE_CPU_DEVICES_H

#include "process/child_answer.h"

/* See mxs_devices_info. */
struct mxsi_cpu_devices {
    unsigned cores_available;
    unsigned cores_online;
    const char *kernel;
    char openblas_config[160];
    char openblas_core[32];
    char openblas_core_reason[96];
};

void mxsi_cpu_devices_describe(struct mxsi_cpu_devices *devices);
extern const struct mxsi_question mxsi_openblas_question;

#endif
