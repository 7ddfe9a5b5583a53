/* Compiled once for each instruction set, with MXSI_LANES naming it. See lanes.h for what each function does. */
#include "cpu/lanes.h"

#include <math.h>

#include "cpu/lane_vector.h"
#include "shared/exponential.h"
#include "shared/simulation_counter.h"

#define LANES_TABLE_OF(suffix) mxsi_lanes_##suffix
#define LANES_TABLE(suffix) LANES_TABLE_OF(suffix)
#define LANES_NAME_OF(suffix) #suffix
#define LANES_NAME(suffix) LANES_NAME_OF(suffix)

_Static_assert(MXSI_LANES_MULTIPLE % LANES == 0, "a block of attempts is whole vectors");

extern const struct mxsi_lanes LANES_TABLE(MXSI_LANES);

/* mxsi_exponential on every lane: the same steps on the same constants. */
static inline lane_float lane_exponential(lane_word word) {
    const lane_float u = (lane_float)((word >> 9) | MXSI_EXPONENTIAL_ONE) - MXSI_EXPONENTIAL_BELOW_ONE;
    const lane_word bits = (lane_word)u;
    const lane_int exponent = (lane_int)((bits - MXSI_EXPONENTIAL_SPLIT) & MXSI_EXPONENTIAL_EXPONENT_FIELD);
    const lane_float t = (lane_float)(bits - (lane_word)exponent) - 1.0f;
    lane_float p = lane_broadcast(MXSI_EXPONENTIAL_P6);
    p = lane_fma(p, t, lane_broadcast(MXSI_EXPONENTIAL_P5));
    p = lane_fma(p, t, lane_broadcast(MXSI_EXPONENTIAL_P4));
    p = lane_fma(p, t, lane_broadcast(MXSI_EXPONENTIAL_P3));
    p = lane_fma(p, t, lane_broadcast(MXSI_EXPONENTIAL_P2));
    p = lane_fma(p, t, lane_broadcast(MXSI_EXPONENTIAL_P1));
    p = lane_fma(p, t, lane_broadcast(MXSI_EXPONENTIAL_P0));
    const lane_float minus_q_log2 = __builtin_convertvector(exponent, lane_float) * MXSI_EXPONENTIAL_MINUS_LOG2;
    return lane_fma(t, p, minus_q_log2);
}

/* Half a vector of Philox4x32 counters, each word in the low half of a 64-bit lane: the round's multiplication takes
 * low halves only, so what is left in the high halves never has to be cleared. */
struct philox {
    lane_pair c0, c1, c2, c3;
};

static inline void philox_round(struct philox *state, lane_pair key0, lane_pair key1) {
    const lane_pair m0 = (lane_pair){0} + 0xD2511F53u; /* Salmon et al., table 2 */
    const lane_pair m1 = (lane_pair){0} + 0xCD9E8D57u;
    const lane_pair p0 = lane_multiply_low(state->c0, m0);
    const lane_pair p1 = lane_multiply_low(state->c2, m1);
    state->c0 = (p1 >> 32) ^ state->c1 ^ key0;
    state->c2 = (p0 >> 32) ^ state->c3 ^ key1;
    state->c1 = p1;
    state->c3 = p0;
}

/* The counters of LANES attempts: even attempts in one half, odd ones in the other. */
struct counters {
    lane_pair even, odd;
    uint32_t tile, stream_low, stream_high, key0, key1;
};

static inline struct counters counters_of(const struct mxsi_lanes_draw *draw, uint32_t attempt) {
    struct counters counters = {
        .tile = draw->tile,
        .stream_low = (uint32_t)draw->stream,
        .stream_high = (uint32_t)(draw->stream >> 32),
        .key0 = (uint32_t)draw->seed,
        .key1 = (uint32_t)(draw->seed >> 32),
    };
    for (uint32_t i = 0; i < LANES / 2; ++i) {
        counters.even[i] = (attempt + 2 * i) * draw->blocks_per_attempt;
        counters.odd[i] = (attempt + 2 * i + 1) * draw->blocks_per_attempt;
    }
    return counters;
}

/* The next four words of every attempt. */
static inline void next_words(struct counters *counters, lane_word words[MXSI_WORDS_PER_BLOCK]) {
    const lane_pair zero = {0};
    struct philox even = {counters->even, zero + counters->tile, zero + counters->stream_low,
                          zero + counters->stream_high};
    struct philox odd = even;
    odd.c0 = counters->odd;
    uint32_t key0 = counters->key0;
    uint32_t key1 = counters->key1;
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
        philox_round(&even, zero + key0, zero + key1);
        philox_round(&odd, zero + key0, zero + key1);
        key0 += 0x9E3779B9u; /* the Weyl sequence of the golden ratio and of sqrt(3) - 1 */
        key1 += 0xBB67AE85u;
    }
    words[0] = lane_interleave(even.c0, odd.c0);
    words[1] = lane_interleave(even.c1, odd.c1);
    words[2] = lane_interleave(even.c2, odd.c2);
    words[3] = lane_interleave(even.c3, odd.c3);
    counters->even += 1;
    counters->odd += 1;
}

