#include "sampling/fixed_sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* value * 2^exponent, value 0 or in [1/2, 1): densities far out in a tail are below the smallest double. */
struct scaled {
    double value;
    int64_t exponent;
};

static struct scaled scaled_of(double value, int64_t exponent) {
    int shift = 0;
    const double fraction = frexp(value, &shift);
    return (struct scaled){fraction, value == 0.0 ? 0 : exponent + shift};
}

static struct scaled scaled_sum(struct scaled a, struct scaled b) {
    if (a.value == 0.0) {
        return b;
    }
    if (b.value == 0.0) {
        return a;
    }
    if (a.exponent < b.exponent) {
        const struct scaled swap = a;
        a = b;
        b = swap;
    }
    const int64_t apart = a.exponent - b.exponent;
    return apart > 64 ? a : scaled_of(a.value + ldexp(b.value, -(int)apart), a.exponent);
}

static struct scaled scaled_times(struct scaled a, double factor) {
    return scaled_of(a.value * factor, a.exponent);
}

/* a / (a + b) */
static double scaled_share(struct scaled a, struct scaled b) {
    const struct scaled sum = scaled_sum(a, b);
    if (a.value == 0.0 || sum.exponent - a.exponent > 1000) {
        return 0.0;
    }
    return ldexp(a.value / sum.value, (int)(a.exponent - sum.exponent));
}

/* The two terms of the recurrence for n numbers at x = box_sum - ups; densities[] holds n - 1 numbers at ups. */
static struct scaled term_same(const struct scaled *densities, uint32_t ups, double x) {
    return scaled_times(densities[ups], x);
}

static struct scaled term_up(const struct scaled *densities, uint32_t ups, double x, uint32_t n) {
    return scaled_times(densities[ups + 1], (double)n - x);
}

/* Steps densities[ups] = c f_{n-1}(box_sum - ups) to n, for every ups with 0 <= box_sum - ups <= n, where the common
 * factor c = (n - 1)! / box_sum^(n-1) makes densities[0] the acceptance. chance: NULL, or this n's row. */
static void step(struct scaled *densities, uint32_t n, double box_sum, uint32_t highest, uint32_t *chance) {
    for (uint32_t ups = 0; ups <= highest; ++ups) { /* ascending: densities[ups + 1] is still the old one */
        const double x = box_sum - (double)ups;
        if (x > (double)n) {
            densities[ups] = (struct scaled){0.0, 0};
            continue;
        }
        const struct scaled same = term_same(densities, ups, x);
        const struct scaled up = ups < highest ? term_up(densities, ups, x, n) : (struct scaled){0.0, 0};
        if (chance != NULL) {
            const struct scaled sum = scaled_sum(same, up);
            chance[ups] = sum.value == 0.0 ? 0 : (uint32_t)(scaled_share(up, same) * 0x1p31 + 0.5);
        }
        densities[ups] = scaled_times(scaled_sum(same, up), 1.0 / box_sum);
    }
}

/* f_1 is 1 on [0, 1): it is the highest number of ups that leaves something in [0, 1). NULL: out of memory. */
static struct scaled *first_densities(uint32_t highest) {
    struct scaled *densities = calloc((size_t)highest + 1, sizeof *densities);
    if (densities != NULL) {
        densities[highest] = scaled_of(1.0, 0);
    }
    return densities;
}

static uint32_t highest_ups(uint32_t k, double box_sum) {
    const double whole = floor(box_sum);
    return whole >= (double)k ? k - 1 : (uint32_t)whole;
}

double mxsi_spacings_acceptance(uint32_t k, double box_sum) {
    if (box_sum <= 1.0 || k == 1) {
        return 1.0;
    }
    if (box_sum >= (double)k) {
        return 0.0;
    }
    const uint32_t highest = highest_ups(k, box_sum);
    struct scaled *densities = first_densities(highest);
    if (densities == NULL) {
        return -1.0;
    }
    for (uint32_t n = 2; n <= k; ++n) {
        step(densities, n, box_sum, highest, NULL);
    }
    const double acceptance =
        densities[0].exponent < -1000 ? 0.0 : ldexp(densities[0].value, (int)densities[0].exponent);
    free(densities);
    return acceptance < 1.0 ? acceptance : 1.0; /* rounding may add some last bits */
}

int mxsi_fixed_sum_chances(uint32_t k, double box_sum, uint32_t *chance) {
    const uint32_t highest = highest_ups(k, box_sum);
    struct scaled *densities = first_densities(highest);
    if (densities == NULL) {
        return -1;
    }
    memset(chance, 0, (size_t)(k - 1) * k * sizeof *chance);
    for (uint32_t n = 2; n <= k; ++n) {
        step(densities, n, box_sum, highest, chance + (size_t)(n - 2) * k);
    }
    free(densities);
    return 0;
}
