#include "engines/cpu/evaluators/fused_screen.h"

#include <math.h>

#include "base/arena.h"
#include "engines/cpu/lanes/triangle.h"

uintptr_t mxsi_fused_screen_lay_out(struct mxsi_fused_screen *fused, const struct mxsi_problem *problem, uintptr_t at) {
    const uint32_t k = problem->assets_per_portfolio;
    fused->floor_memory = mxsi_take_lines(&at, mxsi_volatility_floor_size(problem->assets));
    fused->excess = mxsi_take_lines(&at, k * sizeof(float));
    fused->triangle = mxsi_take_lines(&at, mxsi_triangle_size(k) * sizeof(float));
    return at;
}

void mxsi_fused_screen_init(struct mxsi_fused_screen *fused, const struct mxsi_inputs *inputs) {
    fused->inputs = inputs;
    fused->bar = -HUGE_VALF;
    mxsi_volatility_floor_init(&fused->floor, inputs, fused->floor_memory);
}

int mxsi_fused_screen_set_bar(struct mxsi_fused_screen *fused, float bar) {
    if (bar == fused->bar) {
        return 0;
    }
    mxsi_volatility_floor_set_bar(&fused->floor, fused->inputs, bar);
    fused->bar = bar;
    return 1;
}

/* What only a simulation with a chance needs. */
static void prepare(void *context) {
    struct mxsi_fused_screen *fused = context;
    const struct mxsi_problem *problem = fused->inputs->problem;
    for (uint32_t i = 0; i < problem->assets_per_portfolio; ++i) {
        fused->excess[i] = fused->inputs->excess[fused->assets[i]];
    }
    mxsi_triangle_pack(fused->inputs->risk, problem->assets, fused->assets, problem->assets_per_portfolio,
                       fused->triangle);
}

struct mxsi_lanes_screen mxsi_fused_screen_of(struct mxsi_fused_screen *fused, const uint32_t *assets,
                                              const float *slope, uint32_t wanted) {
    const struct mxsi_problem *problem = fused->inputs->problem;
    fused->assets = assets;
    const struct mxsi_lanes_screen screen = {
        .slope = slope,
        .rules_out = fused->floor.rules_out,
        .excess = fused->excess,
        .triangle = fused->triangle,
        .cap = problem->cap,
        .excess_slack = problem->excess_slack,
        .variance_slack = problem->variance_slack,
        .min_weight = problem->min_weight_f,
        .spare = problem->spare_f,
        .wanted = wanted,
        .prepare = prepare,
        .context = fused,
    };
    return screen;
}
