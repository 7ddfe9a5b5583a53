/* Evaluators of the CPU against the definition of a simulation: which attempts they count, and that no upper bound is
 * below the Sharpe ratio in double.
 *
 * Everything runs in a child, as in a search: OpenBLAS starts threads in the process that loads it, and the evaluator
 * changes that process's environment. */
#ifndef MAXSHARPE_TEST_EVALUATOR_CHECKS_H
#define MAXSHARPE_TEST_EVALUATOR_CHECKS_H

#include <stdint.h>

#include "engines/cpu/evaluators/evaluator.h"

enum { CHECKED_MAX_K = 40 };

/* What was seen. */
struct evaluator_report {
    char complaint[256]; /* "" where all is well */
    uint32_t accepted;
    uint32_t rejected;
    uint32_t ruled_out; /* accepted, and below the bar */
    double widest_gap;  /* between an upper bound and the ratio that it bounds */
};

/* Blocks of every length, in several portfolios, in tiles and attempts near and far, without a bar and with bars that
 * some simulations reach. Fails the test, naming kind and lanes, where anything is wrong. */
struct evaluator_report check_block_evaluator(const struct mxsi_block_evaluator_kind *kind,
                                              const struct mxsi_task *task, const struct mxsi_lanes *lanes);

/* Full and shorter tiles of shared draws, with one portfolio and as many as the kind takes; bars likewise. */
struct evaluator_report check_table_evaluator(const struct mxsi_table_evaluator_kind *kind,
                                              const struct mxsi_task *task, const struct mxsi_lanes *lanes);

#endif
