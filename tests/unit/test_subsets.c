/* Binomial coefficients, and the subsets that they count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "problem/subsets.h"

enum { PASCAL_ROWS = 200 };

static void binomials_are_those_of_pascals_triangle_or_zero_beyond_64_bits(void **state) {
    (void)state;
    static uint64_t row[PASCAL_ROWS + 1];
    static uint8_t is_beyond[PASCAL_ROWS + 1];
    memset(row, 0, sizeof row);
    memset(is_beyond, 0, sizeof is_beyond);
    row[0] = 1;
    size_t beyond = 0;
    for (uint32_t n = 0; n <= PASCAL_ROWS; ++n) {
        for (uint32_t k = 0; k <= n; ++k) {
            const uint64_t expected = is_beyond[k] ? 0 : row[k];
            beyond += is_beyond[k];
            if (mxsi_binomial(n, k) != expected) {
                fail_msg("C(%u, %u) is %llu and not %llu", n, k, (unsigned long long)mxsi_binomial(n, k),
                         (unsigned long long)expected);
            }
        }
        for (uint32_t k = n + 1; k > 0 && n < PASCAL_ROWS; --k) {
            is_beyond[k] = is_beyond[k] || is_beyond[k - 1] || __builtin_add_overflow(row[k], row[k - 1], &row[k]);
        }
    }
    assert_true(beyond > 10000); /* the edge was crossed, in every row from 68 on */
}

static void the_edge_of_64_bits_is_met_exactly(void **state) {
    (void)state;
    assert_true(mxsi_binomial(67, 33) == 14226520737620288370u); /* the last central one; OEIS A001405 */
    assert_true(mxsi_binomial(67, 34) == 14226520737620288370u);
    assert_true(mxsi_binomial(68, 34) == 0); /* 28453041475240576740 */
    assert_true(mxsi_binomial(68, 30) == 17876288714431443296u);
    assert_true(mxsi_binomial(68, 31) == 0);
    assert_true(mxsi_binomial(4801279, 3) == 18446726480228689279u); /* exact integers of any length say so */
    assert_true(mxsi_binomial(4801280, 3) == 18446738006366306560u);
    assert_true(mxsi_binomial(5000000, 3) == 0);
    assert_true(mxsi_binomial(UINT32_MAX, 2) == 9223372030412324865u);
    assert_true(mxsi_binomial(UINT32_MAX, 3) == 0);
}

static void a_product_that_overflows_on_the_way_does_not_hide_a_result_that_fits(void **state) {
    (void)state;
    /* C(66, 32) 34 / 33: the last product is 33 times the result, 2.4e20. */
    uint64_t product = 0;
    assert_true(__builtin_mul_overflow(mxsi_binomial(65, 32), 66, &product));
    assert_true(mxsi_binomial(66, 33) == 7219428434016265740u);
    assert_true(mxsi_binomial(68, 29) == 13750991318793417920u);
}

static void none_and_all_of_the_items_are_one_choice_each(void **state) {
    (void)state;
    assert_true(mxsi_binomial(0, 0) == 1);
    assert_true(mxsi_binomial(UINT32_MAX, 0) == 1);
    assert_true(mxsi_binomial(UINT32_MAX, UINT32_MAX) == 1);
    assert_true(mxsi_binomial(UINT32_MAX, UINT32_MAX - 1) == UINT32_MAX);
}

static void more_than_all_items_cannot_be_chosen(void **state) {
    (void)state;
    assert_true(mxsi_binomial(0, 1) == 0);
    assert_true(mxsi_binomial(30, 31) == 0);
}

/* The odometer: counts through all n-bit words with k ones, most significant bit first, in lexicographic order of the
 * positions, by trying every word downwards. */
static void assert_all_subsets(uint32_t n, uint32_t k) {
    uint32_t walked[10] = {0};
    for (uint32_t i = 0; i < k; ++i) {
        walked[i] = i;
    }
    uint64_t rank = 0;
    for (uint32_t word = (1u << n); word-- > 0;) {
        if ((uint32_t)__builtin_popcount(word) != k) {
            continue;
        }
        uint32_t expected[10] = {0};
        uint32_t count = 0;
        for (uint32_t item = 0; item < n; ++item) {
            if (word >> (n - 1 - item) & 1) {
                expected[count++] = item;
            }
        }
        uint32_t found[11];
        memset(found, 0xa5, sizeof found);
        mxsi_subset_unrank(n, k, rank, found);
        assert_memory_equal(found, expected, k * sizeof *found);
        assert_true(found[k] == 0xa5a5a5a5u);
        assert_memory_equal(walked, expected, k * sizeof *walked);
        ++rank;
        assert_int_equal(mxsi_subset_next(n, k, walked), rank < mxsi_binomial(n, k));
        if (rank == mxsi_binomial(n, k)) {
            assert_memory_equal(walked, expected, k * sizeof *walked); /* the last one stays */
        }
    }
    assert_true(rank == mxsi_binomial(n, k));
}

