/* Numbers in [0, 1] with a fixed sum: how likely they are, and the table from which the fixed-sum sampler draws them.
 *
 * Let f_n(x) be the density at x of the sum of n uniforms on (0, 1) (Irwin-Hall), which obeys the recurrence of the
 * cardinal B-splines
 *
 *     (n - 1) f_n(x) = x f_{n-1}(x) + (n - x) f_{n-1}(x - 1).
 *
 * Its two terms are the two kinds of simplices into which R. Stafford (Random Vectors with Fixed Sum, 2006) cuts the
 * slice {y in [0,1]^n, sum y = x}: the second kind has its next vertex one unit up. All terms are positive, so nothing
 * cancels; numbers carry an exponent of their own, so nothing underflows; only +, *, / are used, so every machine
 * computes the same bits. */
#ifndef MAXSHARPE_FIXED_SUM_H
#define MAXSHARPE_FIXED_SUM_H

#include <stdint.h>

/* The probability that K uniform spacings (weights uniform on the simplex) are all at most 1 / box_sum:
 * f_K(box_sum) (K-1)! / box_sum^(K-1). 1 for box_sum <= 1, 0 for box_sum >= K (K > 1). Returns -1: out of memory. */
double mxsi_spacings_acceptance(uint32_t k, double box_sum);

/* The chances of the second kind: chance[(n - 2) * k + ups] is the probability, times 2^31, that with n numbers left
 * and `ups` units already taken off box_sum the next vertex is one unit up; 0 is never, 2^31 is always.
 * chance: [k - 1][k]. Returns 0, or -1: out of memory. */
int mxsi_fixed_sum_chances(uint32_t k, double box_sum, uint32_t *chance);

/* The sampler's quotients in float, for those that screen: height[(left - 1) * k + ups] is (box_sum - ups) / left.
 * height: [k][k]. Inline, because the CUDA plug-in links none of the library. */
static inline void mxsi_fixed_sum_heights(uint32_t k, double box_sum, float *height) {
    for (uint32_t left = 1; left <= k; ++left) {
        for (uint32_t ups = 0; ups < k; ++ups) {
            height[(uint64_t)(left - 1) * k + ups] = (float)((box_sum - (double)ups) / (double)left);
        }
    }
}

#endif
