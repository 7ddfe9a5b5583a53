/* Both samplers draw from the distribution that they promise: uniform on the capped simplex. Held against closed
 * forms (support/capped_simplex.h), against each other, and against samplers that are wrong. Seeds are fixed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sampling/draw.h"
#include "sampling/fixed_sum.h"
#include "sampling/simulation_counter.h"
#include "support/built_problem.h"
#include "support/capped_simplex.h"
#include "support/kolmogorov.h"
#include "support/reference_draw.h"
#include "support/seeded_random.h"

static const double SIGMAS = 5.0; /* passed by chance with a probability of 6e-7 */

enum { COUNT = 20480, MOST_K = 30 };

struct box {
    uint32_t k;
    double min_weight;
    double max_weight;
};

/* From loose to tight, with and without a minimum. */
static const struct box BOXES[] = {
    {2, 0.0, 1.0},       {2, 0.0, 0.8},       {2, 0.0, 0.55},        {2, 0.1, 0.89},      {2, 0.3, 1.0},
    {3, 0.0, 1.0},       {3, 0.0, 0.7},       {3, 0.0, 0.52},        {3, 0.0, 0.34},      {3, 0.1, 0.46},
    {5, 0.0, 1.0},       {5, 0.0, 0.55},      {5, 0.0, 0.4},         {5, 0.0, 0.25},      {5, 0.0, 0.204},
    {5, 0.12, 0.32},     {5, 0.1, 0.45},      {10, 0.0, 1.0},        {10, 0.0, 0.35},     {10, 0.0, 0.2},
    {10, 0.0, 0.15},     {10, 0.0, 0.102},    {10, 0.05, 0.3},       {10, 0.08, 0.125},   {25, 0.0, 1.0},
    {25, 0.0, 0.2},      {25, 0.0, 0.13},     {25, 0.0, 0.08},       {25, 0.0, 0.05},     {25, 0.0, 0.0404},
    {25, 0.02, 0.15},    {25, 0.03, 0.06},    {MOST_K, 0.0, 1.0},    {MOST_K, 0.0, 0.17}, {MOST_K, 0.0, 0.1},
    {MOST_K, 0.0, 0.06}, {MOST_K, 0.0, 0.04}, {MOST_K, 0.0, 0.0335}, {MOST_K, 0.01, 0.2}, {MOST_K, 0.025, 0.05},
};

enum { BOX_COUNT = sizeof BOXES / sizeof *BOXES };

/* weights[COUNT][k] from whatever sampler filled it. */
struct sample {
    struct box box;
    struct slice slice;
    double unit; /* w = min_weight + unit z */
    double *weights;
    double *values; /* [COUNT] scratch */
};

static void sample_init(struct sample *sample, const struct box *box) {
    sample->box = *box;
    sample->slice = slice_of_bounds(box->k, box->min_weight, box->max_weight, &sample->unit);
    sample->weights = calloc(COUNT, box->k * sizeof *sample->weights);
    sample->values = calloc(COUNT, sizeof *sample->values);
    assert_non_null(sample->weights);
    assert_non_null(sample->values);
}

static void sample_free(struct sample *sample) {
    free(sample->weights);
    free(sample->values);
}

/* The first accepted attempts of so many tiles, as a search takes them. */
static void draw_sample(const struct built_problem *built, struct sample *sample) {
    const uint32_t k = sample->box.k;
    double scratch[2 * MOST_K];
    assert_true(mxsi_draw_scratch(k) <= sizeof scratch / sizeof *scratch);
    for (size_t i = 0; i < COUNT;) {
        struct mxsi_identity identity = {.rank = 1000003, .tile = (uint32_t)(i / MXSI_TILE_SIZE)};
        for (const size_t end = i + MXSI_TILE_SIZE; i < end; ++identity.attempt) {
            i += (size_t)mxsi_draw_weights(&built->problem, &built->sampling, &identity, sample->weights + i * k,
                                           scratch);
        }
    }
}

