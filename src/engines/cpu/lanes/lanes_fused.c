/* The fused screen: what is drawn is judged before it leaves the registers and the first-level cache. Compiled once for
 * each instruction set, as lanes_kernels.c. */
#include "engines/cpu/lanes/lanes_fused.h"

#include <math.h>

#include "engines/cpu/lanes/lane_random.h"
#include "engines/cpu/lanes/lane_rough.h"
#include "engines/cpu/lanes/lane_variance.h"
#include "engines/cpu/lanes/lane_vector.h"

/* Where a screen stands. */
struct pass {
    const struct mxsi_lanes_screen *screen;
    uint32_t k;
    uint32_t wanted; /* accepted simulations still to come */
    int is_prepared;
    lane_float highest;
};

static struct pass begin(const struct mxsi_lanes_screen *screen, uint32_t k) {
    const struct pass pass = {
        .screen = screen, .k = k, .wanted = screen->wanted, .highest = lane_broadcast(-HUGE_VALF)};
    return pass;
}

/* The mask of those that count among LANES attempts: accepted, and not beyond the last wanted one. */
static inline lane_int accept(struct pass *pass, const struct lane_sums *sums) {
    lane_int accepted = sums->largest <= sums->sum * pass->screen->cap;
    uint32_t bits = lane_bits(accepted);
    uint32_t count = (uint32_t)__builtin_popcount(bits);
    if (count > pass->wanted) {
        for (count = 0, bits = 0; count < pass->wanted; ++bits) {
            count += (uint32_t)(accepted[bits] != 0);
        }
        accepted &= lane_mask_of_bits((1u << bits) - 1); /* `bits` lanes hold the wanted ones */
    }
    pass->wanted -= count;
    return accepted;
}

/* Whether any of the vectors' attempts is accepted and not ruled out. */
static inline int has_chance(struct pass *pass, const struct lane_sums sums[2], uint32_t vectors,
                             lane_int accepted[2]) {
    const lane_float zero = {0};
    lane_int chance = {0};
    accepted[1] = chance;
    for (uint32_t i = 0; i < vectors; ++i) {
        accepted[i] = accept(pass, &sums[i]);
        chance |= accepted[i] & (sums[i].projection >= zero);
    }
    return lane_bits(chance) != 0;
}

/* The upper bounds of one or two vectors of weights times their sum. */
static void bound_vectors(struct pass *pass, const float *x, size_t stride, const struct lane_sums sums[2],
                          uint32_t vectors, const lane_int accepted[2], float *upper) {
    const struct mxsi_lanes_screen *screen = pass->screen;
    if (!pass->is_prepared) {
        screen->prepare(screen->context);
        pass->is_prepared = 1;
    }
    const struct lane_two excess = lane_dot(screen->excess, pass->k, x, stride);
    const struct lane_two variance = lane_quadratic_form(screen->triangle, pass->k, x, stride);
    for (uint32_t i = 0; i < vectors; ++i) {
        const lane_float bound =
            lane_upper_bound(excess.of[i], variance.of[i], sums[i].sum, screen->excess_slack, screen->variance_slack);
        const lane_float value = lane_select(accepted[i], bound, lane_broadcast(-HUGE_VALF));
        pass->highest = lane_max(pass->highest, value);
        lane_store(upper + i * LANES, value);
    }
}

/* Spacings become weights times their sum. */
static void raise_two(const struct pass *pass, float *x, const struct lane_sums sums[2]) {
    const lane_float spare = lane_broadcast(pass->screen->spare);
    const lane_float low[2] = {sums[0].sum * pass->screen->min_weight, sums[1].sum * pass->screen->min_weight};
    for (uint32_t i = 0; i < 2 * pass->k; ++i) {
        lane_store(x + i * LANES, lane_fma(spare, lane_load(x + i * LANES), low[i % 2]));
    }
}

static void rule_out(float *upper, uint32_t count) {
    for (uint32_t at = 0; at < count; at += LANES) {
        lane_store(upper + at, lane_broadcast(-HUGE_VALF));
    }
}

/* All out of line, so that the registers are theirs. One vector at a time is drawn where a tile ends. */
static __attribute__((noinline)) void draw_one(struct lane_counters *counters, const struct mxsi_lanes_draw *draw,
                                               const float *slope, float *x, size_t stride, struct lane_sums sums[2]) {
    lane_draw_spacings(counters, draw, 1, 1, slope, x, stride, sums);
    lane_counters_advance(counters, -(LANES * draw->blocks_per_attempt));
}

static __attribute__((noinline)) void draw_two(struct lane_counters *counters, const struct mxsi_lanes_draw *draw,
                                               const float *slope, float *x, size_t stride, struct lane_sums sums[2]) {
    lane_draw_spacings(counters, draw, 2, 1, slope, x, stride, sums);
}

