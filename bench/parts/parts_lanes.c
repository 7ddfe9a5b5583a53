/* Compiled once for each instruction set, as src/engines/cpu/lanes/lanes_kernels.c. */
#include <math.h>

#include "engines/cpu/lanes/lane_names.h"
#include "engines/cpu/lanes/lane_random.h"
#include "engines/cpu/lanes/lane_variance.h"
#include "parts.h"

static struct mxsi_lanes_draw draw_of(struct parts_arrays *arrays) {
    const struct mxsi_lanes_draw draw = {
        .stream = arrays->stream++,
        .blocks_per_attempt = mxsi_blocks_of_words(arrays->k),
        .count = PARTS_ATTEMPTS,
        .k = arrays->k,
        .stride = PARTS_STRIDE,
    };
    return draw;
}

static void generator(struct parts_arrays *arrays) {
    const struct mxsi_lanes_draw draw = draw_of(arrays);
    struct lane_counters counters = lane_counters_of(&draw);
    for (uint32_t at = 0; at < draw.count; at += 2 * LANES) {
        lane_draw_rows(&counters, 2, draw.k, arrays->x, 2 * LANES);
        lane_counters_advance(&counters, (2 * LANES - 1) * draw.blocks_per_attempt);
    }
}

static void logarithm(struct parts_arrays *arrays) {
    const struct lane_exponential_constants constants = lane_exponential_constants();
    lane_word word = lane_broadcast_word((uint32_t)arrays->stream++);
    lane_float all = {0};
    for (uint32_t at = 0; at < PARTS_ATTEMPTS; at += LANES) {
        for (uint32_t i = 0; i < arrays->k; ++i) {
            word += 0x9e3779b9u;
            all += lane_exponential(&constants, word);
        }
    }
    lane_store(arrays->sum, all);
}

static void sampler(struct parts_arrays *arrays) {
    const struct mxsi_lanes_draw draw = draw_of(arrays);
    arrays->lanes->draw_spacings(&draw, arrays->x, arrays->sum, arrays->largest);
}

static void do_nothing(void *context) {
    (void)context;
}

static struct mxsi_lanes_screen screen_of(const struct parts_arrays *arrays, const float *slope) {
    const struct mxsi_lanes_screen screen = {
        .slope = slope,
        .rules_out = slope == arrays->ruling_out,
        .excess = arrays->excess,
        .triangle = arrays->triangle,
        .cap = 0.2f,
        .excess_slack = 1e-6f,
        .variance_slack = 1e-6f,
        .spare = 1.0f,
        .wanted = PARTS_ATTEMPTS,
        .prepare = do_nothing,
    };
    return screen;
}

static void ruled_out(struct parts_arrays *arrays) {
    const struct mxsi_lanes_draw draw = draw_of(arrays);
    const struct mxsi_lanes_screen screen = screen_of(arrays, arrays->ruling_out);
    float highest;
    (void)arrays->lanes->screen_spacings(&draw, &screen, arrays->x, arrays->upper, &highest);
}

static void every_variance(struct parts_arrays *arrays) {
    const struct mxsi_lanes_draw draw = draw_of(arrays);
    const struct mxsi_lanes_screen screen = screen_of(arrays, arrays->excess);
    float highest;
    (void)arrays->lanes->screen_spacings(&draw, &screen, arrays->x, arrays->upper, &highest);
}

static void quadratic_form(struct parts_arrays *arrays) {
    for (uint32_t at = 0; at < PARTS_ATTEMPTS; at += 2 * LANES) {
        const struct lane_two form = lane_quadratic_form(arrays->triangle, arrays->k, arrays->x + at, PARTS_STRIDE);
        lane_store(arrays->variance + at, form.of[0]);
        lane_store(arrays->variance + at + LANES, form.of[1]);
    }
}

static void argmax(struct parts_arrays *arrays) {
    (void)arrays->lanes->accept(arrays->largest, arrays->sum, 0.2f, PARTS_ATTEMPTS, PARTS_ATTEMPTS, arrays->mask);
    (void)arrays->lanes->bound(arrays->sum, arrays->variance, arrays->sum, arrays->mask, PARTS_ATTEMPTS, 1e-6f, 1e-6f,
                               arrays->upper);
}

static void shared_slopes(struct parts_arrays *arrays) {
    float largest[PARTS_PORTFOLIOS];
    arrays->lanes->project(arrays->x, arrays->k, PARTS_STRIDE, PARTS_ATTEMPTS, arrays->ruling_out, PARTS_PORTFOLIOS,
                           largest);
}

static const struct part parts[] = {
    {"generator", "Philox4x32-10, the words of an attempt", 0, generator},
    {"logarithm", "-log(u), K of them", 0, logarithm},
    {"sampler", "spacings, sum and maximum into memory", 0, sampler},
    {"ruled-out", "fused: sampler, rejection test, slope; nothing left", 0, ruled_out},
    {"every-variance", "fused: and every expected return, variance, bound", 0, every_variance},
    {"quadratic-form", "the triangle's quadratic form of drawn weights", 0, quadratic_form},
    {"argmax", "rejection test, upper bounds and the largest", 0, argmax},
    {"shared-slopes", "slopes of 16 portfolios by one table of weights", (uint64_t)PARTS_ATTEMPTS *PARTS_PORTFOLIOS,
     shared_slopes},
};

extern const struct parts_table LANES_NAMED(parts);
const struct parts_table LANES_NAMED(parts) = {parts, sizeof parts / sizeof *parts};