static void draw_spacings(const struct mxsi_lanes_draw *draw, float *x, float *sum, float *largest) {
    for (uint32_t at = 0; at < draw->count; at += LANES) {
        struct counters counters = counters_of(draw, draw->first_attempt + at);
        lane_float total = {0};
        lane_float most = {0};
        float *row = x + at;
        lane_word words[MXSI_WORDS_PER_BLOCK];
        uint32_t left = draw->k;
        for (; left >= MXSI_WORDS_PER_BLOCK; left -= MXSI_WORDS_PER_BLOCK) {
            next_words(&counters, words);
#pragma GCC unroll 4
            for (int i = 0; i < MXSI_WORDS_PER_BLOCK; ++i) {
                const lane_float e = lane_exponential(words[i]);
                lane_store(row, e);
                row += draw->stride;
                total += e;
                most = lane_max(most, e);
            }
        }
        if (left > 0) {
            next_words(&counters, words);
        }
        for (uint32_t i = 0; i < left; ++i) {
            const lane_float e = lane_exponential(words[i]);
            lane_store(row, e);
            row += draw->stride;
            total += e;
            most = lane_max(most, e);
        }
        lane_store(sum + at, total);
        lane_store(largest + at, most);
    }
}

static void raise_to_minimum(const struct mxsi_lanes_draw *draw, float min_weight, float spare, const float *sum,
                             float *x) {
    for (uint32_t i = 0; i < draw->k; ++i) {
        float *row = x + i * draw->stride;
        for (uint32_t at = 0; at < draw->count; at += LANES) {
            const lane_float floor_part = lane_load(sum + at) * min_weight;
            lane_store(row + at, lane_fma(lane_broadcast(spare), lane_load(row + at), floor_part));
        }
    }
}

/* The words of a fixed-sum attempt: spacings into x, the others as they are. */
static void draw_fixed_sum_words(const struct mxsi_lanes_draw *draw, float *x, uint32_t *words_out) {
    const uint32_t total = mxsi_words_of_fixed_sum(draw->k);
    for (uint32_t at = 0; at < draw->count; at += LANES) {
        struct counters counters = counters_of(draw, draw->first_attempt + at);
        lane_word words[MXSI_WORDS_PER_BLOCK] = {{0}};
        for (uint32_t i = 0; i < total; ++i) {
            if (i % MXSI_WORDS_PER_BLOCK == 0) {
                next_words(&counters, words);
            }
            const lane_word word = words[i % MXSI_WORDS_PER_BLOCK];
            if (i < draw->k) {
                lane_store(x + i * draw->stride + at, lane_exponential(word));
            } else {
                memcpy(words_out + (i - draw->k) * draw->stride + at, &word, sizeof word);
            }
        }
    }
}

/* tail[i] = x[i] + ... + x[k - 1] */
static void sum_tails(const struct mxsi_lanes_draw *draw, const float *x, float *tail) {
    const size_t last = (draw->k - 1) * draw->stride;
    memcpy(tail + last, x + last, draw->count * sizeof *x);
    for (uint32_t i = draw->k - 1; i-- > 0;) {
        const size_t row = i * draw->stride;
        for (uint32_t at = 0; at < draw->count; at += LANES) {
            lane_store(tail + row + at, lane_load(tail + row + draw->stride + at) + lane_load(x + row + at));
        }
    }
}

static inline lane_word lane_gather_word(const uint32_t *table, lane_int index) {
    return (lane_word)lane_gather((const float *)(const void *)table, index); /* moved, never computed with */
}

/* The walk through the chances: spacings in x become numbers in [0, sum] whose sum is box_sum * sum. */
static void walk_the_box(const struct mxsi_lanes_draw *draw, const struct mxsi_lanes_box *box, float *x) {
    const uint32_t k = draw->k;
    const size_t stride = draw->stride;
    for (uint32_t at = 0; at < draw->count; at += LANES) {
        lane_int ups = {0};
        lane_float below = {0};
        for (uint32_t i = 0; i + 1 < k; ++i) {
            const size_t left = k - i;
            float *row = x + i * stride + at;
            lane_word word;
            memcpy(&word, box->words + i * stride + at, sizeof word);
            const lane_word chance = lane_gather_word(box->chance + (left - 2) * k, ups);
            const lane_int up = (word >> 1) < chance;
            below += lane_load(row) * lane_gather(box->height + (left - 1) * k, ups);
            const lane_int above = up & (lane_int)lane_load(box->tail + (i + 1) * stride + at);
            lane_store(row, below + (lane_float)above);
            ups -= up;
        }
        const size_t last = (k - 1) * stride + at;
        lane_store(x + last, below + lane_load(box->tail + last) * lane_gather(box->height, ups));
    }
}

