/* Random numbers for tests: the same on every machine for the same seed, which a failing test prints. */
#ifndef MAXSHARPE_TEST_SEEDED_RANDOM_H
#define MAXSHARPE_TEST_SEEDED_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct seeded_random {
    uint64_t state;
};

/* SplitMix64 (G. Steele, D. Lea, C. Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014). */
uint64_t random_word(struct seeded_random *random);

uint64_t random_below(struct seeded_random *random, uint64_t bound); /* 0 .. bound - 1 */
double random_unit(struct seeded_random *random);                    /* [0, 1) */
double random_between(struct seeded_random *random, double low, double high);
double random_normal(struct seeded_random *random);

/* FNV-1a with 64 bits: a fingerprint of numbers that must never drift. */
uint64_t fingerprint_of(const void *bytes, size_t size);

#endif
