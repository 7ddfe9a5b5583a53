/* The fused kernel for every size, each in a translation unit of its own group, so that they compile side by side. */
#ifndef MAXSHARPE_FUSED_INSTANCES_H
#define MAXSHARPE_FUSED_INSTANCES_H

#include "fused_kernel.cuh"

enum { MXSI_FUSED_MAX_K = 64 };

typedef void (*mxsi_fused_pointer)(mxsi_kernel_problem, uint64_t, mxsi_kernel_candidates);

/* The kernel for portfolios of k assets: exact sizes up to 32 with two attempts a thread, then steps of 8 with one
 * (registers). NULL where k is not in the group. */
mxsi_fused_pointer mxsi_fused_1_to_16(uint32_t k);
mxsi_fused_pointer mxsi_fused_17_to_24(uint32_t k);
mxsi_fused_pointer mxsi_fused_25_to_32(uint32_t k);
mxsi_fused_pointer mxsi_fused_33_to_64(uint32_t k);

#endif
