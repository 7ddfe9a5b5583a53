/* Acceptance of uniform spacings under a cap, and the chances of the fixed-sum sampler. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sampling/fixed_sum.h"
#include "support/seeded_random.h"

static const uint32_t ALWAYS = 0x80000000u;

/* Inclusion and exclusion: sum over j of (-1)^j C(K,j) (1 - j / box_sum)_+^(K-1). The terms cancel: for small K only.
 */
static double acceptance_by_inclusion_and_exclusion(uint32_t k, double box_sum) {
    long double total = 0.0L;
    long double binomial = 1.0L;
    for (uint32_t j = 0; j <= k && (double)j < box_sum; ++j) {
        total += (j % 2 == 0 ? 1.0L : -1.0L) * binomial *
                 powl(1.0L - (long double)j / (long double)box_sum, (long double)k - 1.0L);
        binomial = binomial * (long double)(k - j) / (long double)(j + 1);
    }
    return (double)total;
}

/* The density of the sum of n uniforms (Irwin 1927, Hall 1927), for small n; continuous from the right for n = 1. */
static double irwin_hall(uint32_t n, double x) {
    if (x < 0.0 || x >= (double)n) {
        return 0.0;
    }
    long double total = 0.0L;
    long double binomial = 1.0L;
    long double factorial = 1.0L;
    for (uint32_t j = 0; j < n; ++j) {
        if ((double)j <= x) {
            total +=
                (j % 2 == 0 ? 1.0L : -1.0L) * binomial * powl((long double)x - (long double)j, (long double)n - 1.0L);
        }
        binomial = binomial * (long double)(n - j) / (long double)(j + 1);
        factorial *= j == 0 ? 1.0L : (long double)j;
    }
    return (double)(total / factorial);
}

static void acceptance_agrees_with_inclusion_and_exclusion(void **state) {
    (void)state;
    for (uint32_t k = 2; k <= 15; ++k) {
        for (uint32_t twentieths = 20; twentieths < 20 * k - 1; ++twentieths) {
            const double box_sum = twentieths / 20.0;
            const double expected = acceptance_by_inclusion_and_exclusion(k, box_sum);
            const double found = mxsi_spacings_acceptance(k, box_sum);
            if (fabs(found - expected) > 1e-12 + 1e-9 * expected) {
                fail_msg("K %u, box_sum %g: %.17g and not %.17g", k, box_sum, found, expected);
            }
        }
    }
}

/* From the formula with exact fractions, caps 1/5 and 1/20. */
static void acceptance_of_the_reference_tasks(void **state) {
    (void)state;
    assert_true(fabs(mxsi_spacings_acceptance(25, 5.0) / 0.8833617049375212 - 1.0) < 1e-12);
    assert_true(fabs(mxsi_spacings_acceptance(10, 5.0) / 0.07996928 - 1.0) < 1e-12);
    assert_true(fabs(mxsi_spacings_acceptance(6, 5.0) / 0.00032 - 1.0) < 1e-12);
    assert_true(fabs(mxsi_spacings_acceptance(30, 20.0) / 2.5927449896543354e-10 - 1.0) < 1e-11);
    assert_true(fabs(mxsi_spacings_acceptance(200, 100.0) / 3.8505109845734064e-27 - 1.0) < 1e-10);
}

static void acceptance_falls_as_the_cap_tightens(void **state) {
    (void)state;
    static const uint32_t KS[] = {2, 3, 5, 10, 25, 100, 300};
    for (size_t i = 0; i < sizeof KS / sizeof *KS; ++i) {
        double before = 1.0;
        for (uint32_t step = 0; step <= 200; ++step) {
            const double box_sum = 1.0 + (KS[i] - 1.0) * step / 200.0;
            const double acceptance = mxsi_spacings_acceptance(KS[i], box_sum);
            assert_true(acceptance >= 0.0 && acceptance <= 1.0);
            assert_true(acceptance <= before * (1.0 + 1e-13)); /* but for rounding */
            before = acceptance;
        }
        assert_true(before == 0.0);
    }
}

