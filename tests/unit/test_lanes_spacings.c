/* The vector kernels that draw spacings, held bit for bit against the scalar definition: Random123's words, one
 * exponential each, a float sum in index order. Every instruction set that this processor runs is tried. */
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
#include "sampling/exponential.h"
#include "sampling/simulation_counter.h"
#include "support/seeded_random.h"

enum { MAX_K = 40, MAX_COUNT = 256, STRIDE = MAX_COUNT + 16, UNIFORMS = 1 << 23 };

static const uint32_t POISON = 0xa5a5a5a5u;

struct arrays {
    _Alignas(64) float x[MAX_K][STRIDE];
    _Alignas(64) float sum[STRIDE];
    _Alignas(64) float largest[STRIDE];
};

static struct arrays found;

static uint32_t word_of(const struct mxsi_lanes_draw *draw, uint32_t attempt, uint32_t i) {
    const philox4x32_ctr_t counter = {{attempt * draw->blocks_per_attempt + i / MXSI_WORDS_PER_BLOCK, draw->tile,
                                       (uint32_t)draw->stream, (uint32_t)(draw->stream >> 32)}};
    const philox4x32_key_t key = {{(uint32_t)draw->seed, (uint32_t)(draw->seed >> 32)}};
    return philox4x32(counter, key).v[i % MXSI_WORDS_PER_BLOCK];
}

static void assert_bits(const struct mxsi_lanes *lanes, const struct mxsi_lanes_draw *draw, const char *what,
                        uint32_t row, uint32_t column, float value, uint32_t expected) {
    if (mxsi_bits_of_float(value) != expected) {
        fail_msg(
            "%s: %s[%u][%u] is 0x%08x and not 0x%08x (seed %llu, stream %llu, tile %u, first attempt %u, "
            "%u blocks, count %u, K %u)",
            lanes->name, what, row, column, mxsi_bits_of_float(value), expected, (unsigned long long)draw->seed,
            (unsigned long long)draw->stream, draw->tile, draw->first_attempt, draw->blocks_per_attempt, draw->count,
            draw->k);
    }
}

static void assert_spacings(const struct mxsi_lanes *lanes, const struct mxsi_lanes_draw *draw) {
    memset(&found, (int)(POISON & 0xff), sizeof found);
    lanes->draw_spacings(draw, &found.x[0][0], found.sum, found.largest);
    for (uint32_t column = 0; column < STRIDE; ++column) {
        const int is_drawn = column < draw->count;
        float sum = 0.0f;
        float largest = 0.0f;
        for (uint32_t row = 0; row < MAX_K; ++row) {
            if (is_drawn && row < draw->k) {
                const float e = mxsi_exponential(word_of(draw, draw->first_attempt + column, row));
                sum += e;
                largest = e > largest ? e : largest;
                assert_bits(lanes, draw, "x", row, column, found.x[row][column], mxsi_bits_of_float(e));
            } else {
                assert_bits(lanes, draw, "x", row, column, found.x[row][column], POISON);
            }
        }
        assert_bits(lanes, draw, "sum", 0, column, found.sum[column], is_drawn ? mxsi_bits_of_float(sum) : POISON);
        assert_bits(lanes, draw, "largest", 0, column, found.largest[column],
                    is_drawn ? mxsi_bits_of_float(largest) : POISON);
    }
}

static void spacings_are_the_scalar_ones_for_every_k_and_count(void **state) {
    (void)state;
    static const uint32_t KS[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 25, 33, 40};
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        for (size_t i = 0; i < sizeof KS / sizeof *KS; ++i) {
            for (uint32_t count = 16; count <= MAX_COUNT; count += i % 3 == 0 ? 16 : 80) {
                const struct mxsi_lanes_draw draw = {
                    .seed = 1234,
                    .stream = 71253,
                    .tile = 3,
                    .first_attempt = 256,
                    .blocks_per_attempt = mxsi_blocks_of_words(KS[i]),
                    .count = count,
                    .k = KS[i],
                    .stride = STRIDE,
                };
                assert_spacings(mxsi_lanes_at(t), &draw);
            }
        }
    }
}

static void every_bit_of_seed_stream_and_tile_counts(void **state) {
    (void)state;
    static const uint64_t EDGES[] = {0,         1, 0xffffffffu, 0x100000000u, 0x8000000000000000u, 0x0123456789abcdefu,
                                     UINT64_MAX};
    static const uint32_t TILES[] = {0, 1, 0x80000000u, UINT32_MAX};
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        for (size_t i = 0; i < sizeof EDGES / sizeof *EDGES; ++i) {
            for (size_t j = 0; j < sizeof EDGES / sizeof *EDGES; ++j) {
                const struct mxsi_lanes_draw draw = {
                    .seed = EDGES[i],
                    .stream = EDGES[j],
                    .tile = TILES[(i + j) % 4],
                    .first_attempt = 0,
                    .blocks_per_attempt = 2,
                    .count = 16,
                    .k = 7,
                    .stride = STRIDE,
                };
                assert_spacings(mxsi_lanes_at(t), &draw);
            }
        }
    }
}

