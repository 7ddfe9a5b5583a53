/* The fixed-sum sampler on vectors against the definition in double: the same choices, the same permutation, weights
 * within the relative error that screen_bound.h assumes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <Random123/philox.h>
#include <cmocka.h>

#include "engines/cpu/lanes/lanes.h"
#include "maxsharpe/search.h"
#include "sampling/draw.h"
#include "sampling/exponential.h"
#include "sampling/simulation_counter.h"
#include "support/built_problem.h"

enum { MAX_K = 64, MAX_COUNT = 256, STRIDE = MAX_COUNT + 16 };

static _Alignas(64) float x[MAX_K][STRIDE];
static _Alignas(64) float sum[STRIDE];
static _Alignas(64) float tail[MAX_K][STRIDE];
static _Alignas(64) uint32_t words[2 * MAX_K][STRIDE];
static float height[MAX_K * MAX_K];

struct bounds {
    uint32_t k;
    double min_weight;
    double max_weight;
};

/* All of an acceptance below 25 %, from a cube's corner to its middle and its far end. */
static const struct bounds CASES[] = {
    {3, 0.0, 0.45},  {3, 0.1, 0.4},    {4, 0.0, 0.3},     {5, 0.0, 0.2001},    {6, 0.0, 0.2},   {6, 0.1, 0.2},
    {7, 0.05, 0.18}, {8, 0.0, 0.2},    {9, 0.0, 1 / 4.5}, {10, 0.0, 0.2},      {10, 0.0, 0.22}, {13, 0.0, 0.08},
    {25, 0.0, 0.05}, {25, 0.03, 0.06}, {30, 0.0, 0.1},    {33, 0.0, 1 / 32.0}, {64, 0.0, 0.05}, {64, 0.01, 0.02},
};

static void fill_heights(const struct built_problem *built) {
    const uint32_t k = built->problem.assets_per_portfolio;
    for (uint32_t left = 1; left <= k; ++left) {
        for (uint32_t ups = 0; ups < k; ++ups) {
            height[(left - 1) * k + ups] = (float)((built->sampling.box_sum - (double)ups) / (double)left);
        }
    }
}

/* The sum of an attempt's spacings in double, straight from its random words. */
static double spacings_sum(const struct mxsi_lanes_draw *draw, uint32_t attempt) {
    double total = 0.0;
    for (uint32_t i = 0; i < draw->k; ++i) {
        const philox4x32_ctr_t counter = {{attempt * draw->blocks_per_attempt + i / 4, draw->tile,
                                           (uint32_t)draw->stream, (uint32_t)(draw->stream >> 32)}};
        const philox4x32_key_t key = {{(uint32_t)draw->seed, (uint32_t)(draw->seed >> 32)}};
        total += (double)mxsi_exponential(philox4x32(counter, key).v[i % 4]);
    }
    return total;
}

static void draw_block(const struct mxsi_lanes *lanes, const struct built_problem *built,
                       const struct mxsi_lanes_draw *draw) {
    const struct mxsi_lanes_box box = {
        .chance = built->sampling.table,
        .height = height,
        .min_weight = built->sampling.min_weight_f,
        .width = built->sampling.width_f,
        .tail = &tail[0][0],
        .words = &words[0][0],
    };
    memset(x, 0xa5, sizeof x);
    memset(sum, 0xa5, sizeof sum);
    memset(tail, 0xa5, sizeof tail);
    memset(words, 0xa5, sizeof words);
    lanes->draw_fixed_sum(draw, &box, &x[0][0], sum);
}

/* Largest relative error of the block's weights, in units of 2^-24. */
static double error_of_block(const struct built_problem *built, const struct mxsi_lanes_draw *draw) {
    double weights[MAX_K];
    double scratch[2 * MAX_K];
    double worst = 0.0;
    for (uint32_t column = 0; column < draw->count; ++column) {
        const struct mxsi_identity identity = {draw->stream, draw->tile, draw->first_attempt + column};
        assert_int_equal(mxsi_draw_weights(&built->problem, &built->sampling, &identity, weights, scratch), 1);
        const double total = spacings_sum(draw, identity.attempt);
        worst = fmax(worst, fabs((double)sum[column] - total) / total * 0x1p24);
        for (uint32_t i = 0; i < draw->k; ++i) {
            const double exact = weights[i] * total;
            worst = fmax(worst, fabs((double)x[i][column] - exact) / exact * 0x1p24);
        }
    }
    return worst;
}

static void assert_untouched(const void *array, size_t rows_used, size_t rows, uint32_t count, const char *name) {
    const uint32_t *at = array;
    for (size_t row = 0; row < rows; ++row) {
        for (size_t column = row < rows_used ? count : 0; column < STRIDE; ++column) {
            if (at[row * STRIDE + column] != 0xa5a5a5a5u) {
                fail_msg("%s[%zu][%zu] was written to", name, row, column);
            }
        }
    }
}

