/* The vector kernels behind the draws: acceptance, minimum weights, row products and upper bounds, against the same in
 * double. Arrays are poisoned first: nothing may be written past `count`. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engines/cpu/lanes/lanes.h"
#include "sampling/exponential.h"
#include "support/seeded_random.h"

enum { MAX_K = 33, MAX_COUNT = 256, STRIDE = MAX_COUNT + 16 };

static const uint64_t SEED = 271828;
static const float ROUNDING = 0x1p-24f; /* of one operation */

static _Alignas(64) float x[MAX_K][STRIDE];
static _Alignas(64) float y[MAX_K][STRIDE];
static _Alignas(64) float before[MAX_K][STRIDE];
static _Alignas(64) float sum[STRIDE];
static _Alignas(64) float largest[STRIDE];
static _Alignas(64) float excess[STRIDE];
static _Alignas(64) float variance[STRIDE];
static _Alignas(64) float upper[STRIDE];
static _Alignas(64) int32_t mask[STRIDE];

static float random_float(struct seeded_random *random, double low, double high) {
    return (float)random_between(random, low, high);
}

static void poison(void *array, size_t size) {
    memset(array, 0xa5, size);
}

static void assert_poisoned(const struct mxsi_lanes *lanes, const void *array, size_t from, size_t to) {
    const unsigned char *at = (const unsigned char *)array + 4 * from;
    for (size_t i = 0; i < 4 * (to - from); ++i) {
        if (at[i] != 0xa5) {
            fail_msg("%s: byte %zu past the end was written to", lanes->name, i);
        }
    }
}

/* One call of accept against a loop over its definition. */
static void assert_accept(const struct mxsi_lanes *lanes, float cap, uint32_t count, uint32_t wanted) {
    poison(mask, sizeof mask);
    const uint32_t accepted = lanes->accept(largest, sum, cap, count, wanted, mask);
    uint32_t expected = 0;
    for (uint32_t i = 0; i < count; ++i) {
        const int is_kept = largest[i] <= sum[i] * cap && expected < wanted;
        expected += (uint32_t)is_kept;
        if (mask[i] != -is_kept) {
            fail_msg("%s: cap %.9g, count %u, wanted %u: mask[%u] is %d", lanes->name, (double)cap, count, wanted, i,
                     mask[i]);
        }
    }
    assert_int_equal(accepted, expected);
    assert_poisoned(lanes, mask, count, STRIDE);
}

static void accept_keeps_the_first_wanted_attempts_under_the_cap(void **state) {
    (void)state;
    print_message("seed %llu\n", (unsigned long long)SEED);
    static const float CAPS[] = {0.0f, 0.2f, 0.35f, 0.5f, 1.0f, HUGE_VALF};
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        struct seeded_random random = {SEED};
        for (uint32_t count = 16; count <= MAX_COUNT; count += 16) {
            for (uint32_t i = 0; i < STRIDE; ++i) {
                sum[i] = random_float(&random, 0.5, 30.0);
                largest[i] = sum[i] * random_float(&random, 0.05, 0.6);
            }
            for (size_t c = 0; c < sizeof CAPS / sizeof *CAPS; ++c) {
                assert_accept(mxsi_lanes_at(t), CAPS[c], count, count);
                assert_accept(mxsi_lanes_at(t), CAPS[c], count, UINT32_MAX);
                assert_accept(mxsi_lanes_at(t), CAPS[c], count, 0);
                assert_accept(mxsi_lanes_at(t), CAPS[c], count, 1);
                assert_accept(mxsi_lanes_at(t), CAPS[c], count, (uint32_t)random_below(&random, count));
            }
        }
    }
}

