#include "engines/cpu/evaluators/weight_table.h"

#include <math.h>

#include "base/arena.h"

uintptr_t mxsi_weight_table_lay_out(struct mxsi_weight_table *table, const struct mxsi_task *task, uintptr_t at) {
    at = mxsi_drawn_block_lay_out(&table->drawn, task, at);
    table->x =
        mxsi_take_cache_lines(&at, (size_t)task->problem->assets_per_portfolio * MXSI_TABLE_STRIDE * sizeof(float));
    table->sum = mxsi_take_cache_lines(&at, MXSI_TABLE_STRIDE * sizeof(float));
    table->attempt = mxsi_take_cache_lines(&at, MXSI_TABLE_STRIDE * sizeof(uint32_t));
    table->mask = mxsi_take_cache_lines(&at, MXSI_DRAWN_ATTEMPTS * sizeof(int32_t));
    return at;
}

void mxsi_weight_table_init(struct mxsi_weight_table *table, const struct mxsi_task *task,
                            const struct mxsi_lanes *lanes) {
    mxsi_drawn_block_init(&table->drawn, task, lanes);
    table->count = 0;
}

/* Column `from` of a block, or of the table itself, becomes the table's column `to`. */
static void copy_column(struct mxsi_weight_table *table, uint32_t to, const float *x, size_t stride, uint32_t from,
                        float sum) {
    const uint32_t k = table->drawn.task.problem->assets_per_portfolio;
    for (uint32_t i = 0; i < k; ++i) {
        table->x[(size_t)i * MXSI_TABLE_STRIDE + to] = x[i * stride + from];
    }
    table->sum[to] = sum;
}

int mxsi_weight_table_draw(struct mxsi_weight_table *table, uint32_t tile) {
    if (table->count > 0 && table->tile == tile) {
        return 0;
    }
    struct mxsi_drawn_block *drawn = &table->drawn;
    const uint32_t wanted = mxsi_tile_simulations(drawn->task.sampling, tile);
    struct mxsi_block block = {.tile = tile, .attempts = MXSI_DRAWN_ATTEMPTS, .wanted = wanted, .bar = -HUGE_VALF};
    table->tile = tile;
    table->count = 0;
    while (table->count < wanted) {
        mxsi_drawn_block_draw(drawn, &block);
        (void)mxsi_drawn_block_accept(drawn, &block, table->mask);
        for (uint32_t i = 0; i < block.attempts; ++i) {
            if (table->mask[i] != 0) {
                table->attempt[table->count] = block.first_attempt + i;
                copy_column(table, table->count++, drawn->x, MXSI_DRAWN_STRIDE, i, drawn->sum[i]);
            }
        }
        block.first_attempt += block.attempts;
        block.wanted = wanted - table->count;
    }
    for (uint32_t to = wanted; to < mxsi_whole_vectors(wanted); ++to) {
        copy_column(table, to, table->x, MXSI_TABLE_STRIDE, 0, table->sum[0]);
    }
    return 1;
}