static void draw_reference_sample(const struct reference_draws *draws, struct sample *sample) {
    uint32_t attempt = 0;
    for (size_t i = 0; i < COUNT; ++attempt) {
        i += (size_t)reference_draw(draws, 0, 0, attempt, sample->weights + i * sample->box.k);
    }
}

static void print_box(const struct sample *sample) {
    print_error("K %u, weights %.17g to %.17g\n", sample->box.k, sample->box.min_weight, sample->box.max_weight);
}

static long double marginal_of_weight(const void *user, double weight) {
    const struct sample *sample = user;
    return slice_marginal(&sample->slice,
                          ((long double)weight - (long double)sample->box.min_weight) / (long double)sample->unit);
}

static long double largest_of_weights(const void *user, double weight) {
    const struct sample *sample = user;
    return slice_largest(&sample->slice,
                         ((long double)weight - (long double)sample->box.min_weight) / (long double)sample->unit);
}

static void take_weight(struct sample *sample, uint32_t i) {
    for (size_t n = 0; n < COUNT; ++n) {
        sample->values[n] = sample->weights[n * sample->box.k + i];
    }
}

static void take_largest(struct sample *sample) {
    for (size_t n = 0; n < COUNT; ++n) {
        const double *row = sample->weights + n * sample->box.k;
        sample->values[n] = row[0];
        for (uint32_t i = 1; i < sample->box.k; ++i) {
            sample->values[n] = fmax(sample->values[n], row[i]);
        }
    }
}

/* The widest Kolmogorov statistic of some marginals; the coordinates that a mistake in the order would hit. */
static double widest_marginal(struct sample *sample) {
    const uint32_t k = sample->box.k;
    const uint32_t coordinates[] = {0, 1, k / 2, k - 1};
    double widest = 0.0;
    for (size_t c = 0; c < sizeof coordinates / sizeof *coordinates; ++c) {
        take_weight(sample, coordinates[c]);
        widest = fmax(widest, kolmogorov_statistic(sample->values, COUNT, marginal_of_weight, sample));
    }
    return widest;
}

/* A statistic of all weights together. For K = 2 the largest is a function of each. */
static double statistic_of_largest(struct sample *sample) {
    take_largest(sample);
    return kolmogorov_statistic(sample->values, COUNT, largest_of_weights, sample);
}

/* How many of its standard errors the mean of (w_i - centre_i)(w_j - centre_j) is away from what is expected. */
static double errors_of_moment(const struct sample *sample, uint32_t i, uint32_t j, double centre, double expected) {
    double sum = 0.0;
    double sum_of_squares = 0.0;
    for (size_t n = 0; n < COUNT; ++n) {
        const double *row = sample->weights + n * sample->box.k;
        const double product = (row[i] - centre) * (row[j] - centre) - expected;
        sum += product;
        sum_of_squares += product * product;
    }
    const double mean = sum / COUNT;
    return mean / sqrt((sum_of_squares / COUNT - mean * mean) / COUNT);
}

/* Every mean 1/K, every variance the closed form's, every covariance of two weights -variance / (K - 1), because their
 * sum is fixed and they are exchangeable. */
static void assert_moments(const struct sample *sample) {
    const uint32_t k = sample->box.k;
    const double centre = 1.0 / (double)k;
    const double mean_z = (double)sample->slice.s / (double)k;
    const double second = (double)slice_second_moment(&sample->slice);
    const double variance = sample->unit * sample->unit * (second - mean_z * mean_z);
    for (uint32_t i = 0; i < k; ++i) {
        double sum = 0.0;
        for (size_t n = 0; n < COUNT; ++n) {
            sum += sample->weights[n * k + i] - centre;
        }
        const double errors = sum / COUNT / sqrt(variance / COUNT);
        if (!(fabs(errors) < SIGMAS)) {
            print_box(sample);
            fail_msg("the mean of weight %u is %g standard errors off", i, errors);
        }
        for (uint32_t j = 0; j <= i; ++j) {
            const double expected = i == j ? variance : -variance / (double)(k - 1);
            const double off = errors_of_moment(sample, i, j, centre, expected);
            if (!(fabs(off) < SIGMAS)) {
                print_box(sample);
                fail_msg("the covariance of weights %u and %u is %g standard errors off", i, j, off);
            }
        }
        const double raw = centre * centre + variance;
        const double off = errors_of_moment(sample, i, i, 0.0, raw);
        if (!(fabs(off) < SIGMAS)) {
            print_box(sample);
            fail_msg("the mean square of weight %u is %g standard errors off", i, off);
        }
    }
}