/* Each attempt's own permutation (Fisher and Yates). */
static void shuffle(const struct mxsi_lanes_draw *draw, const struct mxsi_lanes_box *box, float *x) {
    const size_t stride = draw->stride;
    for (uint32_t attempt = 0; attempt < draw->count; ++attempt) {
        const uint32_t *word = box->words + (size_t)(draw->k - 1) * stride + attempt;
        float *column = x + attempt;
        for (uint32_t i = draw->k - 1; i > 0; --i, word += stride) {
            const size_t j = (size_t)(((uint64_t)*word * (i + 1)) >> 32);
            const float swap = column[i * stride];
            column[i * stride] = column[j * stride];
            column[j * stride] = swap;
        }
    }
}

static void draw_fixed_sum(const struct mxsi_lanes_draw *draw, const struct mxsi_lanes_box *box, float *x, float *sum) {
    draw_fixed_sum_words(draw, x, box->words);
    sum_tails(draw, x, box->tail);
    walk_the_box(draw, box, x);
    shuffle(draw, box, x);
    memcpy(sum, box->tail, draw->count * sizeof *sum);
    raise_to_minimum(draw, box->min_weight, box->width, sum, x);
}

/* Takes the mask off every accepted attempt after the first `wanted`. */
static void keep_first(uint32_t wanted, uint32_t count, int32_t *mask) {
    for (uint32_t i = 0; i < count; ++i) {
        if (mask[i] != 0 && wanted > 0) {
            --wanted;
        } else {
            mask[i] = 0;
        }
    }
}

static uint32_t accept(const float *largest, const float *sum, float cap, uint32_t count, uint32_t wanted,
                       int32_t *mask) {
    lane_int accepted = {0};
    for (uint32_t at = 0; at < count; at += LANES) {
        const lane_int below = lane_load(largest + at) <= lane_load(sum + at) * cap;
        memcpy(mask + at, &below, sizeof below);
        accepted -= below;
    }
    uint32_t total = 0;
    for (int i = 0; i < LANES; ++i) {
        total += (uint32_t)accepted[i];
    }
    if (total > wanted) {
        keep_first(wanted, count, mask);
        return wanted;
    }
    return total;
}

static void row_dot(const float *x, const float *y, uint32_t k, size_t stride, uint32_t count, float *variance) {
    for (uint32_t at = 0; at < count; at += LANES) {
        lane_float total = {0};
        for (uint32_t i = 0; i < k; ++i) {
            total = lane_fma(lane_load(x + i * stride + at), lane_load(y + i * stride + at), total);
        }
        lane_store(variance + at, total);
    }
}

static inline lane_float lane_select(lane_int mask, lane_float yes, lane_float no) {
    return (lane_float)((mask & (lane_int)yes) | (~mask & (lane_int)no));
}

static float bound(const float *excess, const float *variance, const float *sum, const int32_t *mask, uint32_t count,
                   float excess_slack, float variance_slack, float *upper) {
    const lane_float lowest = lane_broadcast(-HUGE_VALF);
    const lane_float infinite = lane_broadcast(HUGE_VALF);
    const lane_float zero = {0};
    lane_float highest = lowest;
    for (uint32_t at = 0; at < count; at += LANES) {
        const lane_float s = lane_load(sum + at);
        const lane_float n = lane_load(excess + at) + s * excess_slack;
        const lane_float slack = s * s * variance_slack;
        const lane_float least = lane_load(variance + at) - slack;
        const lane_int known = least > zero;
        const lane_float q = lane_select(n < zero, lane_load(variance + at) + slack, least);
        const lane_float ratio = n / lane_square_root(lane_select(known, q, infinite));
        lane_int accepted;
        memcpy(&accepted, mask + at, sizeof accepted);
        const lane_float value = lane_select(accepted, lane_select(known, ratio, infinite), lowest);
        lane_store(upper + at, value);
        highest = lane_max(highest, value);
    }
    return lane_reduce_max(highest);
}

const struct mxsi_lanes LANES_TABLE(MXSI_LANES) = {
    .name = LANES_NAME(MXSI_LANES),
    .draw_spacings = draw_spacings,
    .raise_to_minimum = raise_to_minimum,
    .draw_fixed_sum = draw_fixed_sum,
    .accept = accept,
    .row_dot = row_dot,
    .bound = bound,
};
