/* The random words of both sides are the same: cuRAND's generator of this name, which also runs on the host, and
 * Random123's philox4x32 with ten rounds.
 *
 * The order of cuRAND's sequence (found by search; NVIDIA documents it for the device): block q of four words has the
 * counter (q / 65536, 0, q mod 65536, 0), because 65536 subsequences, numbered in the counter's upper half, take turns.
 * The key is the seed, low and high half. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <Random123/philox.h>
#include <curand.h>
#include <stdlib.h>
#include <string.h>

#include "support/philox_vectors.h"

enum { SUBSEQUENCES = 65536, WORDS = 2 * 4 * SUBSEQUENCES };

static void fill(unsigned long long seed, uint32_t *words) {
    curandGenerator_t generator;
    assert_int_equal(curandCreateGeneratorHost(&generator, CURAND_RNG_PSEUDO_PHILOX4_32_10), CURAND_STATUS_SUCCESS);
    assert_int_equal(curandSetPseudoRandomGeneratorSeed(generator, seed), CURAND_STATUS_SUCCESS);
    assert_int_equal(curandGenerate(generator, words, WORDS), CURAND_STATUS_SUCCESS);
    assert_int_equal(curandDestroyGenerator(generator), CURAND_STATUS_SUCCESS);
}

static void seed_1234_begins_with_the_known_words(void **state) {
    (void)state;
    uint32_t known[4];
    uint32_t *words = malloc(WORDS * sizeof *words);
    assert_non_null(words);
    memset(words, 0xa5, WORDS * sizeof *words);
    known_words_of_seed(1234, known);
    fill(1234, words);
    assert_memory_equal(words, known, sizeof known);
    free(words);
}

static void curand_and_random123_give_the_same_words(void **state) {
    (void)state;
    static const unsigned long long seeds[] = {0, 1234, 0x0123456789abcdefull, UINT64_MAX};
    uint32_t *words = malloc(WORDS * sizeof *words);
    assert_non_null(words);
    for (size_t s = 0; s < sizeof seeds / sizeof seeds[0]; s++) {
        const philox4x32_key_t key = {{(uint32_t)seeds[s], (uint32_t)(seeds[s] >> 32)}};
        memset(words, 0xa5, WORDS * sizeof *words);
        fill(seeds[s], words);
        for (uint32_t q = 0; q < WORDS / 4; q++) {
            const philox4x32_ctr_t counter = {{q / SUBSEQUENCES, 0, q % SUBSEQUENCES, 0}};
            const philox4x32_ctr_t expected = philox4x32(counter, key);
            assert_memory_equal(words + 4 * (size_t)q, expected.v, sizeof expected.v);
        }
    }
    free(words);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seed_1234_begins_with_the_known_words),
        cmocka_unit_test(curand_and_random123_give_the_same_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