/* The counter's first word wraps within its 32 bits, and carries into no other. */
static void attempts_past_the_end_of_the_counter_wrap_around(void **state) {
    (void)state;
    static const uint32_t BLOCKS[] = {1, 2, 3, 7, 19, 16384};
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        for (size_t i = 0; i < sizeof BLOCKS / sizeof *BLOCKS; ++i) {
            const uint32_t last = UINT32_MAX / BLOCKS[i];
            const uint32_t firsts[] = {last - 7, last, UINT32_MAX - 8, UINT32_MAX, 0x80000000u / BLOCKS[i] - 5};
            for (size_t j = 0; j < sizeof firsts / sizeof *firsts; ++j) {
                const struct mxsi_lanes_draw draw = {
                    .seed = 77,
                    .stream = 0xfedcba9876543210u,
                    .tile = 9,
                    .first_attempt = firsts[j],
                    .blocks_per_attempt = BLOCKS[i],
                    .count = 32,
                    .k = 9,
                    .stride = STRIDE,
                };
                assert_spacings(mxsi_lanes_at(t), &draw);
            }
        }
    }
}

static void random_draws_are_the_scalar_ones(void **state) {
    (void)state;
    const uint64_t seed = 8675309;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        struct seeded_random random = {seed};
        for (int i = 0; i < 60; ++i) {
            const uint32_t k = 1 + (uint32_t)random_below(&random, MAX_K);
            const struct mxsi_lanes_draw draw = {
                .seed = random_word(&random),
                .stream = random_word(&random),
                .tile = (uint32_t)random_word(&random),
                .first_attempt = (uint32_t)random_word(&random),
                .blocks_per_attempt = mxsi_blocks_of_words(k) + (uint32_t)random_below(&random, 3),
                .count = 16 * (1 + (uint32_t)random_below(&random, 6)),
                .k = k,
                .stride = STRIDE,
            };
            assert_spacings(mxsi_lanes_at(t), &draw);
        }
    }
}

/* The counter that gives a block: Philox is a bijection, so its ten rounds can be undone. */
static philox4x32_ctr_t counter_of_block(philox4x32_ctr_t block, uint64_t seed) {
    const uint32_t inverse0 = 0x991a7cdbu; /* of 0xD2511F53 modulo 2^32 */
    const uint32_t inverse1 = 0x6d7cae67u; /* of 0xCD9E8D57 */
    uint32_t *v = block.v;
    for (uint32_t round = 10; round-- > 0;) {
        const uint32_t key0 = (uint32_t)seed + round * 0x9E3779B9u;
        const uint32_t key1 = (uint32_t)(seed >> 32) + round * 0xBB67AE85u;
        const uint32_t c0 = v[3] * inverse0;
        const uint32_t c2 = v[1] * inverse1;
        const uint32_t c1 = v[0] ^ (uint32_t)(((uint64_t)c2 * 0xCD9E8D57u) >> 32) ^ key0;
        const uint32_t c3 = v[2] ^ (uint32_t)(((uint64_t)c0 * 0xD2511F53u) >> 32) ^ key1;
        v[0] = c0;
        v[1] = c1;
        v[2] = c2;
        v[3] = c3;
    }
    return block;
}

/* expected[k]: the bits of k's exponential, with the sign bit, which none has, where it has been seen. */
static const uint32_t SEEN = 0x80000000u;

static void assert_exponential(const struct mxsi_lanes *lanes, uint32_t *expected, uint32_t word, float value) {
    const uint32_t bits = mxsi_bits_of_float(value);
    if (bits != (expected[word >> 9] & ~SEEN)) {
        fail_msg("%s: the exponential of the word 0x%08x is 0x%08x and not 0x%08x", lanes->name, word, bits,
                 expected[word >> 9] & ~SEEN);
    }
    expected[word >> 9] = bits | SEEN;
}

