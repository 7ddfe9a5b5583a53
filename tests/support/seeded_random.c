#include "support/seeded_random.h"

#include <math.h>

uint64_t random_word(struct seeded_random *random) {
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t random_below(struct seeded_random *random, uint64_t bound) {
    return random_word(random) % bound;
}

double random_unit(struct seeded_random *random) {
    return (double)(random_word(random) >> 11) * 0x1p-53;
}

double random_between(struct seeded_random *random, double low, double high) {
    return low + (high - low) * random_unit(random);
}

double random_normal(struct seeded_random *random) {
    const double radius = sqrt(-2.0 * log(1.0 - random_unit(random)));
    return radius * cos(6.283185307179586 * random_unit(random));
}

uint64_t fingerprint_of(const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; ++i) {
        hash = (hash ^ at[i]) * 0x100000001b3u;
    }
    return hash;
}