/* The test is part of the definition of a simulation: exactly on the cap is accepted, one float above it is not. */
static void an_attempt_exactly_on_the_cap_is_accepted(void **state) {
    (void)state;
    const float cap = 0.2f;
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        for (uint32_t i = 0; i < 16; ++i) {
            sum[i] = 3.0f + 0.37f * (float)i;
            largest[i] = sum[i] * cap;
        }
        poison(mask, sizeof mask);
        assert_int_equal(mxsi_lanes_at(t)->accept(largest, sum, cap, 16, 16, mask), 16);
        for (uint32_t i = 0; i < 16; ++i) {
            largest[i] = i == 5 ? largest[i] : nextafterf(largest[i], HUGE_VALF);
        }
        assert_int_equal(mxsi_lanes_at(t)->accept(largest, sum, cap, 16, 16, mask), 1);
        assert_int_equal(mask[5], -1);
    }
}

static void assert_row_dot(const struct mxsi_lanes *lanes, uint32_t k, uint32_t count) {
    poison(variance, sizeof variance);
    lanes->row_dot(&x[0][0], &y[0][0], k, STRIDE, count, variance);
    for (uint32_t j = 0; j < count; ++j) {
        double exact = 0.0;
        double size = 0.0;
        float fused = 0.0f;
        for (uint32_t i = 0; i < k; ++i) {
            exact += (double)x[i][j] * (double)y[i][j];
            size += fabs((double)x[i][j] * (double)y[i][j]);
            fused = fmaf(x[i][j], y[i][j], fused);
        }
        if (variance[j] != fused || fabs((double)variance[j] - exact) > k * (double)ROUNDING * size) {
            fail_msg("%s: K %u, column %u: %.9g and not %.17g", lanes->name, k, j, (double)variance[j], exact);
        }
    }
    assert_poisoned(lanes, variance, count, STRIDE);
}

static void row_products_agree_with_double(void **state) {
    (void)state;
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        struct seeded_random random = {SEED};
        for (uint32_t k = 1; k <= MAX_K; ++k) {
            for (uint32_t i = 0; i < k * STRIDE; ++i) {
                x[i / STRIDE][i % STRIDE] = random_float(&random, 0.0, 16.0);
                y[i / STRIDE][i % STRIDE] = random_float(&random, -4.0, 4.0);
            }
            assert_row_dot(mxsi_lanes_at(t), k, 16 * (1 + k % 16));
        }
    }
}

static void assert_raised(const struct mxsi_lanes *lanes, uint32_t k, uint32_t count, double min_weight) {
    const double spare = 1.0 - k * min_weight;
    const struct mxsi_lanes_draw draw = {.count = count, .k = k, .stride = STRIDE};
    memcpy(before, x, sizeof before);
    lanes->raise_to_minimum(&draw, (float)min_weight, (float)spare, sum, &x[0][0]);
    for (uint32_t i = 0; i < MAX_K; ++i) {
        for (uint32_t j = 0; j < STRIDE; ++j) {
            const double exact = spare * (double)before[i][j] + min_weight * (double)sum[j];
            if (i >= k || j >= count) {
                assert_memory_equal(&x[i][j], &before[i][j], sizeof(float));
            } else if (fabs((double)x[i][j] - exact) > 4.0 * (double)ROUNDING * exact) {
                fail_msg("%s: K %u, minimum %g: x[%u][%u] is %.9g and not %.17g", lanes->name, k, min_weight, i, j,
                         (double)x[i][j], exact);
            }
        }
    }
}

static void raised_weights_agree_with_double(void **state) {
    (void)state;
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        struct seeded_random random = {SEED};
        for (uint32_t k = 1; k <= MAX_K; k += 4) {
            for (int part = 0; part <= 4; ++part) {
                poison(x, sizeof x);
                for (uint32_t j = 0; j < MAX_COUNT; ++j) {
                    sum[j] = 0.0f;
                    for (uint32_t i = 0; i < k; ++i) {
                        x[i][j] = mxsi_exponential((uint32_t)random_word(&random));
                        sum[j] += x[i][j];
                    }
                }
                assert_raised(mxsi_lanes_at(t), k, 16 * (1 + k % 16), 0.2499 * part / k);
            }
        }
    }
}

