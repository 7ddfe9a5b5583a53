/* Random numbers side by side: Philox4x32-10 and the exponential spacings made of it, one attempt a lane.
 *
 * A round of Philox multiplies 32-bit words to 64-bit products, so counters stand in 64-bit lanes: half a vector holds
 * the even attempts, another one the odd ones. The multiplication looks at the low halves only, so what is left in the
 * high halves never has to be cleared, and the last round puts the two together.
 *
 * What does not change within a tile is worked out once: in the counter (attempt * blocks + block, tile, stream low,
 * stream high) only the first word does, so half of the first two rounds is the same for all attempts.
 *
 * A core has some dozens of operations in sight, and a round must wait for the one before: two vectors of attempts are
 * drawn side by side, where there are registers for them, and their words and logarithms one after the other. */
#ifndef MAXSHARPE_LANE_RANDOM_H
#define MAXSHARPE_LANE_RANDOM_H

#include "engines/cpu/lanes/lane_vector.h"
#include "engines/cpu/lanes/lanes.h"
#include "sampling/exponential.h"
#include "sampling/simulation_counter.h"

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

/* Rounds 1 to 3, from the product of the counter's first word. */
static inline struct lane_philox lane_philox_begin(const struct lane_tile *tile, lane_pair product) {
    const lane_pair m0 = lane_broadcast_pair(LANE_PHILOX_M0);
    const lane_pair m1 = lane_broadcast_pair(LANE_PHILOX_M1);
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

/* The words of `vectors` vectors of counters, side by side. */
LANE_INLINE void lane_philox(const struct lane_tile *tile, int vectors, const lane_pair *even_counters,
                             const lane_pair *odd_counters, lane_word words[][MXSI_WORDS_PER_BLOCK]) {
    struct lane_philox even[2];
    struct lane_philox odd[2];
#pragma GCC unroll 2
    for (int i = 0; i < vectors; ++i) {
        even[i] = lane_philox_begin(tile, even_counters[i]);
        odd[i] = lane_philox_begin(tile, odd_counters[i]);
    }
#pragma GCC unroll 6
    for (int round = 3; round < LANE_PHILOX_ROUNDS - 1; ++round) {
        const lane_pair key0 = lane_broadcast_pair(tile->key0[round]);
        const lane_pair key1 = lane_broadcast_pair(tile->key1[round]);
#pragma GCC unroll 2
        for (int i = 0; i < vectors; ++i) {
            lane_philox_round(&even[i], key0, key1);
            lane_philox_round(&odd[i], key0, key1);
        }
    }
#pragma GCC unroll 2
    for (int i = 0; i < vectors; ++i) {
        lane_philox_end(tile, &even[i], &odd[i], words[i]);
    }
}

/* Where 2 LANES attempts are: the products, of 64 bits, of the first multiplier and the first word of the counter of
 * their next block. They grow by the multiplier with every block, so they are added up and not multiplied, but for a
 * counter that passes 2^32. */
struct lane_counters {
    struct lane_tile tile;
    lane_pair even[2], odd[2];
    uint32_t c0;                 /* of the first attempt */
    uint32_t blocks_per_attempt; /* from one attempt to the next */
    int wraps;                   /* 1: some counter passes 2^32 */
};

static inline void lane_counters_multiply(struct lane_counters *counters) {
    for (uint32_t i = 0; i < LANES; ++i) {
        const uint32_t even = counters->c0 + 2 * i * counters->blocks_per_attempt;
        const uint32_t odd = even + counters->blocks_per_attempt;
        counters->even[i / (LANES / 2)][i % (LANES / 2)] = (uint64_t)even * LANE_PHILOX_M0;
        counters->odd[i / (LANES / 2)][i % (LANES / 2)] = (uint64_t)odd * LANE_PHILOX_M0;
    }
}

static inline struct lane_counters lane_counters_of(const struct mxsi_lanes_draw *draw) {
    const uint64_t end = ((uint64_t)draw->first_attempt + draw->count + 2 * LANES) * draw->blocks_per_attempt + draw->k;
    struct lane_counters counters = {
        .tile = lane_tile_of(draw),
        .c0 = draw->first_attempt * draw->blocks_per_attempt,
        .blocks_per_attempt = draw->blocks_per_attempt,
        .wraps = end > UINT32_MAX,
    };
    lane_counters_multiply(&counters);
    return counters;
}

static inline void lane_counters_advance(struct lane_counters *counters, uint32_t blocks) {
    counters->c0 += blocks;
    if (counters->wraps) {
        lane_counters_multiply(counters);
        return;
    }
    const lane_pair step = lane_broadcast_pair((uint64_t)(int32_t)blocks * LANE_PHILOX_M0);
    for (int i = 0; i < 2; ++i) {
        counters->even[i] += step;
        counters->odd[i] += step;
    }
}

/* The four words of the block at which the counters of the first `vectors` vectors stand, into rows of x: `rows` of
 * them. The counters move to the next block. */
LANE_INLINE void lane_draw_words(struct lane_counters *counters, int vectors, uint32_t rows, float *x, size_t stride) {
    lane_word words[2][MXSI_WORDS_PER_BLOCK];
    /* Four dependent chains take sixteen registers, more than there are without AVX-512. */
    const int together = LANE_REGISTERS >= 32 ? vectors : 1;
#pragma GCC unroll 2
    for (int i = 0; i < vectors; i += together) {
        lane_philox(&counters->tile, together, counters->even + i, counters->odd + i, words + i);
    }
    lane_counters_advance(counters, 1);
#pragma GCC unroll 4
    for (uint32_t row = 0; row < rows; ++row) {
#pragma GCC unroll 2
        for (int i = 0; i < vectors; ++i) {
            memcpy(x + row * stride + i * LANES, &words[i][row], sizeof words[i][row]);
        }
    }
}

/* What an exponential is computed with. */
struct lane_exponential_constants {
    lane_float one, below_one, minus_log2;
    lane_float p[7];
};

static inline struct lane_exponential_constants lane_exponential_constants(void) {
    const struct lane_exponential_constants constants = {
        .one = lane_constant(1.0f),
        .below_one = lane_constant(MXSI_EXPONENTIAL_BELOW_ONE),
        .minus_log2 = lane_constant(MXSI_EXPONENTIAL_MINUS_LOG2 * 0x1p23f),
        .p = {lane_constant(MXSI_EXPONENTIAL_P0), lane_constant(MXSI_EXPONENTIAL_P1),
              lane_constant(MXSI_EXPONENTIAL_P2), lane_constant(MXSI_EXPONENTIAL_P3),
              lane_constant(MXSI_EXPONENTIAL_P4), lane_constant(MXSI_EXPONENTIAL_P5),
              lane_constant(MXSI_EXPONENTIAL_P6)},
    };
    return constants;
}

/* mxsi_exponential on every lane: the same bits. */
static inline lane_float lane_exponential(const struct lane_exponential_constants *constants, lane_word word) {
    const lane_float u = (lane_float)((word >> 9) | (lane_word)constants->one) - constants->below_one;
    lane_float mantissa;
    const lane_float minus_q_log2 = lane_split_at_three_quarters(u, &mantissa) * constants->minus_log2;
    const lane_float t = mantissa - constants->one;
    lane_float p = constants->p[6];
#pragma GCC unroll 6
    for (int i = 5; i >= 0; --i) {
        p = lane_fma(p, t, constants->p[i]);
    }
    return lane_fma(t, p, minus_q_log2);
}

/* What is known of the spacings of LANES attempts. */
struct lane_sums {
    lane_float sum; /* in index order, as the definition of a simulation wants it */
    lane_float largest;
    lane_float projection; /* sum of slope[i] spacing[i] */
};

/* The random words of `rows` rows of x, drawn block by block. */
static inline void lane_draw_rows(struct lane_counters *counters, int vectors, uint32_t rows, float *x, size_t stride) {
    for (; rows >= MXSI_WORDS_PER_BLOCK; rows -= MXSI_WORDS_PER_BLOCK) {
        lane_draw_words(counters, vectors, MXSI_WORDS_PER_BLOCK, x, stride);
        x += MXSI_WORDS_PER_BLOCK * stride;
    }
    if (rows == 1) { /* some of the last round's work is for the other three */
        lane_draw_words(counters, vectors, 1, x, stride);
    } else if (rows == 2) {
        lane_draw_words(counters, vectors, 2, x, stride);
    } else if (rows == 3) {
        lane_draw_words(counters, vectors, 3, x, stride);
    }
}

/* Words in rows of x become spacings. */
static inline void lane_finish_rows(int vectors, uint32_t rows, int projects, const float *slope, float *x,
                                    size_t stride, struct lane_sums sums[2]) {
    const struct lane_exponential_constants constants = lane_exponential_constants();
    struct lane_sums own[2] = {sums[0], sums[1]}; /* which no store to x can change */
    for (uint32_t row = 0; row < rows; ++row) {
#pragma GCC unroll 2
        for (int i = 0; i < vectors; ++i) {
            float *at = x + row * stride + i * LANES;
            const lane_float e = lane_exponential(&constants, (lane_word)lane_load(at));
            lane_store(at, e);
            own[i].sum += e;
            own[i].largest = lane_max(own[i].largest, e);
            if (projects) {
                own[i].projection = lane_multiply_add(e, lane_broadcast(slope[row]), own[i].projection);
            }
        }
    }
    sums[0] = own[0];
    sums[1] = own[1];
}

/* How many rows are drawn before they are worked on: between the two they stay in the first-level cache. */
enum { LANE_ROWS_TOGETHER = 8 * MXSI_WORDS_PER_BLOCK };

/* After the words of an attempt's last block: the counters move past all 2 LANES attempts. */
static inline void lane_counters_pass(struct lane_counters *counters, const struct mxsi_lanes_draw *draw) {
    const uint32_t blocks = mxsi_blocks_of_words(mxsi_words_of_rejection(draw->k));
    lane_counters_advance(counters, 2 * LANES * draw->blocks_per_attempt - blocks);
}

/* The spacings of the next `vectors` (1 or 2) times LANES attempts into x[k][stride]. slope: [k]; not read where no
 * projection is wanted. The counters, which stood at the first block of 2 LANES attempts, move past all of them. */
static inline void lane_draw_spacings(struct lane_counters *counters, const struct mxsi_lanes_draw *draw, int vectors,
                                      int projects, const float *slope, float *x, size_t stride,
                                      struct lane_sums sums[2]) {
    sums[0] = sums[1] = (struct lane_sums){{0}, {0}, {0}};
    for (uint32_t first = 0; first < draw->k; first += LANE_ROWS_TOGETHER) {
        const uint32_t rows = draw->k - first < LANE_ROWS_TOGETHER ? draw->k - first : LANE_ROWS_TOGETHER;
        float *at = x + first * stride;
        lane_draw_rows(counters, vectors, rows, at, stride);
        lane_finish_rows(vectors, rows, projects, slope + first, at, stride, sums);
    }
    lane_counters_pass(counters, draw);
}

#endif
