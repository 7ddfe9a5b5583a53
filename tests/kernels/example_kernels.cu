#include "example_kernels.cuh"
template __global__ void example_block_sum<256>(const float *, uint32_t, float *);
