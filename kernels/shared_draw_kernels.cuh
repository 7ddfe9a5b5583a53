/* Shared draws: the weights of a tile serve every portfolio, so expected returns and variances of all of them are two
 * matrix products:
 *
 *     excess    [COLUMNS][portfolios] = weights'  [COLUMNS][K]           x gains [K][portfolios]
 *     variances [COLUMNS][portfolios] = products' [COLUMNS][K (K + 1)/2] x risks [K (K + 1)/2][portfolios]
 *
 * with the products x_i x_j, j <= i, and the risks off the diagonal doubled. */
#ifndef MAXSHARPE_SHARED_DRAW_KERNELS_CUH
#define MAXSHARPE_SHARED_DRAW_KERNELS_CUH

#include "staged_kernels.cuh"

/* products [K (K + 1)/2][COLUMNS]; a block a product, a thread some columns. */
static MXSI_KERNEL_BOUNDS(MXSI_STAGED_THREADS, 1) mxsi_products_kernel(const float *weights, float *products) {
    const uint32_t i = mxsi_triangle_row(blockIdx.x);
    const uint32_t j = blockIdx.x - i * (i + 1) / 2;
    for (uint32_t column = threadIdx.x; column < MXSI_COLUMNS; column += MXSI_STAGED_THREADS) {
        products[(uint64_t)blockIdx.x * MXSI_COLUMNS + column] =
            weights[(uint64_t)i * MXSI_COLUMNS + column] * weights[(uint64_t)j * MXSI_COLUMNS + column];
    }
}

/* risks [portfolios][K (K + 1)/2]; a block a portfolio. */
static MXSI_KERNEL_BOUNDS(MXSI_STAGED_THREADS, 1)
    mxsi_pack_risk_kernel(mxsi_kernel_problem problem, const uint32_t *assets_of_portfolios, float *risks) {
    const uint32_t elements = problem.k * (problem.k + 1) / 2;
    const uint32_t *assets = assets_of_portfolios + (uint64_t)blockIdx.x * problem.k;
    for (uint32_t at = threadIdx.x; at < elements; at += MXSI_STAGED_THREADS) {
        const uint32_t i = mxsi_triangle_row(at);
        const uint32_t j = at - i * (i + 1) / 2;
        const float r = problem.risk[(uint64_t)assets[i] * problem.assets + assets[j]];
        risks[(uint64_t)blockIdx.x * elements + at] = i == j ? r : 2.0f * r;
    }
}

#endif
