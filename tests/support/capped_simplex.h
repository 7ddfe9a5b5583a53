/* Closed forms for weights that are uniform on {sum y = 1, 0 <= y_i <= c}, in units of the cap: z = y / c, so that z
 * is uniform on the slice {z in [0, 1]^K, sum z = s} of the unit cube, s = 1 / c.
 *
 * With F_n and f_n the distribution and density of the sum of n uniforms on (0, 1) (Irwin-Hall), f_K(s) is the slice's
 * volume, f_{K-1}(s - z) that of its part with z_1 = z. So everything is a ratio of such volumes. F_n comes from
 * inclusion and exclusion in long double, from the nearer end; f_n from its recurrence, whose terms are all positive.
 * Good to about 1e-12 up to K = 30. */
#ifndef MAXSHARPE_TEST_CAPPED_SIMPLEX_H
#define MAXSHARPE_TEST_CAPPED_SIMPLEX_H

#include <stddef.h>

struct slice {
    size_t k;      /* at least 2, at most 32 */
    long double s; /* the sum of the numbers in [0, 1], between 1 and K: a cap above 1 is a cap of 1 */
};

/* The slice of weights between min_weight and max_weight; *unit is what z = 1 is worth: w = min_weight + unit z. */
struct slice slice_of_bounds(size_t k, double min_weight, double max_weight, double *unit);

/* P(z_1 <= z) */
long double slice_marginal(const struct slice *slice, long double z);

/* P(the largest z_i <= z) */
long double slice_largest(const struct slice *slice, long double z);

/* E[z_1^2]; E[z_1] is s / K. */
long double slice_second_moment(const struct slice *slice);

/* The share of the simplex without a cap that lies below it: f_K(s) (K - 1)! / s^(K-1), by inclusion and exclusion:
 * sum_j (-1)^j C(K, j) (1 - j c)_+^(K-1), or its mirror image from the corner z = (1, ..., 1) where that is nearer. */
long double slice_share_of_simplex(const struct slice *slice);

/* f_n(x), the density of the sum of n uniforms. */
long double uniform_sum_density(size_t n, long double x);

#endif