/* The bound as screen_bound.h has it, in double. */
static double upper_in_double(uint32_t i, double excess_slack, double variance_slack) {
    const double s = (double)sum[i];
    const double n = (double)excess[i] + excess_slack * s;
    const double slack = variance_slack * s * s;
    const double least = (double)variance[i] - slack; /* unknown where it may be zero, whatever the sign of n */
    return least > 0.0 ? n / sqrt(n < 0.0 ? (double)variance[i] + slack : least) : HUGE_VAL;
}

static void assert_bounds(const struct mxsi_lanes *lanes, uint32_t count, float excess_slack, float variance_slack) {
    poison(upper, sizeof upper);
    const float highest = lanes->bound(excess, variance, sum, mask, count, excess_slack, variance_slack, upper);
    float expected_highest = -HUGE_VALF;
    for (uint32_t i = 0; i < count; ++i) {
        const double exact = upper_in_double(i, (double)excess_slack, (double)variance_slack);
        const double value = (double)upper[i];
        if (mask[i] == 0) {
            assert_true(upper[i] == -HUGE_VALF);
        } else if (isinf(exact) ? value != exact : fabs(value - exact) > 1e-5 * fabs(exact) + 1e-12) {
            fail_msg("%s: upper[%u] is %.9g and not %.17g", lanes->name, i, value, exact);
        }
        expected_highest = upper[i] > expected_highest ? upper[i] : expected_highest;
    }
    assert_true(highest == expected_highest);
    assert_poisoned(lanes, upper, count, STRIDE);
}

/* n and q are kept away from where they and their slack cancel, so that the comparison can be sharp. */
static void bounds_agree_with_double_and_masked_attempts_have_none(void **state) {
    (void)state;
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        struct seeded_random random = {SEED};
        for (uint32_t count = 16; count <= MAX_COUNT; count += 16) {
            for (uint32_t i = 0; i < STRIDE; ++i) {
                const double s = random_between(&random, 0.001, 60.0);
                const double sign = random_below(&random, 2) == 0 ? -1.0 : 1.0;
                sum[i] = (float)s;
                excess[i] = (float)(sign * s * random_between(&random, 0.01, 1.0));
                variance[i] = (float)(s * s * random_between(&random, 0.01, 1.0));
                mask[i] = random_below(&random, 4) == 0 ? 0 : -1;
            }
            variance[3] = 0.0f;
            excess[3] = fabsf(excess[3]); /* nothing is known */
            variance[7] = -1e-9f;
            excess[7] = fabsf(excess[7]);
            variance[9] = 0.0f;
            excess[9] = -fabsf(excess[9]); /* negative, over the slack alone */
            assert_bounds(mxsi_lanes_at(t), count, 1e-4f, 1e-4f);
            assert_bounds(mxsi_lanes_at(t), count, 0.0f, 1e-6f);
        }
    }
}

static void where_every_attempt_is_masked_the_highest_bound_is_minus_infinity(void **state) {
    (void)state;
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        for (uint32_t i = 0; i < 16; ++i) {
            sum[i] = excess[i] = variance[i] = 1.0f;
            mask[i] = 0;
        }
        assert_true(mxsi_lanes_at(t)->bound(excess, variance, sum, mask, 16, 1e-6f, 1e-6f, upper) == -HUGE_VALF);
        mask[11] = -1;
        assert_true(mxsi_lanes_at(t)->bound(excess, variance, sum, mask, 16, 1e-6f, 1e-6f, upper) == upper[11]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accept_keeps_the_first_wanted_attempts_under_the_cap),
        cmocka_unit_test(an_attempt_exactly_on_the_cap_is_accepted),
        cmocka_unit_test(row_products_agree_with_double),
        cmocka_unit_test(raised_weights_agree_with_double),
        cmocka_unit_test(bounds_agree_with_double_and_masked_attempts_have_none),
        cmocka_unit_test(where_every_attempt_is_masked_the_highest_bound_is_minus_infinity),
    };
    return cmocka_run_group_tests_name("lanes: kernels", tests, NULL, NULL);
}
