/* The table of samplers: which one draws a problem, what each says of itself, and that it keeps to it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sampling/draw.h"
#include "sampling/fixed_sum.h"
#include "sampling/sampler.h"
#include "support/built_problem.h"

enum { MAX_K = 200 };

#define SAMPLER(name, value, text) name,
static const mxs_sampler SAMPLERS[] = {MXS_SAMPLER_LIST(SAMPLER)};

static mxs_sampler choose(uint32_t k, double min_weight, double max_weight, double acceptance) {
    const struct mxsi_problem problem = {
        .assets = k, .assets_per_portfolio = k, .min_weight = min_weight, .max_weight = max_weight};
    const struct mxsi_sampling sampling = {.acceptance = acceptance};
    return mxsi_sampler_choose(&problem, &sampling);
}

static void rejection_draws_down_to_an_acceptance_of_a_quarter_and_fixed_sum_below(void **state) {
    (void)state;
    assert_int_equal(choose(25, 0.0, 0.2, 1.0), MXS_SAMPLER_REJECTION);
    assert_int_equal(choose(25, 0.0, 0.2, nextafter(0.25, 1.0)), MXS_SAMPLER_REJECTION);
    assert_int_equal(choose(25, 0.0, 0.2, 0.25), MXS_SAMPLER_REJECTION);
    assert_int_equal(choose(25, 0.0, 0.2, nextafter(0.25, 0.0)), MXS_SAMPLER_FIXED_SUM);
    assert_int_equal(choose(25, 0.0, 0.2, 1e-300), MXS_SAMPLER_FIXED_SUM);
    assert_int_equal(choose(25, 0.0, 0.2, 0.0), MXS_SAMPLER_FIXED_SUM);
}

/* Whatever the acceptance: of a single point it says nothing. */
static void where_the_bounds_leave_one_point_nothing_is_drawn(void **state) {
    (void)state;
    static const double acceptances[] = {0.0, 0.1, 0.25, 1.0};
    for (size_t i = 0; i < sizeof acceptances / sizeof *acceptances; ++i) {
        assert_int_equal(choose(1, 0.0, 1.0, acceptances[i]), MXS_SAMPLER_EQUAL_WEIGHTS);
        assert_int_equal(choose(4, 0.0, 0.25, acceptances[i]), MXS_SAMPLER_EQUAL_WEIGHTS);
        assert_int_equal(choose(4, 0.25, 1.0, acceptances[i]), MXS_SAMPLER_EQUAL_WEIGHTS);
        assert_int_equal(choose(3, 1.0 / 3.0, 1.0 / 3.0, acceptances[i]), MXS_SAMPLER_EQUAL_WEIGHTS);
        assert_int_equal(choose(4, 0.0, 0.25 + 0.2e-12, acceptances[i]), MXS_SAMPLER_EQUAL_WEIGHTS); /* by rounding */
        assert_int_equal(choose(4, 0.25 - 0.2e-12, 1.0, acceptances[i]), MXS_SAMPLER_EQUAL_WEIGHTS);
        assert_int_not_equal(choose(4, 0.0, 0.25 + 0.3e-12, acceptances[i]), MXS_SAMPLER_EQUAL_WEIGHTS);
        assert_int_not_equal(choose(4, 0.25 - 0.3e-12, 1.0, acceptances[i]), MXS_SAMPLER_EQUAL_WEIGHTS);
    }
}

static void every_sampler_that_has_a_word_has_its_functions(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof SAMPLERS / sizeof *SAMPLERS; ++i) {
        const struct mxsi_sampler *sampler = mxsi_sampler_of(SAMPLERS[i]);
        assert_non_null(sampler);
        assert_non_null(sampler->applies);
        assert_non_null(sampler->words);
        assert_non_null(sampler->draw);
        assert_int_equal(sampler->table_size == NULL, sampler->fill_table == NULL);
        for (size_t j = 0; j < i; ++j) {
            assert_ptr_not_equal(sampler, mxsi_sampler_of(SAMPLERS[j]));
        }
    }
    assert_true(mxsi_sampler_of(MXS_SAMPLER_REJECTION)->rejects);
    assert_false(mxsi_sampler_of(MXS_SAMPLER_FIXED_SUM)->rejects);
    assert_false(mxsi_sampler_of(MXS_SAMPLER_EQUAL_WEIGHTS)->rejects);
    assert_true(mxsi_sampler_of(MXS_SAMPLER_EQUAL_WEIGHTS)->is_constant);
    assert_false(mxsi_sampler_of(MXS_SAMPLER_REJECTION)->is_constant);
    assert_false(mxsi_sampler_of(MXS_SAMPLER_FIXED_SUM)->is_constant);
}

/* Bounds that each sampler draws, for any K above 1. */
static void build(struct built_problem *built, mxs_sampler sampler, uint32_t k) {
    const double even = 1.0 / k;
    const double caps[] = {
        [MXS_SAMPLER_REJECTION] = 1.0, [MXS_SAMPLER_FIXED_SUM] = 1.05 * even, [MXS_SAMPLER_EQUAL_WEIGHTS] = even};
    build_sampler(built, k, 0.0, caps[sampler], 11);
    assert_int_equal(built->sampling.sampler, sampler);
}

