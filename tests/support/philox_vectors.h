/* The known answers of Philox4x32-10 in tests/vectors, for every Philox that there is: in C, in C++, on a GPU. */
#ifndef MAXSHARPE_TEST_PHILOX_VECTORS_H
#define MAXSHARPE_TEST_PHILOX_VECTORS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void philox_function(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]);

/* Fails the test unless the function gives the known words. Its outputs are poisoned first, in two ways, so that a word
 * that it does not write shows. */
void assert_known_words(philox_function *philox);

/* The known first words of a seed, which the vectors have: those of its key and the counter 0. */
void known_words_of_seed(uint64_t seed, uint32_t words[4]);

#ifdef __cplusplus
}
#endif

#endif
