/* Which random words a simulation is made of: the generator's known answers, and the place of every word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <Random123/philox.h>
#include <cmocka.h>

#include "sampling/draw.h"
#include "sampling/exponential.h"
#include "support/built_problem.h"

static void philox_gives_the_known_words(void **state) {
    (void)state;
    static const struct {
        uint32_t counter[4];
        uint32_t key[2];
        uint32_t words[4];
    } KNOWN[] = {
        /* cuRAND's host generator with the seed 1234 begins with these. */
        {{0, 0, 0, 0}, {1234, 0}, {546353992u, 3665621163u, 1140953199u, 3419031310u}},
        /* The known answers that come with Random123 (J. K. Salmon et al., SC11). */
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u}},
        {{0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu},
         {0xffffffffu, 0xffffffffu},
         {0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu}},
        {{0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u},
         {0xa4093822u, 0x299f31d0u},
         {0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u}},
    };
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; ++i) {
        const philox4x32_ctr_t counter = {
            {KNOWN[i].counter[0], KNOWN[i].counter[1], KNOWN[i].counter[2], KNOWN[i].counter[3]}};
        const philox4x32_key_t key = {{KNOWN[i].key[0], KNOWN[i].key[1]}};
        const philox4x32_ctr_t words = philox4x32(counter, key);
        assert_memory_equal(words.v, KNOWN[i].words, sizeof KNOWN[i].words);
    }
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
    static const uint32_t WORDS[] = {546353992u, 3665621163u, 1140953199u, 3419031310u};
    struct built_problem built;
    double weights[4];
    double scratch[8];
    build_sampler(&built, 4, 0.0, 1.0, 1234);
    const struct mxsi_identity first = {0, 0, 0};
    assert_int_equal(mxsi_draw_weights(&built.problem, &built.sampling, &first, weights, scratch), 1);
    assert_weights_of_words(weights, WORDS, 4);
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