static void assert_bounds(const struct sample *sample) {
    for (size_t n = 0; n < COUNT; ++n) {
        double sum = 0.0;
        for (uint32_t i = 0; i < sample->box.k; ++i) {
            const double weight = sample->weights[n * sample->box.k + i];
            assert_true(weight >= sample->box.min_weight && weight <= sample->box.max_weight);
            sum += weight;
        }
        assert_true(fabs(sum - 1.0) < 1e-12);
    }
}

static void weights_are_uniform_on_the_capped_simplex_from_loose_to_tight(void **state) {
    (void)state;
    double widest[2] = {0.0, 0.0};
    size_t boxes[2] = {0, 0};
    for (size_t i = 0; i < BOX_COUNT; ++i) {
        struct built_problem built;
        struct sample sample;
        build_sampler(&built, BOXES[i].k, BOXES[i].min_weight, BOXES[i].max_weight, 1000 + i);
        assert_int_not_equal(built.sampling.sampler, MXS_SAMPLER_EQUAL_WEIGHTS);
        sample_init(&sample, &BOXES[i]);
        draw_sample(&built, &sample);
        assert_bounds(&sample);
        assert_moments(&sample);
        const double marginal = widest_marginal(&sample);
        const double largest = statistic_of_largest(&sample);
        print_message(
            "K %2u, weights %-5g to %-6g %-9s (acceptance %-8.3g): Kolmogorov %.2f of the marginals, %.2f of "
            "the largest\n",
            BOXES[i].k, BOXES[i].min_weight, BOXES[i].max_weight, mxs_sampler_name((mxs_sampler)built.sampling.sampler),
            built.sampling.acceptance, marginal, largest);
        assert_true(marginal < KOLMOGOROV_CRITICAL);
        assert_true(largest < KOLMOGOROV_CRITICAL);
        widest[built.sampling.sampler] = fmax(widest[built.sampling.sampler], fmax(marginal, largest));
        ++boxes[built.sampling.sampler];
        sample_free(&sample);
        destroy_problem(&built);
    }
    print_message("largest statistic: rejection %.2f of %zu boxes, fixed sum %.2f of %zu; critical value %.2f\n",
                  widest[MXS_SAMPLER_REJECTION], boxes[MXS_SAMPLER_REJECTION], widest[MXS_SAMPLER_FIXED_SUM],
                  boxes[MXS_SAMPLER_FIXED_SUM], KOLMOGOROV_CRITICAL);
    assert_true(boxes[MXS_SAMPLER_REJECTION] >= 15 && boxes[MXS_SAMPLER_FIXED_SUM] >= 15);
}

/* The maximum weight at which the acceptance is `wanted`, by bisection. */
static double cap_of_acceptance(uint32_t k, double min_weight, double wanted) {
    double low = 1.0 / (double)k;
    double high = 1.0;
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        double unit = 0.0;
        const struct slice slice = slice_of_bounds(k, min_weight, middle, &unit);
        *((double)slice_share_of_simplex(&slice) < wanted ? &low : &high) = middle;
    }
    return high;
}

