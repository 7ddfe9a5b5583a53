/* Compiled once for each instruction set, with MXSI_LANES naming it. See lanes.h for what each function does. */
#include "engines/cpu/lanes/lanes.h"

#include <math.h>

#include "engines/cpu/lanes/lane_names.h"
#include "engines/cpu/lanes/lane_random.h"
#include "engines/cpu/lanes/lane_variance.h"
#include "engines/cpu/lanes/lane_vector.h"
#include "engines/cpu/lanes/lanes_fused.h"
#include "sampling/simulation_counter.h"

_Static_assert(MXSI_LANES_MULTIPLE % LANES == 0, "a block of attempts is whole vectors");

extern const struct mxsi_lanes LANES_NAMED(lanes);

static void draw_spacings(const struct mxsi_lanes_draw *draw, float *x, float *sum, float *largest) {
    struct lane_counters counters = lane_counters_of(draw);
    struct lane_sums sums[2];
    uint32_t at = 0;
    for (; at + 2 * LANES <= draw->count; at += 2 * LANES) {
        lane_draw_spacings(&counters, draw, 2, 0, x, x + at, draw->stride, sums);
        for (uint32_t i = 0; i < 2; ++i) {
            lane_store(sum + at + i * LANES, sums[i].sum);
            lane_store(largest + at + i * LANES, sums[i].largest);
        }
    }
    if (at < draw->count) {
        lane_draw_spacings(&counters, draw, 1, 0, x, x + at, draw->stride, sums);
        lane_store(sum + at, sums[0].sum);
        lane_store(largest + at, sums[0].largest);
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
    const struct lane_exponential_constants constants = lane_exponential_constants();
    struct lane_counters counters = lane_counters_of(draw);
    for (uint32_t at = 0; at < draw->count; at += LANES) {
        for (uint32_t i = 0; i < total; i += MXSI_WORDS_PER_BLOCK) {
            float block[MXSI_WORDS_PER_BLOCK * LANES];
            lane_draw_words(&counters, 1, MXSI_WORDS_PER_BLOCK, block, LANES);
            for (uint32_t j = i; j < total && j < i + MXSI_WORDS_PER_BLOCK; ++j) {
                const lane_float word = lane_load(block + (j - i) * LANES);
                if (j < draw->k) {
                    lane_store(x + j * draw->stride + at, lane_exponential(&constants, (lane_word)word));
                } else {
                    memcpy(words_out + (j - draw->k) * draw->stride + at, &word, sizeof word);
                }
            }
        }
        lane_counters_advance(&counters, LANES * draw->blocks_per_attempt - mxsi_blocks_of_words(total));
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

static float bound(const float *excess, const float *variance, const float *sum, const int32_t *mask, uint32_t count,
                   float excess_slack, float variance_slack, float *upper) {
    const lane_float lowest = lane_broadcast(-HUGE_VALF);
    lane_float highest = lowest;
    for (uint32_t at = 0; at < count; at += LANES) {
        const lane_float ratio = lane_upper_bound(lane_load(excess + at), lane_load(variance + at), lane_load(sum + at),
                                                  excess_slack, variance_slack);
        lane_int accepted;
        memcpy(&accepted, mask + at, sizeof accepted);
        const lane_float value = lane_select(accepted, ratio, lowest);
        lane_store(upper + at, value);
        highest = lane_max(highest, value);
    }
    return lane_reduce_max(highest);
}

const struct mxsi_lanes LANES_NAMED(lanes) = {
    .name = LANES_NAME,
    .draw_spacings = draw_spacings,
    .raise_to_minimum = raise_to_minimum,
    .draw_fixed_sum = draw_fixed_sum,
    .accept = accept,
    .row_dot = row_dot,
    .screen_spacings = LANES_NAMED(screen_spacings),
    .screen_drawn = LANES_NAMED(screen_drawn),
    .project = LANES_NAMED(project),
    .bound = bound,
};
