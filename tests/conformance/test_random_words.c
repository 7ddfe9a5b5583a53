/* Which random words a simulation is made of: the generator's known answers, and the place of every word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <Random123/philox.h>
#include <cmocka.h>

#include "sampling/draw.h"
#include "sampling/exponential.h"
#include "support/built_problem.h"
#include "support/philox_vectors.h"

static void draw_by_random123(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]) {
    const philox4x32_ctr_t from = {{counter[0], counter[1], counter[2], counter[3]}};
    const philox4x32_key_t by = {{key[0], key[1]}};
    const philox4x32_ctr_t drawn = philox4x32(from, by);
    memcpy(words, drawn.v, sizeof drawn.v);
}

static void philox_gives_the_known_words(void **state) {
    (void)state;
    assert_known_words(draw_by_random123);
}

/* Four weights without a cap are four exponentials of four words, divided by their sum. */
static void assert_weights_of_words(const double *weights, const uint32_t *words, size_t k) {
    double e[8];
    double sum = 0.0;
    assert_true(k <= sizeof e / sizeof *e);
    for (size_t i = 0; i < k; ++i) {
        e[i] = (double)mxsi_exponential(words[i]);
        sum += e[i];
    }
    for (size_t i = 0; i < k; ++i) {
        const double expected = e[i] / sum;
        assert_true(weights[i] > expected * (1.0 - 1e-15) && weights[i] < expected * (1.0 + 1e-15));
    }
}

static void the_first_simulation_of_seed_1234_is_made_of_the_known_words(void **state) {
    (void)state;
    uint32_t words[4];
    struct built_problem built;
    double weights[4];
    double scratch[8];
    known_words_of_seed(1234, words);
    build_sampler(&built, 4, 0.0, 1.0, 1234);
    const struct mxsi_identity first = {0, 0, 0};
    assert_int_equal(mxsi_draw_weights(&built.problem, &built.sampling, &first, weights, scratch), 1);
    assert_weights_of_words(weights, words, 4);
    destroy_problem(&built);
}

static void every_number_of_an_identity_has_its_place_in_the_counter(void **state) {
    (void)state;
    enum { K = 6, BLOCKS = 2 }; /* six words are a block and a half */
    static const uint64_t SEED = 0x0123456789abcdefu;
    static const struct mxsi_identity IDENTITIES[] = {
        {0, 0, 1}, {0, 1, 0}, {1, 0, 0}, {UINT64_C(1) << 32, 0, 0}, {UINT64_C(0xfedcba9876543210), 77, 1030}};
    for (uint32_t shared = 0; shared <= 1; ++shared) {
        for (size_t i = 0; i < sizeof IDENTITIES / sizeof *IDENTITIES; ++i) {
            struct built_problem built;
            double weights[K];
            double scratch[2 * K];
            build_sampler(&built, K, 0.0, 1.0, SEED);
            built.sampling.shared_draws = shared;
            const uint64_t stream = shared ? UINT64_MAX : IDENTITIES[i].rank;
            const philox4x32_key_t key = {{0x89abcdefu, 0x01234567u}};
            uint32_t words[4 * BLOCKS];
            for (uint32_t b = 0; b < BLOCKS; ++b) {
                const philox4x32_ctr_t counter = {{IDENTITIES[i].attempt * BLOCKS + b, IDENTITIES[i].tile,
                                                   (uint32_t)stream, (uint32_t)(stream >> 32)}};
                const philox4x32_ctr_t block = philox4x32(counter, key);
                for (size_t j = 0; j < 4; ++j) {
                    words[4 * b + j] = block.v[j];
                }
            }
            assert_int_equal(mxsi_draw_weights(&built.problem, &built.sampling, &IDENTITIES[i], weights, scratch), 1);
            assert_weights_of_words(weights, words, K);
            destroy_problem(&built);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_known_words),
        cmocka_unit_test(the_first_simulation_of_seed_1234_is_made_of_the_known_words),
        cmocka_unit_test(every_number_of_an_identity_has_its_place_in_the_counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
