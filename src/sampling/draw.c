#include "sampling/draw.h"

#include "sampling/sampler.h"

size_t mxsi_draw_scratch(uint32_t k) {
    return 2 * (size_t)k;
}

int mxsi_draw_weights(const struct mxsi_problem *problem, const struct mxsi_sampling *sampling,
                      const struct mxsi_identity *identity, double *weights, double *scratch) {
    struct mxsi_random_words words = mxsi_random_words_of(sampling, identity);
    return mxsi_sampler_of((mxs_sampler)sampling->sampler)->draw(problem, sampling, &words, weights, scratch);
}
