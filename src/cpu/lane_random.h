/* Random numbers side by side: Philox4x32-10 and the exponential spacings made of it, one attempt a lane.
 *
 * A round of Philox multiplies 32-bit words to 64-bit products, so counters stand in 64-bit lanes: half a vector holds
 * the even attempts, another one the odd ones. The multiplication looks at the low halves only, so what is left in the
 * high halves never has to be cleared, and the last round puts the two together.
 *
 * What does not change within a tile is worked out once: in the counter (attempt * blocks + block, tile, stream low,
 * stream high) only the first word does, so half of the first two rounds is the same for all attempts. */
#ifndef MAXSHARPE_LANE_RANDOM_H
#define MAXSHARPE_LANE_RANDOM_H

#include "cpu/lane_vector.h"
#include "cpu/lanes.h"
#include "shared/exponential.h"
#include "shared/simulation_counter.h"

enum { LANE_PHILOX_ROUNDS = 10 };

/* Salmon et al., table 2: the multipliers, and the Weyl sequence of the keys (the golden ratio, sqrt(3) - 1). */
#define LANE_PHILOX_M0 0xD2511F53u
#define LANE_PHILOX_M1 0xCD9E8D57u
#define LANE_PHILOX_W0 0x9E3779B9u
#define LANE_PHILOX_W1 0xBB67AE85u

/* What all attempts of a tile have in common. In 64 bits each, as the rounds want them. */
struct lane_tile {
    uint64_t key0[LANE_PHILOX_ROUNDS];
    uint64_t key1[LANE_PHILOX_ROUNDS];
    uint64_t first_c2;  /* xor of round 1 */
    uint64_t second_c0; /* xors of round 2 */
    uint64_t second_c2;
    uint64_t third_c2; /* xor of round 3 */
};

static inline struct lane_tile lane_tile_of(const struct mxsi_lanes_draw *draw) {
    struct lane_tile tile;
    uint32_t key0 = (uint32_t)draw->seed;
    uint32_t key1 = (uint32_t)(draw->seed >> 32);
    for (int round = 0; round < LANE_PHILOX_ROUNDS; ++round) {
        tile.key0[round] = key0;
        tile.key1[round] = key1;
        key0 += LANE_PHILOX_W0;
        key1 += LANE_PHILOX_W1;
    }
    const uint64_t first = (uint64_t)LANE_PHILOX_M1 * (uint32_t)draw->stream;
    const uint32_t c0 = (uint32_t)(first >> 32) ^ draw->tile ^ (uint32_t)tile.key0[0];
    const uint64_t second = (uint64_t)LANE_PHILOX_M0 * c0;
    tile.first_c2 = (uint32_t)(draw->stream >> 32) ^ tile.key1[0];
    tile.second_c0 = (uint32_t)first ^ tile.key0[1];
    tile.second_c2 = (second >> 32) ^ tile.key1[1];
    tile.third_c2 = (uint32_t)second ^ tile.key1[2];
    return tile;
}

/* Half a vector of counters. */
struct lane_philox {
    lane_pair c0, c1, c2, c3;
};

/* Rounds 1 to 3, from the first word of the counter. */
static inline struct lane_philox lane_philox_begin(const struct lane_tile *tile, lane_pair c0) {
    const lane_pair m0 = lane_broadcast_pair(LANE_PHILOX_M0);
    const lane_pair m1 = lane_broadcast_pair(LANE_PHILOX_M1);
    const lane_pair product = lane_multiply_low(c0, m0);
    const lane_pair c2 = (product >> 32) ^ lane_broadcast_pair(tile->first_c2);
    const lane_pair second = lane_multiply_low(c2, m1);
    const lane_pair p0 = lane_multiply_low((second >> 32) ^ lane_broadcast_pair(tile->second_c0), m0);
    const lane_pair p1 = lane_multiply_low(product ^ lane_broadcast_pair(tile->second_c2), m1);
    const struct lane_philox state = {
        .c0 = lane_xor3(p1 >> 32, second, lane_broadcast_pair(tile->key0[2])),
        .c1 = p1,
        .c2 = (p0 >> 32) ^ lane_broadcast_pair(tile->third_c2),
        .c3 = p0,
    };
    return state;
}

static inline void lane_philox_round(struct lane_philox *state, lane_pair key0, lane_pair key1) {
    const lane_pair p0 = lane_multiply_low(state->c0, lane_broadcast_pair(LANE_PHILOX_M0));
    const lane_pair p1 = lane_multiply_low(state->c2, lane_broadcast_pair(LANE_PHILOX_M1));
    state->c0 = lane_xor3(p1 >> 32, state->c1, key0);
    state->c2 = lane_xor3(p0 >> 32, state->c3, key1);
    state->c1 = p1;
    state->c3 = p0;
}