static void both_samplers_draw_from_one_distribution(void **state) {
    (void)state;
    static const struct box CHOICES[] = {
        {3, 0.0, 0.0}, {6, 0.05, 0.0}, {10, 0.0, 0.0}, {25, 0.01, 0.0}, {30, 0.0, 0.0}};
    for (size_t c = 0; c < sizeof CHOICES / sizeof *CHOICES; ++c) {
        struct box box = CHOICES[c];
        box.max_weight = cap_of_acceptance(box.k, box.min_weight, 0.3);
        struct built_problem built;
        struct sample rejection;
        struct sample fixed_sum;
        build_sampler(&built, box.k, box.min_weight, box.max_weight, 77);
        assert_int_equal(built.sampling.sampler, MXS_SAMPLER_REJECTION);
        assert_true(fabs(built.sampling.acceptance - 0.3) < 1e-6);
        sample_init(&rejection, &box);
        draw_sample(&built, &rejection);
        /* The same problem by the other sampler, which a search would not choose here. */
        uint32_t *chances = calloc((size_t)(box.k - 1) * box.k, sizeof *chances);
        assert_non_null(chances);
        assert_int_equal(mxsi_fixed_sum_chances(box.k, built.sampling.box_sum, chances), 0);
        built.sampling.sampler = MXS_SAMPLER_FIXED_SUM;
        built.sampling.blocks_per_attempt = mxsi_blocks_of_words(mxsi_words_of_fixed_sum(box.k));
        built.sampling.seed = 78;
        built.sampling.rejects = 0;
        built.sampling.table = chances;
        sample_init(&fixed_sum, &box);
        draw_sample(&built, &fixed_sum);
        const uint32_t coordinates[] = {0, box.k / 2, box.k - 1};
        double widest = 0.0;
        for (size_t i = 0; i < sizeof coordinates / sizeof *coordinates; ++i) {
            take_weight(&rejection, coordinates[i]);
            take_weight(&fixed_sum, coordinates[i]);
            widest = fmax(widest, two_sample_statistic(rejection.values, COUNT, fixed_sum.values, COUNT));
        }
        take_largest(&rejection);
        take_largest(&fixed_sum);
        widest = fmax(widest, two_sample_statistic(rejection.values, COUNT, fixed_sum.values, COUNT));
        print_message("K %2u, weights %g to %g: two-sample statistic %.2f\n", box.k, box.min_weight, box.max_weight,
                      widest);
        assert_true(widest < KOLMOGOROV_CRITICAL);
        sample_free(&rejection);
        sample_free(&fixed_sum);
        free(chances);
        destroy_problem(&built);
    }
}

static void a_sampler_without_its_permutation_is_found_out(void **state) {
    (void)state;
    const struct box box = {5, 0.0, 0.3};
    struct reference_draws draws;
    struct sample sample;
    reference_draws_init(&draws, box.k, 5, box.min_weight, box.max_weight);
    assert_int_equal(draws.sampler, REFERENCE_FIXED_SUM);
    sample_init(&sample, &box);
    draw_reference_sample(&draws, &sample);
    assert_true(widest_marginal(&sample) < KOLMOGOROV_CRITICAL); /* with it, all is well */
    draws.permute = 0;
    draw_reference_sample(&draws, &sample);
    const double statistic = widest_marginal(&sample);
    print_message("Kolmogorov statistic without permutation: %.1f\n", statistic);
    assert_true(statistic > 2.0 * KOLMOGOROV_CRITICAL);
    sample_free(&sample);
}

static void a_sampler_with_a_wrong_table_is_found_out(void **state) {
    (void)state;
    const struct box box = {10, 0.0, 0.2};
    struct reference_draws draws;
    struct sample sample;
    reference_draws_init(&draws, box.k, 5, box.min_weight, box.max_weight);
    assert_int_equal(draws.sampler, REFERENCE_FIXED_SUM);
    for (size_t left = 2; left <= box.k; ++left) {
        for (size_t column = 2; column < left; ++column) { /* the outermost columns have no choice */
            draws.chance[left][column] = (uint32_t)(0.9 * (double)draws.chance[left][column]);
        }
    }
    sample_init(&sample, &box);
    draw_reference_sample(&draws, &sample);
    const double marginal = widest_marginal(&sample);
    const double largest = statistic_of_largest(&sample);
    print_message("Kolmogorov statistics with chances 10 %% too low: %.1f and %.1f\n", marginal, largest);
    assert_true(fmax(marginal, largest) > KOLMOGOROV_CRITICAL);
    sample_free(&sample);
}

