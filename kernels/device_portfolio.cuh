/* A unit's portfolio on the device: its assets from its rank, and their moments. */
#ifndef MAXSHARPE_DEVICE_PORTFOLIO_CUH
#define MAXSHARPE_DEVICE_PORTFOLIO_CUH

#include "kernel_language.h"
#include "kernel_problem.h"

/* Simulations in a unit's tile: 1024, or what is left. */
MXSI_DEVICE_INLINE uint32_t mxsi_unit_simulations(const mxsi_kernel_problem &problem, uint64_t unit) {
    const uint64_t left = problem.simulations - unit % problem.tiles_per_portfolio * 1024;
    return left < 1024 ? (uint32_t)left : 1024u;
}

/* The assets of the portfolio `rank`, ascending, handed one by one to put(position, asset). One thread's work: a walk
 * over the free assets with one look into the table of binomials each (see subsets.c); forced assets are merged in. */
template <class Put>
MXSI_DEVICE_INLINE void mxsi_unrank_portfolio(const mxsi_kernel_problem &problem, uint64_t rank, Put put) {
    const uint32_t chosen = problem.k - problem.forced_count;
    const uint32_t width = problem.free_count - chosen + 1; /* of a row of the table */
    uint32_t forced = 0;
    uint32_t position = 0;
    uint32_t item = 0;
    for (uint32_t left = chosen; left > 0; ++item) {
        const uint32_t others = problem.free_count - item - 1; /* after this item */
        const uint64_t with_item = problem.choices[(uint64_t)(left - 1) * width + (others - (left - 1))];
        if (rank >= with_item) {
            rank -= with_item;
            continue;
        }
        const uint32_t asset = problem.free_assets[item];
        while (forced < problem.forced_count && problem.forced[forced] < asset) {
            put(position++, problem.forced[forced++]);
        }
        put(position++, asset);
        --left;
    }
    while (forced < problem.forced_count) {
        put(position++, problem.forced[forced++]);
    }
}

/* The row of a triangle, rows of 1, 2, 3, ... elements, that an element is in. */
MXSI_DEVICE_INLINE uint32_t mxsi_triangle_row(uint32_t element) {
    uint32_t row = (uint32_t)((sqrtf(8.0f * (float)element + 1.0f) - 1.0f) * 0.5f);
    while ((uint64_t)(row + 1) * (row + 2) / 2 <= element) { /* the root is rounded */
        ++row;
    }
    while ((uint64_t)row * (row + 1) / 2 > element) {
        --row;
    }
    return row;
}

#endif
