/* The fused screen's first look at attempts: whatever it leaves out, nobody can tell. The same attempts are screened
 * with it and without it, and counted from their spacings, where the rejection test and the slope are decided by the
 * last bits.
 *
 * The one argument that the program takes is how many times as many trials to make. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engines/cpu/lanes/lanes.h"
#include "engines/cpu/lanes/triangle.h"
#include "problem/problem.h"
#include "sampling/exponential.h"
#include "sampling/simulation_counter.h"
#include "support/seeded_random.h"

enum { MAX_COUNT = 512, STRIDE = MAX_COUNT + 16, PAIR = 2 * MXSI_LANES_MULTIPLE };

static const uint64_t SEED = 577215;

struct arrays {
    float *x; /* [k][STRIDE] the spacings, as draw_spacings has them */
    float *pair;
    float *slope;
    float *excess;
    float *triangle; /* NULL: no variance may be asked for */
    _Alignas(64) float sum[STRIDE];
    _Alignas(64) float largest[STRIDE];
    _Alignas(64) float upper[2][STRIDE]; /* without a first look, and with it */
    double projection[MAX_COUNT];
    double rounding[MAX_COUNT]; /* what a projection in float may be off */
};

/* What the trials have been. */
struct tally {
    uint64_t attempts;
    uint64_t accepted;
    uint64_t ruled_out; /* accepted, and no bound asked for */
    uint64_t kept;      /* accepted, and with a chance */
};

static float *lines_of(size_t floats) {
    float *lines = aligned_alloc(64, (floats * sizeof *lines + 63) / 64 * 64);
    assert_non_null(lines);
    memset(lines, 0xff, (floats * sizeof *lines + 63) / 64 * 64); /* NaN */
    return lines;
}

static struct arrays *make_arrays(uint32_t k, int has_variances) {
    struct arrays *a = aligned_alloc(64, (sizeof *a + 63) / 64 * 64);
    assert_non_null(a);
    a->x = lines_of((size_t)k * STRIDE);
    a->pair = lines_of((size_t)k * PAIR);
    a->slope = lines_of(k);
    a->excess = lines_of(k);
    a->triangle = has_variances ? lines_of(mxsi_triangle_size(k)) : NULL;
    return a;
}

static void free_arrays(struct arrays *a) {
    free(a->x);
    free(a->pair);
    free(a->slope);
    free(a->excess);
    free(a->triangle);
    free(a);
}

/* Assets of volatility 1 and correlation 0.3. */
static void fill_moments(struct seeded_random *random, struct arrays *a, uint32_t k) {
    float *matrix = lines_of((size_t)k * k);
    uint32_t *assets = malloc(k * sizeof *assets);
    assert_non_null(assets);
    for (uint32_t i = 0; i < k; ++i) {
        assets[i] = i;
        a->excess[i] = (float)random_between(random, -1.0, 1.0);
        for (uint32_t j = 0; j < k; ++j) {
            matrix[(size_t)i * k + j] = i == j ? 1.0f : 0.3f;
        }
    }
    mxsi_triangle_pack(matrix, k, assets, k, a->triangle);
    free(assets);
    free(matrix);
}

static void project(struct arrays *a, uint32_t k, uint32_t count) {
    for (uint32_t j = 0; j < count; ++j) {
        double size = 0.0;
        a->projection[j] = 0.0;
        for (uint32_t i = 0; i < k; ++i) {
            const double term = (double)a->slope[i] * (double)a->x[(size_t)i * STRIDE + j];
            a->projection[j] += term;
            size += fabs(term);
        }
        a->rounding[j] = (2.0 * k + 16.0) * 0x1p-24 * size;
    }
}

/* Slopes that give some attempt next to no chance, and the others less: none in most pairs of vectors. Seldom, so many
 * a chance that looking first is given up. */
static void choose_slopes(struct seeded_random *random, struct arrays *a, uint32_t k, uint32_t count) {
    const double spread = pow(10.0, random_between(random, -3.0, 1.0));
    for (uint32_t i = 0; i < k; ++i) {
        a->slope[i] = (float)(spread * random_normal(random));
    }
    project(a, k, count);
    uint32_t chosen = (uint32_t)random_below(random, count);
    const int is_any = random_below(random, 8) == 0;
    for (uint32_t j = 0; j < count && !is_any; ++j) {
        const double mean = a->projection[j] / (double)a->sum[j];
        chosen = mean > a->projection[chosen] / (double)a->sum[chosen] ? j : chosen;
    }
    const double above = a->rounding[chosen] * random_between(random, 0.9, 3.0);
    const double shift = (above - a->projection[chosen]) / (double)a->sum[chosen];
    for (uint32_t i = 0; i < k; ++i) {
        a->slope[i] = (float)((double)a->slope[i] + shift);
    }
    project(a, k, count);
}

