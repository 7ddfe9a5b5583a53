#include "sampling/draw.h"

#include <Random123/philox.h>

#include "maxsharpe/search.h"
#include "problem/subsets.h"
#include "sampling/exponential.h"
#include "sampling/simulation_counter.h"

size_t mxsi_draw_scratch(uint32_t k) {
    return 2 * (size_t)k;
}

/* The random words of one attempt, one after the other. */
struct words {
    philox4x32_ctr_t counter;
    philox4x32_key_t key;
    philox4x32_ctr_t block;
    uint32_t used;
};

static struct words words_of(const struct mxsi_problem *problem, const struct mxsi_identity *identity) {
    const uint64_t stream = problem->shared_draws ? MXSI_SHARED_STREAM : identity->rank;
    const struct words words = {
        .counter = {{identity->attempt * problem->blocks_per_attempt, identity->tile, (uint32_t)stream,
                     (uint32_t)(stream >> 32)}},
        .key = {{(uint32_t)problem->seed, (uint32_t)(problem->seed >> 32)}},
        .used = MXSI_WORDS_PER_BLOCK,
    };
    return words;
}

static uint32_t next_word(struct words *words) {
    if (words->used == MXSI_WORDS_PER_BLOCK) {
        words->block = philox4x32(words->counter, words->key);
        ++words->counter.v[0];
        words->used = 0;
    }
    return words->block.v[words->used++];
}

/* Exponential spacings: uniform on the simplex (L. Devroye, Non-Uniform Random Variate Generation, 1986, V.2). The
 * float sum, the maximum and the test against the cap are those of every backend. */
static int draw_by_rejection(const struct mxsi_problem *problem, struct words *words, double *weights) {
    const uint32_t k = problem->assets_per_portfolio;
    float sum = 0.0f;
    float largest = 0.0f;
    double exact_sum = 0.0;
    for (uint32_t i = 0; i < k; ++i) {
        const float e = mxsi_exponential(next_word(words));
        weights[i] = (double)e;
        sum += e;
        largest = e > largest ? e : largest;
        exact_sum += (double)e;
    }
    for (uint32_t i = 0; i < k; ++i) {
        weights[i] = problem->min_weight + problem->spare * (weights[i] / exact_sum);
    }
    return largest <= problem->cap * sum;
}

/* R. Stafford's randfixedsum: K spacings give the place within a simplex, the chances choose the simplex, a
 * permutation (Fisher and Yates) undoes its order. tail[i]: the sum of the spacings from i on. */
static void draw_fixed_sum(const struct mxsi_inputs *inputs, struct words *words, double *weights, double *scratch) {
    const struct mxsi_problem *problem = inputs->problem;
    const uint32_t k = problem->assets_per_portfolio;
    double *spacing = scratch;
    double *tail = scratch + k;
    for (uint32_t i = 0; i < k; ++i) {
        spacing[i] = (double)mxsi_exponential(next_word(words));
    }
    double sum = 0.0;
    for (uint32_t i = k; i-- > 0;) {
        sum += spacing[i];
        tail[i] = sum;
    }
    uint32_t ups = 0;
    double below = 0.0;
    for (uint32_t i = 0; i + 1 < k; ++i) {
        const uint32_t left = k - i;
        const uint32_t chance = inputs->fixed_sum_chance[(size_t)(left - 2) * k + ups];
        const uint32_t up = (next_word(words) >> 1) < chance;
        below += spacing[i] * ((problem->box_sum - (double)ups) / (double)left);
        weights[i] = below + (up ? tail[i + 1] : 0.0);
        ups += up;
    }
    weights[k - 1] = below + tail[k - 1] * (problem->box_sum - (double)ups);
    for (uint32_t i = k - 1; i > 0; --i) {
        const uint32_t j = (uint32_t)(((uint64_t)next_word(words) * (i + 1)) >> 32);
        const double swap = weights[i];
        weights[i] = weights[j];
        weights[j] = swap;
    }
    for (uint32_t i = 0; i < k; ++i) {
        const double w = problem->min_weight + problem->width * (weights[i] / sum);
        weights[i] = w > problem->max_weight ? problem->max_weight : w; /* by a last bit of rounding */
    }
}

int mxsi_draw_weights(const struct mxsi_inputs *inputs, const struct mxsi_identity *identity, double *weights,
                      double *scratch) {
    const struct mxsi_problem *problem = inputs->problem;
    struct words words = words_of(problem, identity);
    switch ((mxs_sampler)problem->sampler) {
    case MXS_SAMPLER_REJECTION:
        return draw_by_rejection(problem, &words, weights);
    case MXS_SAMPLER_FIXED_SUM:
        draw_fixed_sum(inputs, &words, weights, scratch);
        return 1;
    case MXS_SAMPLER_EQUAL_WEIGHTS:
        break;
    }
    for (uint32_t i = 0; i < problem->assets_per_portfolio; ++i) {
        weights[i] = 1.0 / (double)problem->assets_per_portfolio;
    }
    return 1;
}

void mxsi_portfolio_merge(const struct mxsi_inputs *inputs, const uint32_t *chosen, uint32_t *assets) {
    const struct mxsi_problem *problem = inputs->problem;
    const uint32_t chosen_count = problem->assets_per_portfolio - problem->forced_count;
    uint32_t f = 0;
    uint32_t c = 0;
    for (uint32_t i = 0; i < problem->assets_per_portfolio; ++i) {
        const uint32_t free_asset = c < chosen_count ? inputs->free_assets[chosen[c]] : UINT32_MAX;
        const uint32_t forced_asset = f < problem->forced_count ? inputs->forced[f] : UINT32_MAX;
        if (free_asset < forced_asset) {
            assets[i] = free_asset;
            ++c;
        } else {
            assets[i] = forced_asset;
            ++f;
        }
    }
}

void mxsi_portfolio_assets(const struct mxsi_inputs *inputs, uint64_t rank, uint32_t *assets, uint32_t *chosen) {
    const struct mxsi_problem *problem = inputs->problem;
    mxsi_subset_unrank(problem->free_count, problem->assets_per_portfolio - problem->forced_count, rank, chosen);
    mxsi_portfolio_merge(inputs, chosen, assets);
}
