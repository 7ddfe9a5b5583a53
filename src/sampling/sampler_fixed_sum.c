/* R. Stafford's randfixedsum: K spacings give the place within a simplex, the chances choose the simplex, a
 * permutation (Fisher and Yates) undoes its order. Rejects nothing, whatever the bounds. */
#include "sampling/exponential.h"
#include "sampling/fixed_sum.h"
#include "sampling/sampler.h"

static int applies(const struct mxsi_problem *problem, const struct mxsi_sampling *sampling) {
    (void)problem;
    (void)sampling;
    return 1;
}

static uint32_t words(uint32_t k) {
    return mxsi_words_of_fixed_sum(k);
}

static uint64_t table_size(uint32_t k) {
    return (uint64_t)(k - 1) * k * sizeof(uint32_t);
}

static int fill_table(uint32_t k, const struct mxsi_sampling *sampling, uint32_t *table) {
    return mxsi_fixed_sum_chances(k, sampling->box_sum, table);
}

/* tail[i]: the sum of the spacings from i on. Returns the sum of all. */
static double draw_spacings(struct mxsi_random_words *random, uint32_t k, double *spacing, double *tail) {
    for (uint32_t i = 0; i < k; ++i) {
        spacing[i] = (double)mxsi_exponential(mxsi_next_word(random));
    }
    double sum = 0.0;
    for (uint32_t i = k; i-- > 0;) {
        sum += spacing[i];
        tail[i] = sum;
    }
    return sum;
}

static void permute(struct mxsi_random_words *random, uint32_t k, double *weights) {
    for (uint32_t i = k - 1; i > 0; --i) {
        const uint32_t j = (uint32_t)(((uint64_t)mxsi_next_word(random) * (i + 1)) >> 32);
        const double swap = weights[i];
        weights[i] = weights[j];
        weights[j] = swap;
    }
}

static int draw(const struct mxsi_problem *problem, const struct mxsi_sampling *sampling,
                struct mxsi_random_words *random, double *weights, double *scratch) {
    const uint32_t k = problem->assets_per_portfolio;
    double *spacing = scratch;
    double *tail = scratch + k;
    const double sum = draw_spacings(random, k, spacing, tail);
    uint32_t ups = 0;
    double below = 0.0;
    for (uint32_t i = 0; i + 1 < k; ++i) {
        const uint32_t left = k - i;
        const uint32_t chance = sampling->table[(size_t)(left - 2) * k + ups];
        const uint32_t up = (mxsi_next_word(random) >> 1) < chance;
        below += spacing[i] * ((sampling->box_sum - (double)ups) / (double)left);
        weights[i] = below + (up ? tail[i + 1] : 0.0);
        ups += up;
    }
    weights[k - 1] = below + tail[k - 1] * (sampling->box_sum - (double)ups);
    permute(random, k, weights);
    for (uint32_t i = 0; i < k; ++i) {
        const double w = problem->min_weight + sampling->width * (weights[i] / sum);
        weights[i] = w > problem->max_weight ? problem->max_weight : w; /* by a last bit of rounding */
    }
    return 1;
}

const struct mxsi_sampler mxsi_sampler_fixed_sum = {
    .applies = applies,
    .words = words,
    .table_size = table_size,
    .fill_table = fill_table,
    .draw = draw,
};