/* None, loose, and those at which some attempt is accepted or not for one bit. */
static float choose_cap(struct seeded_random *random, const struct arrays *a, uint32_t k, uint32_t count) {
    const uint32_t j = (uint32_t)random_below(random, count);
    const float border = a->largest[j] / a->sum[j];
    switch (random_below(random, 8)) {
    case 0:
        return HUGE_VALF;
    case 1:
        return (float)random_between(random, 0.9, 2.5);
    case 2:
        return (float)(random_between(random, 1.0, 12.0) / (double)k);
    case 3:
        return (float)random_between(random, 0.0, 1e-6);
    case 4:
        return nextafterf(border, HUGE_VALF);
    case 5:
        return nextafterf(border, 0.0f);
    default:
        return border;
    }
}

static void prepare(void *context) {
    const struct arrays *a = context;
    assert_non_null(a->triangle);
}

static uint32_t screen(const struct mxsi_lanes *lanes, const struct mxsi_lanes_draw *draw, struct arrays *a,
                       const struct mxsi_lanes_screen *how, int looks_first) {
    struct mxsi_lanes_screen one = *how;
    float highest = NAN;
    one.rules_out = looks_first;
    float *upper = a->upper[looks_first];
    memset(upper, 0xa5, STRIDE * sizeof *upper);
    const uint32_t accepted = lanes->screen_spacings(draw, &one, a->pair, upper, &highest);
    float expected = -HUGE_VALF;
    for (uint32_t j = 0; j < draw->count; ++j) {
        expected = fmaxf(expected, upper[j]);
    }
    assert_true(highest == expected);
    for (size_t i = 0; i < (STRIDE - draw->count) * sizeof *upper; ++i) {
        assert_int_equal(((const unsigned char *)(upper + draw->count))[i], 0xa5);
    }
    return accepted;
}

static void assert_same(const struct mxsi_lanes *lanes, const struct mxsi_lanes_draw *draw, struct arrays *a,
                        const struct mxsi_lanes_screen *how, struct tally *tally) {
    const uint32_t slow = screen(lanes, draw, a, how, 0);
    const uint32_t fast = screen(lanes, draw, a, how, 1);
    uint32_t accepted = 0;
    for (uint32_t j = 0; j < draw->count; ++j) {
        const int counts = accepted < how->wanted && a->largest[j] <= a->sum[j] * how->cap;
        const float *upper[2] = {&a->upper[0][j], &a->upper[1][j]};
        const int has_chance = counts && a->projection[j] > a->rounding[j];
        const int is_same = mxsi_bits_of_float(*upper[0]) == mxsi_bits_of_float(*upper[1]);
        accepted += (uint32_t)counts;
        tally->kept += (uint64_t)has_chance;
        tally->ruled_out += counts && *upper[1] == -HUGE_VALF;
        if ((!is_same && (has_chance || *upper[1] != -HUGE_VALF)) || (!counts && *upper[0] != -HUGE_VALF) ||
            (has_chance && *upper[0] == -HUGE_VALF)) {
            fail_msg("%s: K %u, cap %.9g, wanted %u, attempt %u: the bound is %.9g and not %.9g, the slope gives %.9g",
                     lanes->name, draw->k, (double)how->cap, how->wanted, j, (double)*upper[1], (double)*upper[0],
                     a->projection[j]);
        }
    }
    if (slow != accepted || fast != accepted) {
        fail_msg("%s: K %u, cap %.9g, wanted %u: %u and %u attempts are accepted and not %u", lanes->name, draw->k,
                 (double)how->cap, how->wanted, slow, fast, accepted);
    }
    tally->attempts += draw->count;
    tally->accepted += accepted;
}

static struct mxsi_lanes_draw choose_draw(struct seeded_random *random, uint32_t k) {
    const struct mxsi_lanes_draw draw = {
        .seed = random_word(random),
        .stream = random_word(random),
        .tile = (uint32_t)random_below(random, 3),
        .first_attempt = random_below(random, 4) == 0 ? (uint32_t)random_word(random) : 0, /* counters may wrap */
        .blocks_per_attempt = mxsi_blocks_of_words(k) + (uint32_t)random_below(random, 3),
        .count = 16 * (1 + (uint32_t)random_below(random, MAX_COUNT / 16)),
        .k = k,
        .stride = STRIDE,
    };
    return draw;
}

