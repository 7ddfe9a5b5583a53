/* The triangle of a symmetric matrix as the fused evaluator reads it.
 *
 * Rows are taken four at a time; of each column from the diagonal on, the four rows' coefficients stand side by side:
 * the matrix's own on the diagonal, twice that above it, 0 below it and beyond the last row. So
 *
 *     x' r x = sum over i <= j of triangle_ij x_i x_j */
#ifndef MAXSHARPE_TRIANGLE_H
#define MAXSHARPE_TRIANGLE_H

#include <stddef.h>
#include <stdint.h>

enum { MXSI_TRIANGLE_ROWS = 4 };

/* Floats that a triangle of k rows takes. */
size_t mxsi_triangle_size(uint32_t k);

/* Packs the rows and columns assets[k], ascending, of the matrix [n][n]. */
void mxsi_triangle_pack(const float *matrix, size_t n, const uint32_t *assets, uint32_t k, float *triangle);

#endif
