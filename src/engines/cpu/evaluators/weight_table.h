/* A tile's simulations as one table, for shared draws: what was accepted, side by side, drawn once for all portfolios.
 */
#ifndef MAXSHARPE_WEIGHT_TABLE_H
#define MAXSHARPE_WEIGHT_TABLE_H

#include <stdint.h>

#include "engines/cpu/evaluators/drawn_block.h"
#include "sampling/simulation_counter.h"

/* The stride leaves a vector of room behind a full tile, and keeps rows apart in the first-level cache. */
enum { MXSI_TABLE_STRIDE = MXSI_TILE_SIZE + 16 };

struct mxsi_weight_table {
    struct mxsi_drawn_block drawn;
    float *x;          /* [K][MXSI_TABLE_STRIDE] weights times their sum */
    float *sum;        /* [MXSI_TABLE_STRIDE] */
    uint32_t *attempt; /* [MXSI_TABLE_STRIDE] */
    int32_t *mask;     /* [MXSI_DRAWN_ATTEMPTS] scratch */
    uint32_t count;    /* simulations; columns up to the next multiple of MXSI_LANES_MULTIPLE repeat the first one */
    uint32_t tile;
};

/* Places the arrays from address `at` on; returns the first address behind them. */
uintptr_t mxsi_weight_table_lay_out(struct mxsi_weight_table *table, const struct mxsi_task *task, uintptr_t at);

/* After the arrays are placed, in zeroed memory. What the task points to is borrowed. The table is empty. */
void mxsi_weight_table_init(struct mxsi_weight_table *table, const struct mxsi_task *task,
                            const struct mxsi_lanes *lanes);

/* Draws the tile, where the table does not hold it already. Returns 1 where it was drawn. */
int mxsi_weight_table_draw(struct mxsi_weight_table *table, uint32_t tile);

#endif
