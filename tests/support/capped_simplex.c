#include "support/capped_simplex.h"

#include <math.h>

enum { MOST = 40 };

/* sum_j (-1)^j C(n, j) (x - j)_+^power / power! */
static long double alternating_sum(size_t n, long double x, size_t power) {
    long double total = 0.0L;
    long double choices = 1.0L;
    for (size_t j = 0; j <= n && (long double)j < x; ++j) {
        long double term = choices;
        for (size_t i = 1; i <= power; ++i) {
            term *= (x - (long double)j) / (long double)i;
        }
        total += term;
        choices *= -(long double)(n - j) / (long double)(j + 1);
    }
    return total;
}

static long double uniform_sum_distribution(size_t n, long double x) {
    if (x <= 0.0L) {
        return 0.0L;
    }
    if (x >= (long double)n) {
        return 1.0L;
    }
    return 2.0L * x <= (long double)n ? alternating_sum(n, x, n) : 1.0L - alternating_sum(n, (long double)n - x, n);
}

long double uniform_sum_density(size_t n, long double x) {
    long double f[MOST]; /* f[i] = f_m(x - i) for m = 1 .. n */
    for (size_t i = 0; i <= n; ++i) {
        const long double at = x - (long double)i;
        f[i] = at >= 0.0L && at < 1.0L ? 1.0L : 0.0L;
    }
    for (size_t m = 2; m <= n; ++m) {
        for (size_t i = 0; i + m <= n; ++i) {
            const long double at = x - (long double)i;
            f[i] = (at * f[i] + ((long double)m - at) * f[i + 1]) / (long double)(m - 1);
        }
    }
    return f[0];
}

struct slice slice_of_bounds(size_t k, double min_weight, double max_weight, double *unit) {
    const long double spare = 1.0L - (long double)k * (long double)min_weight;
    const long double width = fminl((long double)max_weight - (long double)min_weight, spare);
    *unit = (double)width;
    return (struct slice){.k = k, .s = spare / width};
}

/* Reflected at the middle of the cube: z becomes 1 - z. */
static struct slice mirrored(const struct slice *slice) {
    return (struct slice){.k = slice->k, .s = (long double)slice->k - slice->s};
}

long double slice_marginal(const struct slice *slice, long double z) {
    if (2.0L * slice->s > (long double)slice->k) {
        const struct slice other = mirrored(slice);
        return 1.0L - slice_marginal(&other, 1.0L - z);
    }
    if (z <= 0.0L || z >= 1.0L) {
        return z <= 0.0L ? 0.0L : 1.0L;
    }
    const size_t n = slice->k - 1;
    return (uniform_sum_distribution(n, slice->s) - uniform_sum_distribution(n, slice->s - z)) /
           uniform_sum_density(slice->k, slice->s);
}

long double slice_largest(const struct slice *slice, long double z) {
    if (z * (long double)slice->k <= slice->s || z >= 1.0L) {
        return z >= 1.0L ? 1.0L : 0.0L;
    }
    return powl(z, (long double)(slice->k - 1)) * uniform_sum_density(slice->k, slice->s / z) /
           uniform_sum_density(slice->k, slice->s);
}

/* With D the shift by 1, the integral of z^2 f_{K-1}(s - z) over [0, 1] has the Laplace transform
 * ((1 - D)/p)^(K-1) (2/p^3 - D (1/p + 2/p^2 + 2/p^3)), and ((1 - D)^n / p^m) is alternating_sum(n, s, m - 1). */
long double slice_second_moment(const struct slice *slice) {
    if (2.0L * slice->s > (long double)slice->k) {
        const struct slice other = mirrored(slice); /* E[(1 - z)^2] */
        return 1.0L - 2.0L * other.s / (long double)other.k + slice_second_moment(&other);
    }
    const size_t n = slice->k - 1;
    const long double s = slice->s;
    const long double integral = 2.0L * alternating_sum(n, s, n + 2) - alternating_sum(n, s - 1.0L, n) -
                                 2.0L * alternating_sum(n, s - 1.0L, n + 1) -
                                 2.0L * alternating_sum(n, s - 1.0L, n + 2);
    return integral / uniform_sum_density(slice->k, s);
}

long double slice_share_of_simplex(const struct slice *slice) {
    const size_t n = slice->k - 1;
    const int is_nearer_the_top = 2.0L * slice->s > (long double)slice->k;
    long double share = alternating_sum(slice->k, is_nearer_the_top ? (long double)slice->k - slice->s : slice->s, n);
    for (size_t i = 1; i <= n; ++i) {
        share *= (long double)i / slice->s;
    }
    return share;
}