/* Two rounds of both halves, the first of them being round `round`, counted from 0. */
static inline void lane_philox_two_rounds(const struct lane_tile *tile, int round, struct lane_philox *even,
                                          struct lane_philox *odd) {
    for (int i = round; i < round + 2; ++i) {
        const lane_pair key0 = lane_broadcast_pair(tile->key0[i]);
        const lane_pair key1 = lane_broadcast_pair(tile->key1[i]);
        lane_philox_round(even, key0, key1);
        lane_philox_round(odd, key0, key1);
    }
}

/* The last round; the halves become whole vectors. */
static inline void lane_philox_end(const struct lane_tile *tile, const struct lane_philox *even,
                                   const struct lane_philox *odd, lane_word words[MXSI_WORDS_PER_BLOCK]) {
    const lane_pair m0 = lane_broadcast_pair(LANE_PHILOX_M0);
    const lane_pair m1 = lane_broadcast_pair(LANE_PHILOX_M1);
    const lane_pair even0 = lane_multiply_low(even->c0, m0);
    const lane_pair even1 = lane_multiply_low(even->c2, m1);
    const lane_pair odd0 = lane_multiply_low(odd->c0, m0);
    const lane_pair odd1 = lane_multiply_low(odd->c2, m1);
    const lane_word key0 = lane_broadcast_word((uint32_t)tile->key0[LANE_PHILOX_ROUNDS - 1]);
    const lane_word key1 = lane_broadcast_word((uint32_t)tile->key1[LANE_PHILOX_ROUNDS - 1]);
    words[0] = lane_xor3_word(lane_merge_high(even1, odd1), lane_merge_low(even->c1, odd->c1), key0);
    words[1] = lane_merge_low(even1, odd1);
    words[2] = lane_xor3_word(lane_merge_high(even0, odd0), lane_merge_low(even->c3, odd->c3), key1);
    words[3] = lane_merge_low(even0, odd0);
}

/* Where LANES attempts are: the first word of the counter of their next block, in the low halves. */
struct lane_counters {
    struct lane_tile tile;
    lane_pair even, odd;
};

static inline struct lane_counters lane_counters_of(const struct mxsi_lanes_draw *draw) {
    struct lane_counters counters = {.tile = lane_tile_of(draw)};
    for (uint32_t i = 0; i < LANES / 2; ++i) {
        counters.even[i] = (draw->first_attempt + 2 * i) * draw->blocks_per_attempt;
        counters.odd[i] = (draw->first_attempt + 2 * i + 1) * draw->blocks_per_attempt;
    }
    return counters;
}

static inline void lane_counters_advance(struct lane_counters *counters, uint32_t blocks) {
    counters->even += lane_broadcast_pair(blocks);
    counters->odd += lane_broadcast_pair(blocks);
}

/* The four words of the block at which the counters stand. */
static inline void lane_words(const struct lane_counters *counters, lane_word words[MXSI_WORDS_PER_BLOCK]) {
    const struct lane_tile *tile = &counters->tile;
    struct lane_philox even = lane_philox_begin(tile, counters->even);
    struct lane_philox odd = lane_philox_begin(tile, counters->odd);
#pragma GCC unroll 3
    for (int round = 3; round < LANE_PHILOX_ROUNDS - 1; round += 2) {
        lane_philox_two_rounds(tile, round, &even, &odd);
    }
    lane_philox_end(tile, &even, &odd, words);
}

/* mxsi_exponential on every lane: the same bits. */
static inline lane_float lane_exponential(lane_word word) {
    const lane_float u = (lane_float)((word >> 9) | MXSI_EXPONENTIAL_ONE) - MXSI_EXPONENTIAL_BELOW_ONE;
    lane_float mantissa;
    const lane_float minus_q_log2 =
        lane_split_at_three_quarters(u, &mantissa) * (MXSI_EXPONENTIAL_MINUS_LOG2 * 0x1p23f);
    const lane_float t = mantissa - 1.0f;
    lane_float p = lane_broadcast(MXSI_EXPONENTIAL_P6);
    p = lane_fma(p, t, lane_broadcast(MXSI_EXPONENTIAL_P5));
    p = lane_fma(p, t, lane_broadcast(MXSI_EXPONENTIAL_P4));
    p = lane_fma(p, t, lane_broadcast(MXSI_EXPONENTIAL_P3));
    p = lane_fma(p, t, lane_broadcast(MXSI_EXPONENTIAL_P2));
    p = lane_fma(p, t, lane_broadcast(MXSI_EXPONENTIAL_P1));
    p = lane_fma(p, t, lane_broadcast(MXSI_EXPONENTIAL_P0));
    return lane_fma(t, p, minus_q_log2);
}