static void unranking_and_stepping_go_through_all_subsets_in_lexicographic_order(void **state) {
    (void)state;
    for (uint32_t n = 0; n <= 10; ++n) {
        for (uint32_t k = 0; k <= n; ++k) {
            assert_all_subsets(n, k);
        }
    }
}

static void assert_subset(uint32_t n, uint32_t k, uint64_t rank, const uint32_t *expected) {
    uint32_t found[40];
    mxsi_subset_unrank(n, k, rank, found);
    assert_memory_equal(found, expected, k * sizeof *found);
}

/* The expected subsets are itertools.combinations' (Python), counted. */
static void spot_ranks_of_the_reference_tasks(void **state) {
    (void)state;
    assert_true(mxsi_binomial(30, 25) == 142506);
    assert_true(mxsi_binomial(30, 20) == 30045015);
    assert_subset(30, 25, 0, (uint32_t[]){0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                          13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24});
    assert_subset(30, 25, 71253, (uint32_t[]){0,  1,  2,  4,  5,  6,  7,  8,  10, 11, 12, 14, 15,
                                              16, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29});
    assert_subset(30, 25, 100000, (uint32_t[]){0,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
                                               15, 18, 19, 20, 21, 22, 23, 24, 25, 27, 28, 29});
    assert_subset(30, 25, 142505, (uint32_t[]){5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17,
                                               18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29});
    assert_subset(30, 20, 12345678,
                  (uint32_t[]){0, 1, 4, 6, 7, 8, 9, 10, 14, 15, 17, 18, 19, 21, 22, 23, 24, 25, 28, 29});
    assert_subset(30, 20, 15022507,
                  (uint32_t[]){0, 2, 3, 4, 7, 8, 10, 12, 14, 16, 17, 18, 20, 21, 22, 23, 24, 26, 27, 28});
}

static void the_last_rank_is_the_last_subset_even_where_it_takes_64_bits(void **state) {
    (void)state;
    static const uint32_t SIZES[][2] = {{1, 1}, {30, 20}, {67, 33}, {68, 30}, {2000, 5}, {2000, 1998}};
    static uint32_t found[2000];
    for (size_t s = 0; s < sizeof SIZES / sizeof *SIZES; ++s) {
        const uint32_t n = SIZES[s][0];
        const uint32_t k = SIZES[s][1];
        mxsi_subset_unrank(n, k, mxsi_binomial(n, k) - 1, found);
        for (uint32_t i = 0; i < k; ++i) {
            assert_int_equal(found[i], n - k + i);
        }
        assert_int_equal(mxsi_subset_next(n, k, found), 0);
        assert_int_equal(found[k - 1], n - 1);
    }
}

static void stepping_on_from_any_rank_meets_the_subset_of_the_next(void **state) {
    (void)state;
    uint32_t walked[33];
    uint32_t unranked[33];
    const uint64_t begin = mxsi_binomial(67, 33) / 3;
    mxsi_subset_unrank(67, 33, begin, walked);
    for (uint64_t rank = begin + 1; rank < begin + 2000; ++rank) {
        assert_int_equal(mxsi_subset_next(67, 33, walked), 1);
        mxsi_subset_unrank(67, 33, rank, unranked);
        assert_memory_equal(walked, unranked, sizeof walked);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binomials_are_those_of_pascals_triangle_or_zero_beyond_64_bits),
        cmocka_unit_test(the_edge_of_64_bits_is_met_exactly),
        cmocka_unit_test(a_product_that_overflows_on_the_way_does_not_hide_a_result_that_fits),
        cmocka_unit_test(none_and_all_of_the_items_are_one_choice_each),
        cmocka_unit_test(more_than_all_items_cannot_be_chosen),
        cmocka_unit_test(unranking_and_stepping_go_through_all_subsets_in_lexicographic_order),
        cmocka_unit_test(spot_ranks_of_the_reference_tasks),
        cmocka_unit_test(the_last_rank_is_the_last_subset_even_where_it_takes_64_bits),
        cmocka_unit_test(stepping_on_from_any_rank_meets_the_subset_of_the_next),
    };
    return cmocka_run_group_tests_name("subsets", tests, NULL, NULL);
}
