#include "engines/cpu/lanes/triangle.h"

size_t mxsi_triangle_size(uint32_t k) {
    size_t columns = 0;
    for (uint32_t first = 0; first < k; first += MXSI_TRIANGLE_ROWS) {
        columns += k - first;
    }
    return columns * MXSI_TRIANGLE_ROWS;
}

void mxsi_triangle_pack(const float *matrix, size_t n, const uint32_t *assets, uint32_t k, float *triangle) {
    for (uint32_t first = 0; first < k; first += MXSI_TRIANGLE_ROWS) {
        for (uint32_t j = first; j < k; ++j) {
            const float *column = matrix + assets[j] * n; /* the matrix is symmetric: a row is a column */
            for (uint32_t i = first; i < first + MXSI_TRIANGLE_ROWS; ++i) {
                *triangle++ = i > j || i >= k ? 0.0f : column[assets[i]] * (i == j ? 1.0f : 2.0f);
            }
        }
    }
}
