#include "data/market/moments.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* One tile of the covariance: its sums stay in the first-level cache while t runs, and the inner loop over TILE_COLUMNS
 * elements, each with a sum of its own, is one that compilers vectorise without reordering anything. */
enum { TILE_ROWS = 8, TILE_COLUMNS = 32 };

static void compute_mean(const double *returns, size_t periods, size_t assets, double *mean) {
    memset(mean, 0, assets * sizeof *mean);
    for (size_t t = 0; t < periods; ++t) {
        for (size_t j = 0; j < assets; ++j) {
            mean[j] += returns[t * assets + j];
        }
    }
    for (size_t j = 0; j < assets; ++j) {
        mean[j] /= (double)periods;
    }
}

/* sums[r][c] = sum over t of centred[t][row + r] * centred[t][column + c] */
static void sum_tile(const double *centred, size_t periods, size_t stride, size_t row, size_t column,
                     double sums[TILE_ROWS][TILE_COLUMNS]) {
    memset(sums, 0, TILE_ROWS * sizeof *sums);
    for (size_t t = 0; t < periods; ++t) {
        const double *left = centred + t * stride + row;
        const double *right = centred + t * stride + column;
        for (size_t r = 0; r < TILE_ROWS; ++r) {
            const double factor = left[r];
            for (size_t c = 0; c < TILE_COLUMNS; ++c) {
                sums[r][c] += factor * right[c];
            }
        }
    }
}

static void compute_covariance(const double *centred, size_t periods, size_t stride, size_t assets,
                               double *covariance) {
    double sums[TILE_ROWS][TILE_COLUMNS];
    for (size_t row = 0; row < assets; row += TILE_ROWS) {
        for (size_t column = row / TILE_COLUMNS * TILE_COLUMNS; column < assets; column += TILE_COLUMNS) {
            sum_tile(centred, periods, stride, row, column, sums);
            for (size_t i = row; i < assets && i < row + TILE_ROWS; ++i) {
                for (size_t j = column; j < assets && j < column + TILE_COLUMNS; ++j) {
                    const double value = sums[i - row][j - column] / (double)(periods - 1);
                    covariance[i * assets + j] = value;
                    covariance[j * assets + i] = value;
                }
            }
        }
    }
}

int mxsi_moments_compute(const double *returns, size_t periods, size_t assets, double *mean, double *covariance) {
    /* Columns are padded with zeros to whole tiles, so that the tile loops have fixed lengths. */
    const size_t stride = (assets + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS;
    if (periods > SIZE_MAX / sizeof(double) / stride) {
        return -1;
    }
    double *centred = calloc(periods * stride, sizeof *centred);
    if (centred == NULL) {
        return -1;
    }
    compute_mean(returns, periods, assets, mean);
    for (size_t t = 0; t < periods; ++t) {
        for (size_t j = 0; j < assets; ++j) {
            centred[t * stride + j] = returns[t * assets + j] - mean[j];
        }
    }
    compute_covariance(centred, periods, stride, assets, covariance);
    free(centred);
    return 0;
}