/* Many random words see most uniforms. */
static void see_random_words(const struct mxsi_lanes *lanes, uint32_t *expected) {
    const philox4x32_key_t key = {{42, 0}};
    struct mxsi_lanes_draw draw = {
        .seed = 42, .blocks_per_attempt = MAX_K / 4, .count = MAX_COUNT, .k = MAX_K, .stride = STRIDE};
    for (uint32_t tile = 0; tile < 2 * (UNIFORMS / (MAX_K * MAX_COUNT)); ++tile) {
        draw.tile = tile;
        lanes->draw_spacings(&draw, &found.x[0][0], found.sum, found.largest);
        for (uint32_t row = 0; row < MAX_K; row += MXSI_WORDS_PER_BLOCK) {
            for (uint32_t column = 0; column < MAX_COUNT; ++column) {
                const philox4x32_ctr_t counter = {{column * draw.blocks_per_attempt + row / 4, tile, 0, 0}};
                const philox4x32_ctr_t block = philox4x32(counter, key);
                for (uint32_t i = 0; i < MXSI_WORDS_PER_BLOCK; ++i) {
                    assert_exponential(lanes, expected, block.v[i], found.x[row + i][column]);
                }
            }
        }
    }
}

/* The others are asked for, four at a time, by the counter that gives them. */
static uint32_t see_the_others(const struct mxsi_lanes *lanes, uint32_t *expected) {
    const uint64_t seed = 0x0011223344556677u;
    uint32_t asked = 0;
    for (uint32_t k = 0; k < UNIFORMS; ++k) {
        philox4x32_ctr_t wanted = {{0}};
        for (uint32_t i = 0; i < MXSI_WORDS_PER_BLOCK; ++i) {
            while (k < UNIFORMS - 1 && (expected[k] & SEEN) != 0) {
                ++k;
            }
            wanted.v[i] = k << 9;
            k += i + 1 < MXSI_WORDS_PER_BLOCK && k < UNIFORMS - 1;
        }
        const philox4x32_ctr_t counter = counter_of_block(wanted, seed);
        const struct mxsi_lanes_draw draw = {
            .seed = seed,
            .stream = counter.v[2] | (uint64_t)counter.v[3] << 32,
            .tile = counter.v[1],
            .first_attempt = counter.v[0],
            .blocks_per_attempt = 1,
            .count = MXSI_LANES_MULTIPLE,
            .k = MXSI_WORDS_PER_BLOCK,
            .stride = STRIDE,
        };
        lanes->draw_spacings(&draw, &found.x[0][0], found.sum, found.largest);
        for (uint32_t i = 0; i < MXSI_WORDS_PER_BLOCK; ++i) {
            assert_exponential(lanes, expected, wanted.v[i], found.x[i][0]);
        }
        ++asked;
    }
    return asked;
}

static void the_exponential_of_every_uniform_is_the_scalar_one(void **state) {
    (void)state;
    uint32_t *expected = malloc(UNIFORMS * sizeof *expected);
    assert_non_null(expected);
    for (uint32_t k = 0; k < UNIFORMS; ++k) {
        expected[k] = mxsi_bits_of_float(mxsi_exponential(k << 9));
        assert_true((expected[k] & SEEN) == 0);
    }
    for (unsigned t = 0; mxsi_lanes_at(t) != NULL; ++t) {
        see_random_words(mxsi_lanes_at(t), expected);
        const uint32_t asked = see_the_others(mxsi_lanes_at(t), expected);
        print_message("%s: %u blocks asked for\n", mxsi_lanes_at(t)->name, asked);
        assert_true(asked < UNIFORMS / 16);
        uint32_t unseen = 0;
        for (uint32_t k = 0; k < UNIFORMS; ++k) {
            unseen += (expected[k] & SEEN) == 0;
            expected[k] &= ~SEEN;
        }
        assert_int_equal(unseen, 0);
    }
    free(expected);
}

static void the_tables_are_named_and_the_last_is_the_best(void **state) {
    (void)state;
#if defined(__aarch64__)
    static const char *const NAMES[] = {"neon", "none", "none"};
#else
    static const char *const NAMES[] = {"baseline", "avx2", "avx512"};
#endif
    unsigned count = 0;
    for (; count < 3 && mxsi_lanes_at(count) != NULL; ++count) {
        assert_string_equal(mxsi_lanes_at(count)->name, NAMES[count]);
        print_message("here: %s\n", mxsi_lanes_at(count)->name);
    }
    assert_true(count >= 1);
    assert_ptr_equal(mxsi_lanes_best(), mxsi_lanes_at(count - 1));
    assert_null(mxsi_lanes_at(count));
    assert_null(mxsi_lanes_at(count + 1));
    assert_null(mxsi_lanes_at(UINT32_MAX));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_named_and_the_last_is_the_best),
        cmocka_unit_test(spacings_are_the_scalar_ones_for_every_k_and_count),
        cmocka_unit_test(every_bit_of_seed_stream_and_tile_counts),
        cmocka_unit_test(attempts_past_the_end_of_the_counter_wrap_around),
        cmocka_unit_test(random_draws_are_the_scalar_ones),
        cmocka_unit_test(the_exponential_of_every_uniform_is_the_scalar_one),
    };
    return cmocka_run_group_tests_name("lanes: spacings", tests, NULL, NULL);
}