static void try_draw(struct seeded_random *random, const struct mxsi_lanes *lanes, struct arrays *a, uint32_t k,
                     struct tally *tally) {
    const struct mxsi_lanes_draw draw = choose_draw(random, k);
    lanes->draw_spacings(&draw, a->x, a->sum, a->largest);
    choose_slopes(random, a, k, draw.count);
    for (int i = 0; i < 6; ++i) {
        const float min_weight = random_below(random, 2) == 0 ? 0.0f : (float)(0.9 * random_unit(random) / k);
        const struct mxsi_lanes_screen how = {
            .slope = a->slope,
            .excess = a->excess,
            .triangle = a->triangle,
            .cap = choose_cap(random, a, k, draw.count),
            .excess_slack = 1e-6f,
            .variance_slack = 1e-6f,
            .min_weight = min_weight,
            .spare = 1.0f - (float)k * min_weight,
            .wanted = random_below(random, 2) == 0 ? MXSI_TILE_SIZE : (uint32_t)random_below(random, draw.count + 1),
            .prepare = prepare,
            .context = a,
        };
        assert_same(lanes, &draw, a, &how, tally);
    }
}

static void what_a_first_look_leaves_out_had_no_chance(void **state) {
    const size_t times = *(const size_t *)*state;
    static const struct {
        uint32_t k;
        size_t trials;
    } SIZES[] = {{1, 80}, {2, 80}, {3, 80}, {4, 80}, {7, 80}, {25, 60}, {33, 40}, {100, 12}, {1000, 1}};
    print_message("seed %llu\n", (unsigned long long)SEED);
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        struct seeded_random random = {SEED};
        struct tally tally = {0};
        for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; ++i) {
            struct arrays *a = make_arrays(SIZES[i].k, 1);
            fill_moments(&random, a, SIZES[i].k);
            for (size_t trial = 0; trial < times * SIZES[i].trials; ++trial) {
                try_draw(&random, mxsi_lanes_at(t), a, SIZES[i].k, &tally);
            }
            free_arrays(a);
        }
        print_message("%s: %llu attempts, %llu accepted, %llu with a chance, %llu ruled out\n", mxsi_lanes_at(t)->name,
                      (unsigned long long)tally.attempts, (unsigned long long)tally.accepted,
                      (unsigned long long)tally.kept, (unsigned long long)tally.ruled_out);
        assert_true(tally.accepted > tally.attempts / 4 && tally.accepted < tally.attempts);
        assert_true(tally.kept > 0 && tally.ruled_out > tally.accepted / 4);
    }
}

/* There the sum is rounded often enough for its error to matter beside that of the exponentials. */
static void attempts_of_the_largest_portfolios_are_counted_as_they_are_drawn(void **state) {
    (void)state;
    enum { K = MXSI_MAX_ASSETS_PER_PORTFOLIO };
    struct arrays *a = make_arrays(K, 0);
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        struct seeded_random random = {SEED};
        struct tally tally = {0};
        struct mxsi_lanes_draw draw = choose_draw(&random, K);
        draw.count = 64;
        mxsi_lanes_at(t)->draw_spacings(&draw, a->x, a->sum, a->largest);
        for (uint32_t i = 0; i < K; ++i) {
            a->slope[i] = -1.0f;
        }
        project(a, K, draw.count);
        for (int i = 0; i < 5; ++i) {
            const uint32_t j = (uint32_t)random_below(&random, draw.count);
            const struct mxsi_lanes_screen how = {
                .slope = a->slope,
                .cap = i == 0 ? HUGE_VALF : a->largest[j] / a->sum[j],
                .spare = 1.0f,
                .wanted = i < 3 ? MXSI_TILE_SIZE : 40,
                .prepare = prepare,
                .context = a,
            };
            assert_same(mxsi_lanes_at(t), &draw, a, &how, &tally);
        }
        assert_true(tally.accepted > 0 && tally.accepted < tally.attempts);
    }
    free_arrays(a);
}

int main(int argc, char **argv) {
    size_t times = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(what_a_first_look_leaves_out_had_no_chance, &times),
        cmocka_unit_test(attempts_of_the_largest_portfolios_are_counted_as_they_are_drawn),
    };
    return cmocka_run_group_tests_name("lanes: fused", tests, NULL, NULL);
}