/* LANES attempts' exponential spacings, drawn vector after vector. */
struct lane_spacings {
    struct lane_counters counters;
    lane_word words[MXSI_WORDS_PER_BLOCK]; /* of the next block, ahead of its use */
    uint32_t k;
    uint32_t blocks;         /* that are drawn of an attempt */
    uint32_t to_next_vector; /* blocks from the last one of these attempts to the first one of the next LANES */
};

/* What is known of the spacings of LANES attempts. */
struct lane_sums {
    lane_float sum; /* in index order, as the definition of a simulation wants it */
    lane_float largest;
    lane_float projection; /* sum of slope[i] spacing[i] */
};

static inline struct lane_spacings lane_spacings_of(const struct mxsi_lanes_draw *draw) {
    const uint32_t blocks = mxsi_blocks_of_words(mxsi_words_of_rejection(draw->k));
    struct lane_spacings spacings = {
        .counters = lane_counters_of(draw),
        .k = draw->k,
        .blocks = blocks,
        .to_next_vector = LANES * draw->blocks_per_attempt - (blocks - 1),
    };
    lane_words(&spacings.counters, spacings.words);
    return spacings;
}

static inline void lane_take_spacing(lane_word word, int projects, const float *slope, float *x,
                                     struct lane_sums *sums) {
    const lane_float e = lane_exponential(word);
    lane_store(x, e);
    sums->sum += e;
    sums->largest = lane_max(sums->largest, e);
    if (projects) {
        sums->projection = lane_fma(e, lane_broadcast(*slope), sums->projection);
    }
}

/* The spacings of the next LANES attempts into x[k][stride]. slope: [k]; not read where no projection is wanted.
 *
 * The words of a block are computed between the logarithms of the block before: the two keep different units of a core
 * busy, and neither alone has enough independent work in sight to do so. */
static inline struct lane_sums lane_draw_spacings(struct lane_spacings *spacings, int projects, const float *slope,
                                                  float *x, size_t stride) {
    struct lane_counters *counters = &spacings->counters;
    const struct lane_tile *tile = &counters->tile;
    lane_word *words = spacings->words;
    struct lane_sums sums = {{0}, {0}, {0}};
    for (uint32_t block = 1; block < spacings->blocks; ++block) {
        lane_counters_advance(counters, 1);
        struct lane_philox even = lane_philox_begin(tile, counters->even);
        struct lane_philox odd = lane_philox_begin(tile, counters->odd);
        lane_take_spacing(words[0], projects, slope, x, &sums);
        lane_philox_two_rounds(tile, 3, &even, &odd);
        lane_take_spacing(words[1], projects, slope + 1, x + stride, &sums);
        lane_philox_two_rounds(tile, 5, &even, &odd);
        lane_take_spacing(words[2], projects, slope + 2, x + 2 * stride, &sums);
        lane_philox_two_rounds(tile, 7, &even, &odd);
        lane_take_spacing(words[3], projects, slope + 3, x + 3 * stride, &sums);
        lane_philox_end(tile, &even, &odd, words);
        x += MXSI_WORDS_PER_BLOCK * stride;
        slope += MXSI_WORDS_PER_BLOCK;
    }
    const uint32_t left = spacings->k - MXSI_WORDS_PER_BLOCK * (spacings->blocks - 1);
    lane_counters_advance(counters, spacings->to_next_vector);
    struct lane_philox even = lane_philox_begin(tile, counters->even);
    struct lane_philox odd = lane_philox_begin(tile, counters->odd);
    lane_take_spacing(words[0], projects, slope, x, &sums);
    lane_philox_two_rounds(tile, 3, &even, &odd);
    if (left > 1) {
        lane_take_spacing(words[1], projects, slope + 1, x + stride, &sums);
    }
    lane_philox_two_rounds(tile, 5, &even, &odd);
    if (left > 2) {
        lane_take_spacing(words[2], projects, slope + 2, x + 2 * stride, &sums);
    }
    lane_philox_two_rounds(tile, 7, &even, &odd);
    if (left > 3) {
        lane_take_spacing(words[3], projects, slope + 3, x + 3 * stride, &sums);
    }
    lane_philox_end(tile, &even, &odd, words);
    return sums;
}

#endif
