/* The multiply-add of the lanes, as this file's instruction set compiles it (the baseline's is made of doubles), held
 * bit for bit against libm's. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engines/cpu/lanes/lane_vector.h"
#include "sampling/exponential.h"
#include "support/seeded_random.h"

static const uint64_t SEED = 20241127;

enum { TRIPLES = 2000000 };

struct triple {
    float a, b, c;
};

/* How often each kind of difficulty was met. */
struct tally {
    size_t half_way; /* the sum in double stands half-way between two floats */
    size_t subnormal;
    size_t zero;
    size_t infinite;
    size_t missing; /* NaN */
};

static uint32_t random_bits(struct seeded_random *random) {
    return (uint32_t)(random_word(random) >> 32);
}

static float random_sign(struct seeded_random *random, float value) {
    return random_below(random, 2) == 0 ? value : -value;
}

/* A float of any kind: its bits at random, or an exponent near one, or few bits, or a special one. */
static float any_float(struct seeded_random *random) {
    static const uint32_t SPECIAL[] = {0x00000000u, 0x80000000u, 0x00000001u, 0x007fffffu, 0x00800000u, 0x7f7fffffu,
                                       0x7f800000u, 0xff800000u, 0x7fc00000u, 0x3f800000u, 0xbf800000u, 0x3f7fffffu};
    const uint32_t bits = random_bits(random);
    switch (random_below(random, 5)) {
    case 0:
        return mxsi_float_of_bits(bits);
    case 1:
        return mxsi_float_of_bits((bits & 0x807fffffu) | (uint32_t)(115 + random_below(random, 24)) << 23);
    case 2:
        return mxsi_float_of_bits((bits & 0x807ff000u) | 0x3f800000u);
    case 3:
        return mxsi_float_of_bits(bits & 0x80ffffffu); /* subnormal, or the first ones that are not */
    default:
        return mxsi_float_of_bits(SPECIAL[random_below(random, sizeof SPECIAL / sizeof SPECIAL[0])]);
    }
}

/* 1 plus or minus a few units in the last place, times 2^exponent. */
static float near_power(struct seeded_random *random, int exponent) {
    const float off = (float)random_below(random, 9) - 4.0f;
    return random_sign(random, ldexpf(1.0f + off * 0x1p-23f, exponent));
}

static struct triple any_triple(struct seeded_random *random) {
    struct triple t = {any_float(random), any_float(random), any_float(random)};
    int exponent = 0;
    switch (random_below(random, 6)) {
    case 0: /* cancels, all but the product's rounding and a unit or two */
        t.c = mxsi_float_of_bits(mxsi_bits_of_float(-(t.a * t.b)) + (uint32_t)random_below(random, 3) - 1u);
        break;
    case 1: /* the product is about half a unit of the other term */
        t.a = near_power(random, (int)random_below(random, 100) - 50);
        t.b = near_power(random, (int)random_below(random, 100) - 50);
        (void)frexpf(t.a * t.b, &exponent);
        t.c = ldexpf(random_sign(random, (float)(0x800000u | random_bits(random) >> 9)), exponent);
        break;
    case 2: /* the same where results are subnormal: 2^-150 is half of the least one */
        t.a = near_power(random, -75);
        t.b = near_power(random, -75 - (int)random_below(random, 6));
        t.c = mxsi_float_of_bits(random_bits(random) & 0x80ffffffu);
        break;
    default:
        break;
    }
    return t;
}

static void count(struct tally *tally, const struct triple *t, float expected) {
    const double sum = (double)t->a * (double)t->b + (double)t->c;
    uint64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    tally->half_way += (bits & 0x1fffffffu) == 0x10000000u;
    tally->subnormal += fpclassify(expected) == FP_SUBNORMAL;
    tally->zero += fpclassify(expected) == FP_ZERO;
    tally->infinite += fpclassify(expected) == FP_INFINITE;
    tally->missing += fpclassify(expected) == FP_NAN;
}

static void assert_fused(const struct triple *t, float found, float expected) {
    if (mxsi_bits_of_float(found) != mxsi_bits_of_float(expected) && !(isnan(found) && isnan(expected))) {
        fail_msg("%a * %a + %a is %a and not %a", (double)t->a, (double)t->b, (double)t->c, (double)expected,
                 (double)found);
    }
}

static void a_multiply_add_is_rounded_once_whatever_it_is_given(void **state) {
    (void)state;
    struct seeded_random random = {.state = SEED};
    struct tally tally = {0};
    for (size_t i = 0; i < TRIPLES; i += LANES) {
        struct triple t[LANES];
        lane_float a;
        lane_float b;
        lane_float c;
        for (int lane = 0; lane < LANES; ++lane) {
            t[lane] = any_triple(&random);
            a[lane] = t[lane].a;
            b[lane] = t[lane].b;
            c[lane] = t[lane].c;
        }
        const lane_float found = lane_fma(a, b, c);
        for (int lane = 0; lane < LANES; ++lane) {
            const float expected = fmaf(t[lane].a, t[lane].b, t[lane].c);
            count(&tally, &t[lane], expected);
            assert_fused(&t[lane], found[lane], expected);
        }
    }
    print_message("of %d: %zu half-way, %zu subnormal, %zu zero, %zu infinite, %zu NaN\n", TRIPLES, tally.half_way,
                  tally.subnormal, tally.zero, tally.infinite, tally.missing);
    assert_true(tally.half_way > TRIPLES / 1000);
    assert_true(tally.subnormal > TRIPLES / 1000);
    assert_true(tally.zero > TRIPLES / 1000);
    assert_true(tally.infinite > TRIPLES / 1000);
    assert_true(tally.missing > TRIPLES / 1000);
}

/* By hand. (1 + 2^-23) (1 - 2^-23) is 1 - 2^-46: a hair less than a power of two, and beside a number that is 2^24
 * times as large a hair that a double has no bit for. */
static void sums_that_two_roundings_get_wrong_are_right(void **state) {
    (void)state;
    static const struct {
        float a, b, c; /* ... to which nothing is added that counts */
    } cases[] = {
        /* An odd number: a tie, which double makes of it, would leave it for the even one. */
        {0x1.000002p0f, 0x1.fffffcp-25f, 0x1.000002p0f},
        {0x1.000002p0f, -0x1.fffffcp-25f, 0x1.000002p0f},
        /* The same, 2^23 - 1 times the least float. */
        {0x1.000002p-75f, 0x1.fffffcp-76f, 0x1.fffffcp-127f},
        {0x1.000002p-75f, -0x1.fffffcp-76f, 0x1.fffffcp-127f},
        /* The largest: a tie would leave the range. */
        {0x1.000002p52f, 0x1.fffffcp50f, 0x1.fffffep127f},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        const struct triple t = {cases[i].a, cases[i].b, cases[i].c};
        const lane_float found = lane_fma(lane_broadcast(t.a), lane_broadcast(t.b), lane_broadcast(t.c));
        assert_true((float)((double)t.a * (double)t.b + (double)t.c) != cases[i].c);
        for (int lane = 0; lane < LANES; ++lane) {
            assert_fused(&t, found[lane], cases[i].c);
        }
    }
}

int main(void) {
    print_message("seed %llu\n", (unsigned long long)SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_multiply_add_is_rounded_once_whatever_it_is_given),
        cmocka_unit_test(sums_that_two_roundings_get_wrong_are_right),
    };
    return cmocka_run_group_tests_name("multiply-add on lanes", tests, NULL, NULL);
}