static __attribute__((noinline)) void draw_two_roughly(struct lane_counters *counters,
                                                       const struct mxsi_lanes_draw *draw, const float *slope, float *x,
                                                       size_t stride, struct lane_sums sums[2]) {
    lane_draw_roughly(counters, draw, slope, x, stride, sums);
}

static __attribute__((noinline)) void finish_two(uint32_t k, const float *slope, float *x, size_t stride,
                                                 struct lane_sums sums[2]) {
    sums[0] = sums[1] = (struct lane_sums){{0}, {0}, {0}};
    lane_finish_rows(2, k, 1, slope, x, stride, sums);
}

/* What a first look can decide: see lane_rough.h. With an error d of every spacing, the largest one is off by d and the
 * sum by K d. Both sums, the rough one and the defined one, are rounded K - 1 times, products and margins some times
 * more: with y = (K + 4) 2^-24 one sum is at most (1 + y) / (1 - y) = 1 + 2 y / (1 - y) times the other. The same goes
 * for K d, twice, because rough spacings near 0 may be negative. */
struct look {
    int is_worth_it;
    uint32_t taken;
    uint32_t settled;
    float lower_cap, upper_cap, margin; /* accepted for certain; possibly; on either side */
    float projection_margin;
};

static struct look look_of(const struct mxsi_lanes_screen *screen, uint32_t k) {
    const float cap = screen->cap < 2.0f ? screen->cap : 2.0f; /* from 1 on nothing is rejected */
    const float roundings = (float)(k + 4) * 0x1p-24f;
    const float rounding = 2.0f * roundings / (1.0f - roundings);
    const float error = LANE_ROUGH_ERROR * (1.0f + 2.0f * rounding + 0x1p-10f);
    float slopes = 0.0f;
    for (uint32_t i = 0; i < k; ++i) {
        slopes += fabsf(screen->slope[i]);
    }
    const struct look look = {
        .is_worth_it = screen->rules_out,
        .lower_cap = cap * (1.0f - rounding),
        .upper_cap = cap * (1.0f + rounding),
        .margin = error * (1.0f + cap * (float)k),
        .projection_margin = error * slopes, /* what is rounded in a projection is the slopes' own slack */
    };
    return look;
}

/* Whether rough sums leave nothing in doubt: who is accepted, and that none of those has a chance. Then they count. */
static inline int settle(struct pass *pass, struct look *look, const struct lane_sums sums[2]) {
    lane_int doubt = {0};
    uint32_t accepted = 0;
    for (int i = 0; i < 2; ++i) {
        const lane_int surely = sums[i].largest <= sums[i].sum * look->lower_cap - look->margin;
        const lane_int possibly = sums[i].largest <= sums[i].sum * look->upper_cap + look->margin;
        doubt |= (surely ^ possibly) | (possibly & (sums[i].projection >= lane_broadcast(-look->projection_margin)));
        accepted += (uint32_t)__builtin_popcount(lane_bits(surely));
    }
    const int is_settled = lane_bits(doubt) == 0;
    ++look->taken;
    look->settled += (uint32_t)is_settled;
    /* In a market where many have a chance, looking first is looking twice. */
    look->is_worth_it = look->taken < 16 || 2 * look->settled > look->taken;
    if (is_settled) {
        pass->wanted -= accepted < pass->wanted ? accepted : pass->wanted;
    }
    return is_settled;
}

/* Draws the next one or two vectors. 1: they are dealt with; 0: they are in x, with their sums. */
static inline int draw_vectors(struct pass *pass, struct look *look, struct lane_counters *counters,
                               const struct mxsi_lanes_draw *draw, uint32_t vectors, float *x,
                               struct lane_sums sums[2]) {
    enum { STRIDE = 2 * LANES };
    const float *slope = pass->screen->slope;
    if (vectors == 1) {
        draw_one(counters, draw, slope, x, STRIDE, sums);
    } else if (!look->is_worth_it) {
        draw_two(counters, draw, slope, x, STRIDE, sums);
    } else {
        draw_two_roughly(counters, draw, slope, x, STRIDE, sums);
        if (settle(pass, look, sums)) {
            return 1;
        }
        finish_two(draw->k, slope, x, STRIDE, sums);
    }
    return 0;
}