static const uint32_t KS[] = {2, 3, 4, 5, 25, MAX_K};

static void the_sampling_is_what_its_sampler_says(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof SAMPLERS / sizeof *SAMPLERS; ++i) {
        const struct mxsi_sampler *sampler = mxsi_sampler_of(SAMPLERS[i]);
        for (size_t j = 0; j < sizeof KS / sizeof *KS; ++j) {
            struct built_problem built;
            build(&built, SAMPLERS[i], KS[j]);
            const struct mxsi_sampling *sampling = &built.sampling;
            assert_int_equal(sampling->rejects, sampler->rejects);
            assert_int_equal(sampling->blocks_per_attempt, (sampler->words(KS[j]) + 3) / 4);
            assert_int_equal(sampling->simulations, sampler->is_constant ? 1 : 1000);
            assert_int_equal(sampling->table == NULL, sampler->fill_table == NULL);
            assert_true(sampling->table_size == (sampler->table_size == NULL ? 0 : sampler->table_size(KS[j])));
            destroy_problem(&built);
        }
    }
}

static void fixed_sum_draws_by_a_table_of_its_chances(void **state) {
    (void)state;
    for (size_t j = 0; j < sizeof KS / sizeof *KS; ++j) {
        const uint32_t k = KS[j];
        struct built_problem built;
        uint32_t *chance = malloc((size_t)(k - 1) * k * sizeof *chance);
        assert_non_null(chance);
        build(&built, MXS_SAMPLER_FIXED_SUM, k);
        assert_int_equal(built.sampling.table_size, (k - 1) * k * sizeof *chance);
        assert_int_equal(mxsi_fixed_sum_chances(k, built.sampling.box_sum, chance), 0);
        assert_memory_equal(built.sampling.table, chance, built.sampling.table_size);
        free(chance);
        destroy_problem(&built);
    }
}

/* How many words an attempt has taken that began at this counter. */
static uint32_t words_taken(const struct mxsi_random_words *random, uint32_t first_counter) {
    const uint32_t blocks = random->counter.v[0] - first_counter;
    return MXSI_WORDS_PER_BLOCK * blocks - (MXSI_WORDS_PER_BLOCK - random->used);
}

/* As many as it says, or none; into weights and scratch of exactly the size that it may use. */
static void assert_draws(const struct built_problem *built, uint32_t words) {
    const uint32_t k = built->problem.assets_per_portfolio;
    const struct mxsi_sampler *sampler = mxsi_sampler_of((mxs_sampler)built->sampling.sampler);
    double weights[MAX_K + 1];
    double scratch[2 * MAX_K + 1];
    assert_int_equal(mxsi_draw_scratch(k), 2 * k);
    for (uint32_t attempt = 0; attempt < 50; ++attempt) {
        const struct mxsi_identity identity = {.attempt = attempt};
        struct mxsi_random_words random = mxsi_random_words_of(&built->sampling, &identity);
        const uint32_t first_counter = random.counter.v[0];
        assert_int_equal(first_counter, attempt * built->sampling.blocks_per_attempt);
        weights[k] = scratch[2 * (size_t)k] = 7.0;
        const int is_simulation = sampler->draw(&built->problem, &built->sampling, &random, weights, scratch);
        assert_true(is_simulation || sampler->rejects);
        assert_int_equal(words_taken(&random, first_counter), words);
        assert_true(weights[k] == 7.0 && scratch[2 * (size_t)k] == 7.0);
    }
}

static void an_attempt_takes_the_words_that_it_has_and_no_others(void **state) {
    (void)state;
    for (size_t j = 0; j < sizeof KS / sizeof *KS; ++j) {
        const uint32_t k = KS[j];
        const uint32_t words[] = {[MXS_SAMPLER_REJECTION] = k, [MXS_SAMPLER_FIXED_SUM] = 3 * k - 2};
        for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
            struct built_problem built;
            build(&built, (mxs_sampler)i, k);
            assert_int_equal(mxsi_sampler_of((mxs_sampler)i)->words(k), words[i]);
            assert_draws(&built, words[i]);
            destroy_problem(&built);
        }
        struct built_problem built;
        build(&built, MXS_SAMPLER_EQUAL_WEIGHTS, k);
        assert_draws(&built, 0);
        destroy_problem(&built);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejection_draws_down_to_an_acceptance_of_a_quarter_and_fixed_sum_below),
        cmocka_unit_test(where_the_bounds_leave_one_point_nothing_is_drawn),
        cmocka_unit_test(every_sampler_that_has_a_word_has_its_functions),
        cmocka_unit_test(the_sampling_is_what_its_sampler_says),
        cmocka_unit_test(fixed_sum_draws_by_a_table_of_its_chances),
        cmocka_unit_test(an_attempt_takes_the_words_that_it_has_and_no_others),
    };
    return cmocka_run_group_tests_name("sampler", tests, NULL, NULL);
}
