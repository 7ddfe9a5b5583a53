/* The random words of one attempt, one after the other: see simulation_counter.h. */
#ifndef MAXSHARPE_RANDOM_WORDS_H
#define MAXSHARPE_RANDOM_WORDS_H

#include <Random123/philox.h>

#include "sampling/sampling.h"
#include "sampling/simulation_counter.h"

struct mxsi_random_words {
    philox4x32_ctr_t counter;
    philox4x32_key_t key;
    philox4x32_ctr_t block;
    uint32_t used;
};

static inline struct mxsi_random_words mxsi_random_words_of(const struct mxsi_sampling *sampling,
                                                            const struct mxsi_identity *identity) {
    const uint64_t stream = sampling->shared_draws ? MXSI_SHARED_STREAM : identity->rank;
    const struct mxsi_random_words words = {
        .counter = {{identity->attempt * sampling->blocks_per_attempt, identity->tile, (uint32_t)stream,
                     (uint32_t)(stream >> 32)}},
        .key = {{(uint32_t)sampling->seed, (uint32_t)(sampling->seed >> 32)}},
        .used = MXSI_WORDS_PER_BLOCK,
    };
    return words;
}

static inline uint32_t mxsi_next_word(struct mxsi_random_words *words) {
    if (words->used == MXSI_WORDS_PER_BLOCK) {
        words->block = philox4x32(words->counter, words->key);
        ++words->counter.v[0];
        words->used = 0;
    }
    return words->block.v[words->used++];
}

#endif