static void uniforms_divided_by_their_sum_are_found_out(void **state) {
    (void)state;
    const struct box box = {10, 0.0, 1.0};
    struct seeded_random random = {6};
    struct sample sample;
    sample_init(&sample, &box);
    for (size_t n = 0; n < COUNT; ++n) {
        double *row = sample.weights + n * box.k;
        double sum = 0.0;
        for (uint32_t i = 0; i < box.k; ++i) {
            sum += row[i] = random_unit(&random);
        }
        for (uint32_t i = 0; i < box.k; ++i) {
            row[i] /= sum;
        }
    }
    const double statistic = widest_marginal(&sample);
    print_message("Kolmogorov statistic of U(0,1) divided by the sum: %.1f\n", statistic);
    assert_true(statistic > 2.0 * KOLMOGOROV_CRITICAL);
    sample_free(&sample);
}

static void weights_cut_at_the_cap_and_rescaled_are_found_out(void **state) {
    (void)state;
    const struct box box = {10, 0.0, 0.35};
    struct seeded_random random = {7};
    struct sample sample;
    sample_init(&sample, &box);
    for (size_t n = 0; n < COUNT; ++n) {
        double *row = sample.weights + n * box.k;
        double sum = 0.0;
        double cut_sum = 0.0;
        for (uint32_t i = 0; i < box.k; ++i) {
            sum += row[i] = -log1p(-random_unit(&random));
        }
        for (uint32_t i = 0; i < box.k; ++i) {
            cut_sum += row[i] = fmin(row[i] / sum, box.max_weight);
        }
        for (uint32_t i = 0; i < box.k; ++i) {
            row[i] /= cut_sum;
        }
    }
    const double largest = statistic_of_largest(&sample);
    print_message("Kolmogorov statistic of cut and rescaled weights: %.1f\n", largest);
    assert_true(largest > 2.0 * KOLMOGOROV_CRITICAL);
    sample_free(&sample);
}

static void the_share_of_attempts_that_is_accepted_is_the_one_foretold(void **state) {
    (void)state;
    enum { ATTEMPTS = 40000 };
    for (size_t i = 0; i < BOX_COUNT; ++i) {
        struct built_problem built;
        build_sampler(&built, BOXES[i].k, BOXES[i].min_weight, BOXES[i].max_weight, 2000 + i);
        if (built.sampling.sampler == MXS_SAMPLER_REJECTION) {
            double weights[MOST_K];
            double scratch[2 * MOST_K];
            double accepted = 0.0;
            for (uint32_t attempt = 0; attempt < ATTEMPTS; ++attempt) {
                const struct mxsi_identity identity = {.rank = i, .attempt = attempt};
                accepted += mxsi_draw_weights(&built.problem, &built.sampling, &identity, weights, scratch);
            }
            const double p = built.sampling.acceptance;
            const double off = accepted - ATTEMPTS * p;
            if (!(fabs(off) <= SIGMAS * sqrt(ATTEMPTS * p * (1.0 - p)))) {
                fail_msg("K %u, weights %g to %g: %g of %d accepted, not %g", BOXES[i].k, BOXES[i].min_weight,
                         BOXES[i].max_weight, accepted, ATTEMPTS, ATTEMPTS * p);
            }
        }
        destroy_problem(&built);
    }
}

static void the_foretold_acceptance_is_inclusion_and_exclusion(void **state) {
    (void)state;
    enum { STEPS = 97 };
    double widest = 0.0;
    for (uint32_t k = 2; k <= MOST_K; ++k) {
        for (int step = 0; step < STEPS; ++step) {
            const double s = 1.0 + ((double)k - 1.0) * step / STEPS;
            const struct slice slice = {k, (long double)s};
            const double expected = (double)slice_share_of_simplex(&slice);
            const double error = fabs(mxsi_spacings_acceptance(k, s) / expected - 1.0);
            widest = fmax(widest, error);
            if (!(error < 1e-9)) {
                fail_msg("K %u, sum %.17g: %.17g, not %.17g", k, s, mxsi_spacings_acceptance(k, s), expected);
            }
            /* The sum as it is written in the definition, where it does not cancel. */
            const double plain = (double)reference_acceptance(k, 1.0L / (long double)s);
            assert_true(fabs(plain - expected) < 1e-12);
        }
    }
    print_message("largest relative error of the acceptance: %.2g\n", widest);
    /* K = 25, cap 0.2 (the reference task), K = 10 and K = 6: percentages that are known. */
    assert_true(fabs(mxsi_spacings_acceptance(25, 5.0) - 0.883) < 5e-4);
    assert_true(fabs(mxsi_spacings_acceptance(10, 5.0) - 0.08) < 5e-3);
    assert_true(fabs(mxsi_spacings_acceptance(6, 5.0) - 0.0003) < 5e-5);
}

