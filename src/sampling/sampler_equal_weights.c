/* The bounds leave one point. */
#include "sampling/sampler.h"

#include "problem/problem_build.h"

static int applies(const struct mxsi_problem *problem, const struct mxsi_sampling *sampling) {
    (void)sampling;
    return mxsi_problem_has_equal_weights(problem);
}

static uint32_t words(uint32_t k) {
    (void)k;
    return 1; /* none is looked at */
}

static int draw(const struct mxsi_problem *problem, const struct mxsi_sampling *sampling,
                struct mxsi_random_words *random, double *weights,
                double *scratch) { /* NOLINT(readability-non-const-parameter): others of the table write to it */
    (void)sampling;
    (void)random;
    (void)scratch;
    for (uint32_t i = 0; i < problem->assets_per_portfolio; ++i) {
        weights[i] = 1.0 / (double)problem->assets_per_portfolio;
    }
    return 1;
}

const struct mxsi_sampler mxsi_sampler_equal_weights = {
    .is_constant = 1,
    .applies = applies,
    .words = words,
    .draw = draw,
};
