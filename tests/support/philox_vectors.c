#include "support/philox_vectors.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_VECTORS = 64 };

struct vector {
    uint32_t counter[4];
    uint32_t key[2];
    uint32_t words[4];
};

/* Ten words of eight digits. */
static struct vector vector_of_line(const char *line) {
    uint32_t words[10];
    const char *at = line;
    for (size_t i = 0; i < 10; ++i) {
        char *end = NULL;
        const unsigned long word = strtoul(at, &end, 16);
        if (end == at || word > UINT32_MAX) {
            fail_msg("no vector: %s", line);
        }
        words[i] = (uint32_t)word;
        at = end;
    }
    assert_string_equal(at, "\n");
    struct vector v;
    memcpy(v.counter, words, sizeof v.counter);
    memcpy(v.key, words + 4, sizeof v.key);
    memcpy(v.words, words + 6, sizeof v.words);
    return v;
}

/* Into vectors[MOST_VECTORS]; returns how many. */
static size_t read_vectors(struct vector *vectors) {
    FILE *file = fopen(MXS_PHILOX_VECTORS, "re");
    if (file == NULL) {
        fail_msg("%s cannot be read", MXS_PHILOX_VECTORS);
    }
    char line[256];
    size_t count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] != '#') {
            assert_true(count < MOST_VECTORS);
            vectors[count++] = vector_of_line(line);
        }
    }
    (void)fclose(file);
    assert_true(count >= 4); /* the file is whole */
    return count;
}

void assert_known_words(philox_function *philox) {
    static const int poisons[] = {0xa5, 0x5a};
    struct vector vectors[MOST_VECTORS];
    const size_t count = read_vectors(vectors);
    for (size_t i = 0; i < count; ++i) {
        for (size_t p = 0; p < 2; ++p) {
            uint32_t words[4];
            memset(words, poisons[p], sizeof words);
            philox(vectors[i].counter, vectors[i].key, words);
            assert_memory_equal(words, vectors[i].words, sizeof words);
        }
    }
}

void known_words_of_seed(uint64_t seed, uint32_t words[4]) {
    static const uint32_t zero[4] = {0, 0, 0, 0};
    struct vector vectors[MOST_VECTORS];
    const size_t count = read_vectors(vectors);
    for (size_t i = 0; i < count; ++i) {
        const uint64_t key = (uint64_t)vectors[i].key[1] << 32 | vectors[i].key[0];
        if (key == seed && memcmp(vectors[i].counter, zero, sizeof zero) == 0) {
            memcpy(words, vectors[i].words, sizeof vectors[i].words);
            return;
        }
    }
    fail_msg("no vector has the seed %" PRIu64, seed);
}