/* Simpson's rule for the integral of (1 - P(z_1 <= z)) z^power over [0, 1]. */
static long double integrate_tail(const struct slice *slice, int power) {
    enum { STEPS = 2000 };
    long double sum = 0.0L;
    for (int i = 0; i <= STEPS; ++i) {
        const long double z = (long double)i / STEPS;
        const long double weight = i == 0 || i == STEPS ? 1.0L : (i % 2 == 1 ? 4.0L : 2.0L);
        sum += weight * (1.0L - slice_marginal(slice, z)) * (power == 0 ? 1.0L : z);
    }
    return sum / (3.0L * STEPS);
}

static void the_closed_forms_agree_with_each_other_and_with_simple_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < BOX_COUNT; ++i) {
        double unit = 0.0;
        const struct slice slice = slice_of_bounds(BOXES[i].k, BOXES[i].min_weight, BOXES[i].max_weight, &unit);
        const long double mean = slice.s / (long double)slice.k;
        assert_true(fabsl(integrate_tail(&slice, 0) - mean) < 1e-5L);
        assert_true(fabsl(2.0L * integrate_tail(&slice, 1) - slice_second_moment(&slice)) < 1e-5L);
        assert_true(fabsl(slice_marginal(&slice, 1.0L - 1e-12L) - 1.0L) < 1e-8L);
        assert_true(fabsl(slice_marginal(&slice, 1e-12L)) < 1e-8L);
        assert_true(slice_largest(&slice, 1.0L - 1e-9L) > 0.9999L);
    }
    const struct slice two = {2, 1.25L}; /* cap 0.8: w_1 is uniform on (0.2, 0.8) */
    assert_true(fabsl(slice_marginal(&two, 0.5L / 0.8L) - 0.5L) < 1e-15L);
    assert_true(fabsl(slice_marginal(&two, 0.35L / 0.8L) - 0.25L) < 1e-15L);
    const struct slice simplex = {10, 1.0L}; /* no cap: 1 - (1 - w)^9; P(largest <= 1/2) = 1 - 10 / 2^9 */
    assert_true(fabsl(slice_marginal(&simplex, 0.1L) - (1.0L - powl(0.9L, 9.0L))) < 1e-15L);
    assert_true(fabsl(slice_largest(&simplex, 0.5L) - (1.0L - 10.0L / 512.0L)) < 1e-15L);
    assert_true(fabsl(slice_second_moment(&simplex) - 2.0L / 110.0L) < 1e-15L);
    assert_true(fabsl(slice_second_moment(&two) - (0.25L + 0.03L) / 0.64L) < 1e-15L); /* mean 1/2, variance 0.6^2/12 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_closed_forms_agree_with_each_other_and_with_simple_cases),
        cmocka_unit_test(the_foretold_acceptance_is_inclusion_and_exclusion),
        cmocka_unit_test(the_share_of_attempts_that_is_accepted_is_the_one_foretold),
        cmocka_unit_test(weights_are_uniform_on_the_capped_simplex_from_loose_to_tight),
        cmocka_unit_test(both_samplers_draw_from_one_distribution),
        cmocka_unit_test(a_sampler_without_its_permutation_is_found_out),
        cmocka_unit_test(a_sampler_with_a_wrong_table_is_found_out),
        cmocka_unit_test(uniforms_divided_by_their_sum_are_found_out),
        cmocka_unit_test(weights_cut_at_the_cap_and_rescaled_are_found_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
