/* What the CPU backend would use here. */
#ifndef MAXSHARPE_CPU_DEVICES_H
#define MAXSHARPE_CPU_DEVICES_H

#include "maxsharpe/search.h"

/* Fills the members about cores, kernels and OpenBLAS. */
void mxsi_cpu_devices_describe(mxs_devices *devices);

#endif
