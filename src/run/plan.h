/* A search cut into pieces of work. The unit is one tile of one portfolio; units are numbered portfolio by portfolio;
 * a chunk is a run of units, taken by one worker at a time. One portfolio of many tiles and many portfolios of one tile
 * are dealt out alike. */
#ifndef MAXSHARPE_PLAN_H
#define MAXSHARPE_PLAN_H

#include <stdint.h>

#include "problem/search_inputs.h"

struct mxsi_plan {
    uint64_t units;       /* portfolios x tiles, at least 1 */
    uint64_t chunk_units; /* units in every chunk but the last */
    uint64_t chunks;      /* at most MXSI_MAX_CHUNKS: shorter chunks are lengthened */
};

/* Chunks are counted in bytes of the shared segment: a quarter megabyte at most. */
enum { MXSI_MAX_CHUNKS = 1 << 18 };

/* chunk_tiles: units of a chunk, 0: chosen, so that a chunk is some milliseconds of work and every worker gets many.
 * The problem's portfolios x tiles fit 64 bits. */
struct mxsi_plan mxsi_plan_make(const struct mxsi_problem *problem, uint64_t chunk_tiles, uint32_t workers);

/* Simulations in the units first <= unit < end. */
uint64_t mxsi_plan_simulations(const struct mxsi_problem *problem, uint64_t first, uint64_t end);

/* Simulations in tile `tile` of any portfolio: 1024, or what is left for the last one. */
static inline uint32_t mxsi_tile_simulations(const struct mxsi_problem *problem, uint64_t tile) {
    const uint64_t left = problem->simulations - tile * 1024;
    return left < 1024 ? (uint32_t)left : 1024;
}

#endif
