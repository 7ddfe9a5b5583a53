/* What the fused evaluators have in common: slopes that rule simulations out, and the moments for those that are left.
 */
#ifndef MAXSHARPE_FUSED_SCREEN_H
#define MAXSHARPE_FUSED_SCREEN_H

#include <stdint.h>

#include "engines/cpu/lanes/lanes.h"
#include "run/task.h"
#include "screening/volatility_floor.h"

struct mxsi_fused_screen {
    struct mxsi_task task;
    struct mxsi_volatility_floor floor;
    float bar;              /* of the slopes */
    const uint32_t *assets; /* [K] of the portfolio whose moments are wanted; the caller's */
    void *floor_memory;
    float *excess; /* [K] this and the following: of that portfolio, once they are needed */
    float *triangle;
};

/* Places the arrays from address `at` on; returns the first address behind them. */
uintptr_t mxsi_fused_screen_lay_out(struct mxsi_fused_screen *fused, const struct mxsi_task *task, uintptr_t at);

/* After the arrays are placed. What the task points to is borrowed. There is no bar. */
void mxsi_fused_screen_init(struct mxsi_fused_screen *fused, const struct mxsi_task *task);

/* Returns 1 where slopes have to be asked for again. */
int mxsi_fused_screen_set_bar(struct mxsi_fused_screen *fused, float bar);

/* How to screen a portfolio's simulations. assets[K] and slope[K] are borrowed as long as it is used, and only the last
 * one can be. */
struct mxsi_lanes_screen mxsi_fused_screen_of(struct mxsi_fused_screen *fused, const uint32_t *assets,
                                              const float *slope, uint32_t wanted);

#endif
