/* The K-subsets of n items in lexicographic order, and their 64-bit ranks. */
#ifndef MAXSHARPE_SUBSETS_H
#define MAXSHARPE_SUBSETS_H

#include <stdint.h>

/* C(n, k), or 0 where it does not fit 64 bits. C(n, k) = 0 for k > n too: check that first. */
uint64_t mxsi_binomial(uint32_t n, uint32_t k);

/* The subset of the given rank, ascending, into subset[k]. Requires k <= n and rank < C(n, k), which fits 64 bits.
 * (The combinatorial number system; B. P. Buckles and M. Lybanon, ACM Algorithm 515, 1977.) */
void mxsi_subset_unrank(uint32_t n, uint32_t k, uint64_t rank, uint32_t *subset);

/* Replaces subset[k] by its successor. 0 when it was the last one (then it is unchanged). */
int mxsi_subset_next(uint32_t n, uint32_t k, uint32_t *subset);

#endif
