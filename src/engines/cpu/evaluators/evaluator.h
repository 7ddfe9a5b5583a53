/* The seam at which CPU evaluators differ: how simulations become upper bounds of objectives. What they have in common
 * is their base; then there are two types of them. A block evaluator draws: block by block of one portfolio's attempts.
 * A table evaluator is given shared draws as a table of weights, and some portfolios at a time. */
#ifndef MAXSHARPE_EVALUATOR_H
#define MAXSHARPE_EVALUATOR_H

#include <stddef.h>
#include <stdint.h>

#include "engines/cpu/lanes/lanes.h"
#include "engines/cpu/openblas_library.h"
#include "run/task.h"
#include "run/worker.h"

struct mxsi_evaluator_base;

/* What every kind says of itself. */
struct mxsi_evaluator_kind {
    const char *name;
    int every_variance; /* 1: it is to be given no bar, so that nothing is ruled out */
    int by_openblas;    /* 1: it needs OpenBLAS */
    const void *method; /* what kinds of one source differ in, or NULL */

    size_t size; /* of its own struct, which begins with the base; at most MXSI_EVALUATOR_MAX_SIZE */

    /* Places its arrays from address `at` on and returns the first address behind them. Kind and task are set; `at` may
     * be 0, to measure. */
    uintptr_t (*lay_out)(struct mxsi_evaluator_base *evaluator, uintptr_t at);

    /* Fills what is not zero. NULL: all is. Its memory is laid out and zeroed, and OpenBLAS is open. */
    void (*init)(struct mxsi_evaluator_base *evaluator);
};

enum { MXSI_EVALUATOR_MAX_SIZE = 1024 };

/* What every evaluator begins with. */
struct mxsi_evaluator_base {
    const struct mxsi_evaluator_kind *kind;
    struct mxsi_task task;
    const struct mxsi_lanes *lanes;
    struct mxsi_openblas openblas; /* open where the kind needs it */
};

/* Bytes of memory that one evaluator works in. */
size_t mxsi_evaluator_memory(const struct mxsi_evaluator_kind *kind, const struct mxsi_task *task);

/* Builds an evaluator in `memory` (64-byte aligned, zeroed, the caller's). What the task points to is borrowed. NULL,
 * and one line in reason, where it cannot run here. In a worker process. */
void *mxsi_evaluator_create(const struct mxsi_evaluator_kind *kind, const struct mxsi_task *task,
                            const struct mxsi_lanes *lanes, void *memory, char *reason, size_t reason_size);

/* One line that says what runs, e.g. "avx512, OpenBLAS SkylakeX". */
void mxsi_evaluator_describe(const struct mxsi_evaluator_base *evaluator, char *text, size_t text_size);

/* Attempts side by side in one tile of one portfolio. */
struct mxsi_block {
    uint64_t rank;
    uint32_t tile;
    uint32_t first_attempt;
    uint32_t attempts; /* a multiple of MXSI_LANES_MULTIPLE, at most the evaluator's max_attempts */
    uint32_t wanted;   /* the tile is full after so many more accepted attempts; later ones do not count */
    float bar;         /* upper bounds below it may be given as -HUGE_VALF */
};

/* What became of them. */
struct mxsi_screen {
    uint32_t accepted;  /* simulations among the attempts, at most `wanted` */
    float highest;      /* the largest upper bound; -HUGE_VALF where none was accepted */
    const float *upper; /* [attempts] upper bounds in the unit of screen_bound.h, -HUGE_VALF for what does not count */
};

struct mxsi_block_evaluator_kind {
    struct mxsi_evaluator_kind base;

    /* The most attempts of one block. */
    uint32_t (*max_attempts)(const struct mxsi_task *task);

    /* The following blocks are of this portfolio: assets[K], ascending. */
    void (*select_portfolio)(void *evaluator, const uint32_t *assets);

    /* Evaluates a block. screen->upper is valid until the next call. Allocates nothing. */
    void (*screen)(void *evaluator, const struct mxsi_block *block, struct mxsi_screen *screen,
                   struct mxsi_worker_times *times);
};

struct mxsi_weight_table;

enum { MXSI_TABLE_MAX_PORTFOLIOS = 256 }; /* what any kind takes at a time */

struct mxsi_table_evaluator_kind {
    struct mxsi_evaluator_kind base;

    uint32_t max_portfolios; /* at a time; at most MXSI_TABLE_MAX_PORTFOLIOS */

    /* The following portfolios are evaluated with this tile's weights; the caller's, until the next call. */
    void (*load_table)(void *evaluator, const struct mxsi_weight_table *table, struct mxsi_worker_times *times);

    /* Evaluates portfolios, assets [portfolios][K], each ascending. highest[portfolios]: -HUGE_VALF where nothing
     * reaches the bar. */
    void (*screen_portfolios)(void *evaluator, const uint32_t *assets, uint32_t portfolios, float bar, float *highest,
                              struct mxsi_worker_times *times);

    /* The upper bounds of one of the portfolios just screened, for every simulation of the table: upper[count], valid
     * until the next call. */
    const float *(*portfolio_bounds)(void *evaluator, uint32_t portfolio);
};

extern const struct mxsi_block_evaluator_kind mxsi_evaluator_openblas;
extern const struct mxsi_block_evaluator_kind mxsi_evaluator_fused;
extern const struct mxsi_block_evaluator_kind mxsi_evaluator_fused_full; /* with every_variance */
extern const struct mxsi_table_evaluator_kind mxsi_evaluator_openblas_table;
extern const struct mxsi_table_evaluator_kind mxsi_evaluator_fused_table;
extern const struct mxsi_table_evaluator_kind mxsi_evaluator_fused_full_table; /* with every_variance */

/* The way here, for comparisons: see evaluator_ladder.c. */
extern const struct mxsi_block_evaluator_kind mxsi_evaluator_full_product;
extern const struct mxsi_block_evaluator_kind mxsi_evaluator_row_wise;
extern const struct mxsi_block_evaluator_kind mxsi_evaluator_mean_first;
extern const struct mxsi_block_evaluator_kind mxsi_evaluator_single;

#endif
