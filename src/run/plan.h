/* A search cut into pieces of work. The unit is one tile of one portfolio; units are numbered portfolio by portfolio;
 * a chunk is a run of units, taken by one worker at a time. One portfolio of many tiles and many portfolios of one tile
 * are dealt out alike. What is planned is all of a search, or spans of it: what another run has left. */
#ifndef MAXSHARPE_PLAN_H
#define MAXSHARPE_PLAN_H

#include <stdint.h>

#include "run/task.h"

/* first <= unit < end */
struct mxsi_span {
    uint64_t first;
    uint64_t end;
};

/* Fixed widths: it lives in shared memory. */
struct mxsi_plan {
    uint64_t units;       /* of all spans, at least 1 */
    uint64_t chunk_units; /* units in every chunk but the last of a span */
    uint64_t chunks;      /* about MXSI_MAX_CHUNKS at most: shorter chunks are lengthened */
    uint64_t span_count;
};

/* Chunks are counted in bytes of shared memory: a quarter megabyte. A span more costs a chunk more. */
enum { MXSI_MAX_CHUNKS = 1 << 18 };

/* All units of a task. Its portfolios x tiles fit 64 bits. */
struct mxsi_span mxsi_plan_whole(const struct mxsi_task *task);

/* spans[span_count]: not empty, ascending. chunk_tiles: units of a chunk, 0: chosen, so that a chunk is some
 * milliseconds of work and every worker gets many. */
struct mxsi_plan mxsi_plan_make(const struct mxsi_task *task, const struct mxsi_span *spans, uint64_t span_count,
                                uint64_t chunk_tiles, uint32_t workers);

/* The first chunk of each span into first_chunk[span_count]: chunks count through the spans. */
void mxsi_plan_number_chunks(const struct mxsi_plan *plan, const struct mxsi_span *spans, uint64_t *first_chunk);

/* The units of a chunk. */
struct mxsi_span mxsi_plan_chunk(const struct mxsi_plan *plan, const struct mxsi_span *spans,
                                 const uint64_t *first_chunk, uint64_t chunk);

/* Simulations in the units first <= unit < end. */
uint64_t mxsi_plan_simulations(const struct mxsi_sampling *sampling, uint64_t first, uint64_t end);

#endif