static void assert_case(const struct mxsi_lanes *lanes, const struct bounds *bounds, uint64_t seed) {
    struct built_problem built;
    struct seeded_random random = {seed};
    build_sampler(&built, bounds->k, bounds->min_weight, bounds->max_weight, seed);
    assert_int_equal(built.sampling.sampler, MXS_SAMPLER_FIXED_SUM);
    fill_heights(&built);
    double worst = 0.0;
    for (uint32_t count = 16; count <= MAX_COUNT; count += 80) {
        const struct mxsi_lanes_draw draw = {
            .seed = seed,
            .stream = random_word(&random),
            .tile = (uint32_t)random_word(&random),
            .first_attempt = count == 16 ? UINT32_MAX - 6 : (uint32_t)random_word(&random),
            .blocks_per_attempt = built.sampling.blocks_per_attempt,
            .count = count,
            .k = bounds->k,
            .stride = STRIDE,
        };
        draw_block(lanes, &built, &draw);
        worst = fmax(worst, error_of_block(&built, &draw));
        assert_untouched(x, bounds->k, MAX_K, count, "x");
        assert_untouched(tail, bounds->k, MAX_K, count, "tail");
        assert_untouched(words, 2 * (size_t)bounds->k, 2 * MAX_K, count, "words");
        assert_untouched(sum, 1, 1, count, "sum");
    }
    if (!(worst <= bounds->k + 10.0)) {
        fail_msg("%s: K %u, weights %g to %g, seed %llu: an error of %.3f x 2^-24", lanes->name, bounds->k,
                 bounds->min_weight, bounds->max_weight, (unsigned long long)seed, worst);
    }
    destroy_problem(&built);
}

static void weights_agree_with_the_definition_within_the_assumed_error(void **state) {
    (void)state;
    const uint64_t seed = 0xfeedfacecafef00du;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        for (size_t i = 0; i < sizeof CASES / sizeof *CASES; ++i) {
            assert_case(mxsi_lanes_at(t), &CASES[i], seed + i);
        }
    }
}

static void all_tables_draw_the_same_bits(void **state) {
    (void)state;
    struct built_problem built;
    build_sampler(&built, 10, 0.0, 0.2, 5);
    fill_heights(&built);
    const struct mxsi_lanes_draw draw = {.seed = 5,
                                         .stream = 3,
                                         .blocks_per_attempt = built.sampling.blocks_per_attempt,
                                         .count = MAX_COUNT,
                                         .k = 10,
                                         .stride = STRIDE};
    draw_block(mxsi_lanes_at(0), &built, &draw);
    const uint64_t weights = fingerprint_of(x, sizeof x);
    const uint64_t sums = fingerprint_of(sum, sizeof sum);
    for (unsigned t = 1; mxsi_lanes_at(t) != NULL; ++t) {
        draw_block(mxsi_lanes_at(t), &built, &draw);
        assert_true(fingerprint_of(x, sizeof x) == weights);
        assert_true(fingerprint_of(sum, sizeof sum) == sums);
    }
    destroy_problem(&built);
}

/* The same for the other sampler, where the spacings are exact but the minimum weight is added in float. */
static void raised_spacings_agree_with_the_definition_within_the_assumed_error(void **state) {
    (void)state;
    static const struct bounds RAISED[] = {
        {2, 0.1, 1.0}, {5, 0.05, 0.6}, {10, 0.02, 0.4}, {25, 0.01, 0.2}, {25, 0.039, 0.9}, {64, 0.003, 0.2},
    };
    static _Alignas(64) float largest[STRIDE];
    double weights[MAX_K];
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        for (size_t c = 0; c < sizeof RAISED / sizeof *RAISED; ++c) {
            struct built_problem built;
            build_sampler(&built, RAISED[c].k, RAISED[c].min_weight, RAISED[c].max_weight, 99);
            assert_int_equal(built.sampling.sampler, MXS_SAMPLER_REJECTION);
            const struct mxsi_lanes_draw draw = {.seed = 99,
                                                 .stream = 12,
                                                 .tile = 1,
                                                 .blocks_per_attempt = built.sampling.blocks_per_attempt,
                                                 .count = MAX_COUNT,
                                                 .k = RAISED[c].k,
                                                 .stride = STRIDE};
            mxsi_lanes_at(t)->draw_spacings(&draw, &x[0][0], sum, largest);
            mxsi_lanes_at(t)->raise_to_minimum(&draw, built.sampling.min_weight_f, built.sampling.spare_f, sum,
                                               &x[0][0]);
            double worst = 0.0;
            for (uint32_t column = 0; column < MAX_COUNT; ++column) {
                const struct mxsi_identity identity = {12, 1, column};
                const int is_accepted = mxsi_draw_weights(&built.problem, &built.sampling, &identity, weights, NULL);
                assert_int_equal(is_accepted, largest[column] <= built.sampling.cap * sum[column]);
                const double total = spacings_sum(&draw, column);
                for (uint32_t i = 0; i < draw.k; ++i) {
                    const double exact = weights[i] * total;
                    worst = fmax(worst, fabs((double)x[i][column] - exact) / exact * 0x1p24);
                }
            }
            assert_true(worst <= RAISED[c].k + 10.0);
            destroy_problem(&built);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_agree_with_the_definition_within_the_assumed_error),
        cmocka_unit_test(all_tables_draw_the_same_bits),
        cmocka_unit_test(raised_spacings_agree_with_the_definition_within_the_assumed_error),
    };
    return cmocka_run_group_tests_name("lanes: fixed sum", tests, NULL, NULL);
}