static void acceptance_at_its_edges(void **state) {
    (void)state;
    assert_true(mxsi_spacings_acceptance(1, 0.5) == 1.0);
    assert_true(mxsi_spacings_acceptance(1, 7.0) == 1.0); /* one weight is all there is */
    assert_true(mxsi_spacings_acceptance(25, 0.0) == 1.0);
    assert_true(mxsi_spacings_acceptance(25, 1.0) == 1.0);
    assert_true(mxsi_spacings_acceptance(25, nextafter(1.0, 2.0)) > 1.0 - 1e-15);
    assert_true(mxsi_spacings_acceptance(25, 25.0) == 0.0);
    assert_true(mxsi_spacings_acceptance(25, 26.0) == 0.0);
    assert_true(mxsi_spacings_acceptance(2, 2.0) == 0.0);
    assert_true(mxsi_spacings_acceptance(2, nextafter(2.0, 0.0)) > 0.0);
    assert_true(fabs(mxsi_spacings_acceptance(2, 1.6) - (2.0 / 1.6 - 1.0)) < 1e-15);
}

static void thousands_of_assets_neither_underflow_nor_lose_the_sign(void **state) {
    (void)state;
    static const uint32_t KS[] = {1000, 5000};
    for (size_t i = 0; i < 2; ++i) {
        const double k = KS[i];
        /* The largest of K spacings is about (log K + Gumbel) / K: P(at most (log K + y) / K) -> exp(-exp(-y)). */
        for (int y = -1; y <= 3; ++y) {
            const double acceptance = mxsi_spacings_acceptance(KS[i], k / (log(k) + (double)y));
            assert_true(fabs(acceptance - exp(-exp(-(double)y))) < 0.03);
        }
        const double middle = mxsi_spacings_acceptance(KS[i], k / 2.0);
        assert_true(isfinite(middle) && middle >= 0.0 && middle < 1e-100);
    }
}

/* chance = (n - x) f(x - 1) / ((n - 1) f_n(x)) with f = f_{n-1}: the share of the second kind of simplices. */
static void assert_chances(uint32_t k, double box_sum) {
    uint32_t *chance = malloc((size_t)k * k * sizeof *chance);
    assert_non_null(chance);
    chance[(k - 1) * k] = 0xa5a5a5a5u;
    assert_int_equal(mxsi_fixed_sum_chances(k, box_sum, chance), 0);
    assert_true(chance[(k - 1) * k] == 0xa5a5a5a5u);
    for (uint32_t n = 2; n <= k; ++n) {
        for (uint32_t ups = 0; ups < k; ++ups) {
            const double x = box_sum - (double)ups;
            const double same = x * irwin_hall(n - 1, x);
            const double up = ((double)n - x) * irwin_hall(n - 1, x - 1.0);
            const uint32_t found = chance[(n - 2) * k + ups];
            assert_true(found <= ALWAYS);
            if (x >= 0.0 && x <= (double)n && same + up > 1e-6) {
                const double expected = up / (same + up) * 0x1p31;
                if (fabs((double)found - expected) > 1.0 + 1e-7 * 0x1p31) {
                    fail_msg("K %u, box_sum %g: chance[%u][%u] is %u and not %.1f", k, box_sum, n - 2, ups, found,
                             expected);
                }
            }
        }
    }
    free(chance);
}

static void chances_are_shares_of_irwin_hall_densities(void **state) {
    (void)state;
    static const double SHARES[] = {0.15, 0.2, 0.3, 0.47, 0.5, 0.61, 0.75, 0.9};
    for (uint32_t k = 2; k <= 10; ++k) {
        for (size_t i = 0; i < sizeof SHARES / sizeof *SHARES; ++i) {
            if (k * SHARES[i] > 1.0) {
                assert_chances(k, k * SHARES[i]);
            }
        }
        for (uint32_t whole = 1; whole < k; ++whole) {
            assert_chances(k, whole);
        }
    }
}

/* With two numbers left the next is up where, and only where, more than one is left to share out. Over all attempts
 * the walk ends with something in [0, 1] for the last number, so no weight ever leaves its box. */
static void assert_walks_end_in_the_box(uint32_t k, double box_sum) {
    uint32_t *chance = malloc((size_t)k * k * sizeof *chance);
    uint8_t *is_reached = calloc((size_t)k + 1, 1);
    assert_non_null(chance);
    assert_non_null(is_reached);
    assert_int_equal(mxsi_fixed_sum_chances(k, box_sum, chance), 0);
    is_reached[0] = 1; /* how many ups are possible so far */
    for (uint32_t n = k; n >= 2; --n) {
        for (uint32_t ups = k; ups-- > 0;) {
            if (is_reached[ups]) {
                const uint32_t up = chance[(size_t)(n - 2) * k + ups];
                is_reached[ups + 1] = is_reached[ups + 1] || up > 0;
                is_reached[ups] = up < ALWAYS;
            }
        }
    }
    for (uint32_t ups = 0; ups <= k; ++ups) {
        const double left = box_sum - (double)ups;
        if (is_reached[ups] && !(left >= 0.0 && left <= 1.0)) {
            fail_msg("K %u, box_sum %.17g: a walk can end with %.17g for the last number", k, box_sum, left);
        }
    }
    free(chance);
    free(is_reached);
}

