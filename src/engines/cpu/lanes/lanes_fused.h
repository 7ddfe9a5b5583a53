/* The fused functions of lanes.h, defined in lanes_fused.c for each instruction set. */
#ifndef MAXSHARPE_LANES_FUSED_H
#define MAXSHARPE_LANES_FUSED_H

#include "engines/cpu/lanes/lane_names.h"
#include "engines/cpu/lanes/lanes.h"

uint32_t LANES_NAMED(screen_spacings)(const struct mxsi_lanes_draw *draw, const struct mxsi_lanes_screen *screen,
                                      float *x, float *upper, float *highest);
uint32_t LANES_NAMED(screen_drawn)(const float *x, const float *sum, uint32_t k, size_t stride, uint32_t count,
                                   const struct mxsi_lanes_screen *screen, float *upper, float *highest);
void LANES_NAMED(project)(const float *x, uint32_t k, size_t stride, uint32_t count, const float *slope,
                          uint32_t portfolios, float *largest);

#endif
