/* Exponential spacings: uniform on the simplex (L. Devroye, Non-Uniform Random Variate Generation, 1986, V.2); vectors
 * above the cap are rejected. The float sum, the maximum and the test against the cap are those of every engine. */
#include "sampling/exponential.h"
#include "sampling/sampler.h"

/* Below this acceptance the sampler that rejects nothing is the faster one. */
#define LEAST_ACCEPTANCE 0.25

static int applies(const struct mxsi_problem *problem, const struct mxsi_sampling *sampling) {
    (void)problem;
    return sampling->acceptance >= LEAST_ACCEPTANCE;
}

static uint32_t words(uint32_t k) {
    return mxsi_words_of_rejection(k);
}

static int draw(const struct mxsi_problem *problem, const struct mxsi_sampling *sampling,
                struct mxsi_random_words *random, double *weights,
                double *scratch) { /* NOLINT(readability-non-const-parameter): others of the table write to it */
    (void)scratch;
    const uint32_t k = problem->assets_per_portfolio;
    float sum = 0.0f;
    float largest = 0.0f;
    double exact_sum = 0.0;
    for (uint32_t i = 0; i < k; ++i) {
        const float e = mxsi_exponential(mxsi_next_word(random));
        weights[i] = (double)e;
        sum += e;
        largest = e > largest ? e : largest;
        exact_sum += (double)e;
    }
    for (uint32_t i = 0; i < k; ++i) {
        weights[i] = problem->min_weight + sampling->spare * (weights[i] / exact_sum);
    }
    return largest <= sampling->cap * sum;
}

const struct mxsi_sampler mxsi_sampler_rejection = {
    .rejects = 1,
    .applies = applies,
    .words = words,
    .draw = draw,
};