static void no_walk_leaves_the_box(void **state) {
    (void)state;
    struct seeded_random random = {31337};
    for (uint32_t k = 2; k <= 40; ++k) {
        for (int i = 0; i < 20; ++i) {
            assert_walks_end_in_the_box(k, random_between(&random, 1.0, (double)k));
        }
        for (uint32_t whole = 1; whole < k; ++whole) {
            assert_walks_end_in_the_box(k, whole);
            assert_walks_end_in_the_box(k, nextafter(whole, 0.0));
            assert_walks_end_in_the_box(k, nextafter(whole, 1e3));
        }
        assert_walks_end_in_the_box(k, nextafter(k, 0.0));
    }
    assert_walks_end_in_the_box(1000, 437.3);
}

static void a_walk_with_more_than_fits_is_always_up_and_with_less_than_one_never(void **state) {
    (void)state;
    enum { K = 6 };
    uint32_t chance[(K - 1) * K];
    assert_int_equal(mxsi_fixed_sum_chances(K, 4.5, chance), 0);
    assert_true(chance[0 * K + 3] == ALWAYS); /* two numbers left, 1.5 to share */
    assert_true(chance[0 * K + 4] == 0);      /* 0.5 to share */
    assert_true(chance[1 * K + 2] == ALWAYS); /* three left, 2.5 to share */
    assert_true(chance[1 * K + 4] == 0);
    assert_true(chance[4 * K + 4] == 0);
    assert_true(chance[4 * K + 0] > 0 && chance[4 * K + 0] < ALWAYS);
    assert_int_equal(mxsi_fixed_sum_chances(2, 1.3, chance), 0);
    assert_true(chance[0] == ALWAYS);
}

static void thousands_of_chances_are_made_and_half_way_they_are_even(void **state) {
    (void)state;
    enum { K = 1000 };
    uint32_t *chance = malloc((size_t)(K - 1) * K * sizeof *chance);
    assert_non_null(chance);
    assert_int_equal(mxsi_fixed_sum_chances(K, K / 2.0, chance), 0);
    for (size_t i = 0; i < (size_t)(K - 1) * K; ++i) {
        assert_true(chance[i] <= ALWAYS);
    }
    /* By symmetry, y -> 1 - y, both kinds are as likely. */
    assert_true(abs((int)(chance[(size_t)(K - 2) * K] - (ALWAYS >> 1))) <= 4);
    free(chance);
}

/* The table is part of the definition of a simulation. Here it is also that of exact fractions. */
static void the_chances_of_the_reference_task_have_not_drifted(void **state) {
    (void)state;
    uint32_t chance[9 * 10];
    assert_int_equal(mxsi_fixed_sum_chances(10, 5.0, chance), 0);
    const uint64_t fingerprint = fingerprint_of(chance, sizeof chance);
    print_message("fingerprint 0x%016llx\n", (unsigned long long)fingerprint);
    assert_true(fingerprint == 0xb5fbaa114a546777u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acceptance_agrees_with_inclusion_and_exclusion),
        cmocka_unit_test(acceptance_of_the_reference_tasks),
        cmocka_unit_test(acceptance_falls_as_the_cap_tightens),
        cmocka_unit_test(acceptance_at_its_edges),
        cmocka_unit_test(thousands_of_assets_neither_underflow_nor_lose_the_sign),
        cmocka_unit_test(chances_are_shares_of_irwin_hall_densities),
        cmocka_unit_test(no_walk_leaves_the_box),
        cmocka_unit_test(a_walk_with_more_than_fits_is_always_up_and_with_less_than_one_never),
        cmocka_unit_test(thousands_of_chances_are_made_and_half_way_they_are_even),
        cmocka_unit_test(the_chances_of_the_reference_task_have_not_drifted),
    };
    return cmocka_run_group_tests_name("fixed sum", tests, NULL, NULL);
}