uint32_t LANES_NAMED(screen_spacings)(const struct mxsi_lanes_draw *draw, const struct mxsi_lanes_screen *screen,
                                      float *x, float *upper, float *highest) {
    enum { STRIDE = 2 * LANES };
    struct pass pass = begin(screen, draw->k);
    struct look look = look_of(screen, draw->k);
    struct lane_counters counters = lane_counters_of(draw);
    uint32_t at = 0;
    while (pass.wanted > 0 && at < draw->count) {
        const uint32_t vectors = at + LANES < draw->count && pass.wanted > LANES * 3 / 4 ? 2 : 1;
        struct lane_sums sums[2];
        lane_int accepted[2];
        if (!draw_vectors(&pass, &look, &counters, draw, vectors, x, sums) &&
            has_chance(&pass, sums, vectors, accepted)) {
            if (screen->min_weight > 0.0f) {
                raise_two(&pass, x, sums);
            }
            bound_vectors(&pass, x, STRIDE, sums, vectors, accepted, upper + at);
        } else {
            rule_out(upper + at, vectors * LANES);
        }
        at += vectors * LANES;
    }
    rule_out(upper + at, draw->count - at);
    *highest = lane_reduce_max(pass.highest);
    return screen->wanted - pass.wanted;
}

uint32_t LANES_NAMED(screen_drawn)(const float *x, const float *sum, uint32_t k, size_t stride, uint32_t count,
                                   const struct mxsi_lanes_screen *screen, float *upper, float *highest) {
    struct pass pass = begin(screen, k);
    struct lane_sums sums[2] = {{{0}, {0}, {0}}, {{0}, {0}, {0}}};
    for (uint32_t at = 0; at < count; at += 2 * LANES) {
        const uint32_t vectors = at + LANES < count ? 2 : 1;
        const struct lane_two projection = lane_dot(screen->slope, k, x + at, stride);
        lane_int accepted[2];
        for (uint32_t i = 0; i < vectors; ++i) {
            sums[i].sum = lane_load(sum + at + i * LANES);
            sums[i].projection = projection.of[i];
        }
        if (has_chance(&pass, sums, vectors, accepted)) {
            bound_vectors(&pass, x + at, stride, sums, vectors, accepted, upper + at);
        } else {
            rule_out(upper + at, vectors * LANES);
        }
    }
    *highest = lane_reduce_max(pass.highest);
    return screen->wanted - pass.wanted;
}

/* Four vectors of simulations by four portfolios: what is loaded is used four times, and there are enough sums for the
 * multiply-adds never to wait for each other. */
enum { PROJECT_VECTORS = 4, PROJECT_PORTFOLIOS = 4 };

LANE_INLINE void project_tile(const float *x, uint32_t k, size_t stride, const float *slope, int portfolios,
                              int vectors, lane_float largest[PROJECT_PORTFOLIOS]) {
    lane_float sums[PROJECT_PORTFOLIOS][PROJECT_VECTORS] = {{{0}}};
    for (uint32_t j = 0; j < k; ++j) {
        lane_float column[PROJECT_VECTORS];
#pragma GCC unroll 4
        for (int i = 0; i < vectors; ++i) {
            column[i] = lane_load(x + j * stride + (uint32_t)i * LANES);
        }
#pragma GCC unroll 4
        for (int p = 0; p < portfolios; ++p) {
            const lane_float factor = lane_broadcast(slope[(uint32_t)p * k + j]);
#pragma GCC unroll 4
            for (int i = 0; i < vectors; ++i) {
                sums[p][i] = lane_multiply_add(factor, column[i], sums[p][i]);
            }
        }
    }
#pragma GCC unroll 4
    for (int p = 0; p < portfolios; ++p) {
#pragma GCC unroll 4
        for (int i = 0; i < vectors; ++i) {
            largest[p] = lane_max(largest[p], sums[p][i]);
        }
    }
}

LANE_INLINE void project_portfolios(const float *x, uint32_t k, size_t stride, uint32_t count, const float *slope,
                                    int portfolios, float *largest) {
    enum { STEP = PROJECT_VECTORS * LANES };
    lane_float most[PROJECT_PORTFOLIOS];
    for (int p = 0; p < portfolios; ++p) {
        most[p] = lane_broadcast(-HUGE_VALF);
    }
    uint32_t at = 0;
    for (; at + STEP <= count; at += STEP) {
        project_tile(x + at, k, stride, slope, portfolios, PROJECT_VECTORS, most);
    }
    for (; at < count; at += LANES) {
        project_tile(x + at, k, stride, slope, portfolios, 1, most);
    }
    for (int p = 0; p < portfolios; ++p) {
        largest[p] = lane_reduce_max(most[p]);
    }
}

void LANES_NAMED(project)(const float *x, uint32_t k, size_t stride, uint32_t count, const float *slope,
                          uint32_t portfolios, float *largest) {
    uint32_t p = 0;
    for (; p + PROJECT_PORTFOLIOS <= portfolios; p += PROJECT_PORTFOLIOS) {
        project_portfolios(x, k, stride, count, slope + p * k, PROJECT_PORTFOLIOS, largest + p);
    }
    for (; p < portfolios; ++p) {
        project_portfolios(x, k, stride, count, slope + p * k, 1, largest + p);
    }
}
