/* How a problem is sampled: which simulations there are. */
#ifndef MAXSHARPE_SAMPLING_H
#define MAXSHARPE_SAMPLING_H

#include <stdint.h>

/* Fixed widths, no padding that matters: all but the pointer is copied into shared memory as it is. */
struct mxsi_sampling {
    uint32_t sampler;            /* mxs_sampler */
    uint32_t rejects;            /* 1: some attempts are no simulations */
    uint32_t shared_draws;       /* 1: the stream of every portfolio is MXSI_SHARED_STREAM */
    uint32_t blocks_per_attempt; /* counter values that one attempt takes */
    uint64_t seed;
    uint64_t first_portfolio; /* first_portfolio <= rank < end_portfolio */
    uint64_t end_portfolio;
    uint64_t simulations;         /* S, evaluated per portfolio (1 where only equal weights are feasible) */
    uint64_t tiles_per_portfolio; /* ceil(S / 1024) */
    double acceptance;            /* of the rejection sampler, known beforehand */
    double spare;                 /* 1 - K min_weight: what the spacings share out; 0 for equal weights */
    double width;                 /* max_weight - min_weight */
    double box_sum;               /* spare / width: the sum of K numbers in [0, 1] that the fixed-sum sampler draws */
    float cap; /* the rejection test, in float: accepted where largest <= cap * sum; infinite: none */
    float min_weight_f;
    float spare_f;
    float width_f;
    uint64_t table_size; /* bytes of the following; 0: the sampler has none */

    const uint32_t *table; /* what the sampler draws by; of fixed-sum: [K - 1][K] chances, see fixed_sum.h */
};

/* One simulation: who it is. */
struct mxsi_identity {
    uint64_t rank;
    uint32_t tile;
    uint32_t attempt;
};

/* Simulations in tile `tile` of any portfolio: 1024, or what is left for the last one. */
static inline uint32_t mxsi_tile_simulations(const struct mxsi_sampling *sampling, uint64_t tile) {
    const uint64_t left = sampling->simulations - tile * 1024;
    return left < 1024 ? (uint32_t)left : 1024;
}

/* What part of the attempts are simulations. */
static inline double mxsi_sampling_rate(const struct mxsi_sampling *sampling) {
    return sampling->rejects ? sampling->acceptance : 1.0;
}

#endif
