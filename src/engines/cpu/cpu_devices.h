/* What the CPU backend would use here. */
#ifndef MAXSHARPE_CPU_DEVICES_H
#define MAXSHARPE_CPU_DEVICES_H

#include "maxsharpe/search.h"
#include "process/child_answer.h"

/* Fills the members about cores, kernels and OpenBLAS. */
void mxsi_cpu_devices_describe(mxs_devices *devices);
extern const struct mxsi_question mxsi_openblas_question;

#endif
