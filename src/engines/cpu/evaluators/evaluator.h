/* The seam at which CPU evaluators differ: how simulations become upper bounds of Sharpe ratios. With fresh draws block
 * by block of one portfolio's attempts; with shared draws some portfolios at a time by a table of weights, where the
 * evaluator has the functions for that. */
#ifndef MAXSHARPE_EVALUATOR_H
#define MAXSHARPE_EVALUATOR_H

#include <stddef.h>
#include <stdint.h>

#include "engines/cpu/lanes/lanes.h"
#include "problem/search_inputs.h"
#include "run/worker.h"

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

struct mxsi_evaluator; /* each kind's own */
struct mxsi_weight_table;

struct mxsi_evaluator_kind {
    const char *name;
    int every_variance; /* 1: it is to be given no bar, so that nothing is ruled out */

    /* Bytes of memory that one evaluator works in. */
    size_t (*memory_size)(const struct mxsi_problem *problem);

    /* Builds an evaluator in `memory` (64-byte aligned, zeroed, the caller's). NULL, and one line in reason, where it
     * cannot run here. In a worker process. */
    struct mxsi_evaluator *(*create)(const struct mxsi_inputs *inputs, const struct mxsi_lanes *lanes, void *memory,
                                     char *reason, size_t reason_size);

    /* Fresh draws. NULL in kinds that work with a table.
     *
     * The most attempts of one block. */
    uint32_t (*max_attempts)(const struct mxsi_evaluator *evaluator);

    /* The following blocks are of this portfolio: assets[K], ascending. */
    void (*select_portfolio)(struct mxsi_evaluator *evaluator, const uint32_t *assets);

    /* Evaluates a block. screen->upper is valid until the next call. Allocates nothing. */
    void (*screen)(struct mxsi_evaluator *evaluator, const struct mxsi_block *block, struct mxsi_screen *screen,
                   struct mxsi_worker_times *times);

    /* Shared draws. NULL in kinds that draw themselves.
     *
     * The most portfolios at a time. */
    uint32_t (*max_portfolios)(const struct mxsi_evaluator *evaluator);

    /* The following portfolios are evaluated with this tile's weights; the caller's, until the next call. */
    void (*load_table)(struct mxsi_evaluator *evaluator, const struct mxsi_weight_table *table,
                       struct mxsi_worker_times *times);

    /* Evaluates portfolios, assets [portfolios][K], each ascending. highest[portfolios]: -HUGE_VALF where nothing
     * reaches the bar. */
    void (*screen_portfolios)(struct mxsi_evaluator *evaluator, const uint32_t *assets, uint32_t portfolios, float bar,
                              float *highest, struct mxsi_worker_times *times);

    /* The upper bounds of one of the portfolios just screened, for every simulation of the table: upper[count], valid
     * until the next call. */
    const float *(*portfolio_bounds)(struct mxsi_evaluator *evaluator, uint32_t portfolio);

    /* One line that says what runs, e.g. "avx512, OpenBLAS SkylakeX". */
    void (*describe)(const struct mxsi_evaluator *evaluator, char *text, size_t text_size);
};

extern const struct mxsi_evaluator_kind mxsi_evaluator_openblas;
extern const struct mxsi_evaluator_kind mxsi_evaluator_fused;
extern const struct mxsi_evaluator_kind mxsi_evaluator_fused_full; /* the same with every_variance, as below */
extern const struct mxsi_evaluator_kind mxsi_evaluator_openblas_table;
extern const struct mxsi_evaluator_kind mxsi_evaluator_fused_table;
extern const struct mxsi_evaluator_kind mxsi_evaluator_fused_full_table;

/* The way here, for comparisons: see evaluator_ladder.c. */
extern const struct mxsi_evaluator_kind mxsi_evaluator_full_product;
extern const struct mxsi_evaluator_kind mxsi_evaluator_row_wise;
extern const struct mxsi_evaluator_kind mxsi_evaluator_mean_first;
extern const struct mxsi_evaluator_kind mxsi_evaluator_single;

#endif
