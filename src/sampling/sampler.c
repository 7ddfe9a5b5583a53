#include "sampling/sampler.h"

static const struct mxsi_sampler *const samplers[] = {
    [MXS_SAMPLER_REJECTION] = &mxsi_sampler_rejection,
    [MXS_SAMPLER_FIXED_SUM] = &mxsi_sampler_fixed_sum,
    [MXS_SAMPLER_EQUAL_WEIGHTS] = &mxsi_sampler_equal_weights,
};

const struct mxsi_sampler *mxsi_sampler_of(mxs_sampler sampler) {
    return samplers[sampler];
}

/* The first one that applies draws; the last one always does. */
mxs_sampler mxsi_sampler_choose(const struct mxsi_problem *problem, const struct mxsi_sampling *sampling) {
    static const mxs_sampler order[] = {MXS_SAMPLER_EQUAL_WEIGHTS, MXS_SAMPLER_REJECTION, MXS_SAMPLER_FIXED_SUM};
    enum { LAST = sizeof order / sizeof *order - 1 };
    int i = 0;
    while (i < LAST && !samplers[order[i]]->applies(problem, sampling)) {
        ++i;
    }
    return order[i];
}
