/* Where a simulation's random words stand: Philox4x32-10 with the 64-bit seed as key and this counter.
 *
 *     c0 = attempt * blocks + block    c1 = tile    c2, c3 = stream (the portfolio's rank), low and high half
 *
 * A block gives four words; an attempt takes `blocks` of them. With shared draws the stream is all ones: no portfolio
 * has that rank. (J. K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC11.) */
#ifndef MAXSHARPE_SIMULATION_COUNTER_H
#define MAXSHARPE_SIMULATION_COUNTER_H

#include <stdint.h>

enum {
    MXSI_TILE_SIZE = 1024,   /* accepted simulations in a full tile */
    MXSI_WORDS_PER_BLOCK = 4 /* 32-bit words that one counter value gives */
};

#define MXSI_SHARED_STREAM UINT64_MAX

/* Random words of one attempt: the rejection sampler takes a word for each weight; the fixed-sum sampler K for the
 * place in a simplex, K - 1 to choose the simplex and K - 1 to permute. */
static inline uint32_t mxsi_words_of_rejection(uint32_t k) {
    return k;
}

static inline uint32_t mxsi_words_of_fixed_sum(uint32_t k) {
    return 3 * k - 2;
}

static inline uint32_t mxsi_blocks_of_words(uint32_t words) {
    return (words + MXSI_WORDS_PER_BLOCK - 1) / MXSI_WORDS_PER_BLOCK;
}

#endif
