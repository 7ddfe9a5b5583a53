#include "engines/cpu/evaluators/fused_screen.h"

#include <math.h>

#include "base/arena.h"
#include "engines/cpu/lanes/triangle.h"

uintptr_t mxsi_fused_screen_lay_out(struct mxsi_fused_screen *fused, const struct mxsi_task *task, uintptr_t at) {
    const uint32_t k = task->problem->assets_per_portfolio;
    fused->floor_memory = mxsi_take_cache_lines(&at, mxsi_volatility_floor_size(task->problem->assets));
    fused->excess = mxsi_take_cache_lines(&at, k * sizeof(float));
    fused->triangle = mxsi_take_cache_lines(&at, mxsi_triangle_size(k) * sizeof(float));
    return at;
}

void mxsi_fused_screen_init(struct mxsi_fused_screen *fused, const struct mxsi_task *task) {
    fused->task = *task;
    fused->bar = -HUGE_VALF;
    mxsi_volatility_floor_init(&fused->floor, task->problem, task->screening, fused->floor_memory);
}

int mxsi_fused_screen_set_bar(struct mxsi_fused_screen *fused, float bar) {
    if (bar == fused->bar) {
        return 0;
    }
    mxsi_volatility_floor_set_bar(&fused->floor, bar);
    fused->bar = bar;
    return 1;
}

/* What only a simulation with a chance needs. */
static void prepare(void *context) {
    struct mxsi_fused_screen *fused = context;
    const struct mxsi_problem *problem = fused->task.problem;
    for (uint32_t i = 0; i < problem->assets_per_portfolio; ++i) {
        fused->excess[i] = fused->task.screening->excess[fused->assets[i]];
    }
    mxsi_triangle_pack(fused->task.screening->risk, problem->assets, fused->assets, problem->assets_per_portfolio,
                       fused->triangle);
}

struct mxsi_lanes_screen mxsi_fused_screen_of(struct mxsi_fused_screen *fused, const uint32_t *assets,
                                              const float *slope, uint32_t wanted) {
    const struct mxsi_sampling *sampling = fused->task.sampling;
    const struct mxsi_screening *screening = fused->task.screening;
    fused->assets = assets;
    const struct mxsi_lanes_screen screen = {
        .slope = slope,
        .rules_out = fused->floor.rules_out,
        .excess = fused->excess,
        .triangle = fused->triangle,
        .cap = sampling->cap,
        .excess_slack = screening->excess_slack,
        .variance_slack = screening->variance_slack,
        .min_weight = sampling->min_weight_f,
        .spare = sampling->spare_f,
        .wanted = wanted,
        .prepare = prepare,
        .context = fused,
    };
    return screen;
}
