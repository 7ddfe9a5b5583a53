#include "problem/subsets.h"

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b) {
    while (b != 0) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

uint64_t mxsi_binomial(uint32_t n, uint32_t k) {
    if (k > n) {
        return 0;
    }
    if (k > n - k) {
        k = n - k;
    }
    uint64_t value = 1; /* C(n - k + i, i) after step i, so every step divides exactly */
    for (uint32_t i = 1; i <= k; ++i) {
        const uint64_t factor = (uint64_t)n - k + i;
        const uint64_t common = greatest_common_divisor(value, i);
        /* i / common divides factor: it has no divisor left in common with value / common. */
        if (__builtin_mul_overflow(value / common, factor / (i / common), &value)) {
            return 0;
        }
    }
    return value;
}

void mxsi_subset_unrank(uint32_t n, uint32_t k, uint64_t rank, uint32_t *subset) {
    uint32_t item = 0;
    for (uint32_t i = 0; i < k; ++i) {
        /* Subsets that continue with `item` choose their other k - i - 1 from the n - item - 1 after it. That number
         * is at most C(n, k), so it fits. */
        uint64_t with_item = mxsi_binomial(n - item - 1, k - i - 1);
        while (rank >= with_item) {
            rank -= with_item;
            ++item;
            with_item = mxsi_binomial(n - item - 1, k - i - 1);
        }
        subset[i] = item++;
    }
}

int mxsi_subset_next(uint32_t n, uint32_t k, uint32_t *subset) {
    uint32_t i = k;
    while (i > 0 && subset[i - 1] == n - k + i - 1) {
        --i;
    }
    if (i == 0) {
        return 0;
    }
    ++subset[i - 1];
    for (; i < k; ++i) {
        subset[i] = subset[i - 1] + 1;
    }
    return 1;
}
