#include "support/reference_draw.h"

#include <Random123/philox.h>
#include <math.h>
#include <string.h>

#include "sampling/exponential.h"

long double reference_acceptance(size_t k, long double cap) {
    long double total = 0.0L;
    long double choices = 1.0L; /* C(k, j) with its sign */
    for (size_t j = 0; j <= k && (long double)j * cap < 1.0L; ++j) {
        total += choices * powl(1.0L - (long double)j * cap, (long double)(k - 1));
        choices *= -(long double)(k - j) / (long double)(j + 1);
    }
    return total;
}

/* The table of randfixedsum, in its own indices: with `left` numbers left, column j stands for a sum of
 * s - floor(s) + j - 1, and w[left][j + 1] is the volume of that slice of the unit cube, up to a common factor. */
static void fill_chances(struct reference_draws *draws) {
    long double w[REFERENCE_MAX_K + 1][REFERENCE_MAX_K + 2];
    memset(w, 0, sizeof w);
    w[1][2] = 1.0L;
    const long double s = (long double)draws->box_sum;
    const long double fraction = s - floorl(s);
    for (size_t left = 2; left <= draws->k; ++left) {
        for (size_t j = 1; j <= left; ++j) {
            const long double above = fraction + (long double)j - 1.0L;                     /* s1 */
            const long double below = (long double)left - (long double)j + 1.0L - fraction; /* s2 */
            const long double same = w[left - 1][j + 1] * above / (long double)left;
            const long double up = w[left - 1][j] * below / (long double)left;
            w[left][j + 1] = same + up;
            draws->chance[left][j] = same + up > 0.0L ? (uint32_t)floorl(up / (same + up) * 2147483648.0L + 0.5L) : 0;
        }
    }
}

/* The test in float of "no weight is above the maximum": the cap c of the spacings, lowered by what the rounding of a
 * float sum of K numbers can hide, (K + 2) units of 2^-24, and by one more float. A cap of 1 tests nothing. */
static float lowered_cap(size_t k, double c) {
    if (c >= 1.0) {
        return HUGE_VALF;
    }
    const double lowered = c * (1.0 - ((double)k + 2.0) / 16777216.0);
    return nextafterf((float)lowered, 0.0f);
}

void reference_draws_init(struct reference_draws *draws, size_t k, uint64_t seed, double min_weight,
                          double max_weight) {
    memset(draws, 0, sizeof *draws);
    draws->k = k;
    draws->seed = seed;
    draws->min_weight = min_weight;
    draws->max_weight = max_weight;
    draws->permute = 1;
    if ((double)k * max_weight - 1.0 <= 1e-12 || 1.0 - (double)k * min_weight <= 1e-12) {
        draws->sampler = REFERENCE_EQUAL_WEIGHTS;
        return;
    }
    const double spare = 1.0 - (double)k * min_weight;
    const double width = max_weight - min_weight;
    draws->box_sum = spare / width;
    draws->acceptance = reference_acceptance(k, (long double)width / (long double)spare);
    draws->cap = lowered_cap(k, width / spare);
    draws->sampler = draws->acceptance < 0.25L ? REFERENCE_FIXED_SUM : REFERENCE_REJECTION;
    if (draws->sampler == REFERENCE_FIXED_SUM) {
        fill_chances(draws);
    }
}

/* The first `count` random words of an attempt: whole blocks of four, one counter value each. */
static void fill_words(const struct reference_draws *draws, uint64_t stream, uint32_t tile, uint32_t attempt,
                       size_t count, uint32_t *words) {
    const uint32_t blocks = (uint32_t)((count + 3) / 4);
    for (uint32_t b = 0; b < blocks; ++b) {
        const philox4x32_ctr_t counter = {
            {attempt * blocks + b, tile, (uint32_t)(stream & 0xffffffffu), (uint32_t)(stream >> 32)}};
        const philox4x32_key_t key = {{(uint32_t)(draws->seed & 0xffffffffu), (uint32_t)(draws->seed >> 32)}};
        const philox4x32_ctr_t block = philox4x32(counter, key);
        memcpy(words + 4 * (size_t)b, block.v, sizeof block.v);
    }
}

static int draw_rejection(const struct reference_draws *draws, const uint32_t *words, double *weights) {
    const size_t k = draws->k;
    float e[REFERENCE_MAX_K];
    float float_sum = 0.0f;
    float most = 0.0f;
    double sum = 0.0;
    for (size_t i = 0; i < k; ++i) {
        e[i] = mxsi_exponential(words[i]);
        float_sum += e[i];
        most = fmaxf(most, e[i]);
        sum += (double)e[i];
    }
    for (size_t i = 0; i < k; ++i) {
        weights[i] = draws->min_weight + (1.0 - (double)k * draws->min_weight) * (double)e[i] / sum;
    }
    return most <= draws->cap * float_sum;
}

/* randfixedsum's loop. `shrink` is its sx: what is left of the simplex after this vertex, the share of the spacings
 * that are still to come. */
static void draw_fixed_sum(const struct reference_draws *draws, const uint32_t *words, double *weights) {
    const size_t k = draws->k;
    const uint32_t *choice = words + k;
    const uint32_t *swap = choice + (k - 1);
    double x[REFERENCE_MAX_K] = {0};
    size_t from[REFERENCE_MAX_K] = {0};
    double s = draws->box_sum;
    size_t column = (size_t)floor(s) + 1;
    double place = 0.0;
    double share = 1.0;
    double rest = 0.0;
    for (size_t i = 0; i < k; ++i) {
        rest += (double)mxsi_exponential(words[i]);
    }
    for (size_t i = 0; i + 1 < k; ++i) {
        const size_t left = k - i;
        double next_rest = 0.0;
        for (size_t j = i + 1; j < k; ++j) {
            next_rest += (double)mxsi_exponential(words[j]);
        }
        const double shrink = next_rest / rest;
        const int up = (choice[i] >> 1) < draws->chance[left][column];
        place += (1.0 - shrink) * share * s / (double)left;
        share *= shrink;
        x[i] = place + (up ? share : 0.0);
        s -= up ? 1.0 : 0.0;
        column -= up ? 1 : 0;
        rest = next_rest;
    }
    x[k - 1] = place + share * s;
    for (size_t i = 0; i < k; ++i) {
        from[i] = i;
    }
    for (size_t i = k - 1; draws->permute && i >= 1; --i) {
        const size_t other = (size_t)((uint64_t)*swap++ * (i + 1) / 4294967296u);
        const size_t kept = from[i];
        from[i] = from[other];
        from[other] = kept;
    }
    for (size_t i = 0; i < k; ++i) {
        const double weight = draws->min_weight + (draws->max_weight - draws->min_weight) * x[from[i]];
        weights[i] = fmin(weight, draws->max_weight);
    }
}

int reference_draw(const struct reference_draws *draws, uint64_t stream, uint32_t tile, uint32_t attempt,
                   double *weights) {
    uint32_t words[3 * REFERENCE_MAX_K + 4] = {0};
    const size_t k = draws->k;
    switch (draws->sampler) {
    case REFERENCE_REJECTION:
        fill_words(draws, stream, tile, attempt, k, words);
        return draw_rejection(draws, words, weights);
    case REFERENCE_FIXED_SUM:
        fill_words(draws, stream, tile, attempt, 3 * k - 2, words);
        draw_fixed_sum(draws, words, weights);
        return 1;
    case REFERENCE_EQUAL_WEIGHTS:
        break;
    }
    for (size_t i = 0; i < k; ++i) {
        weights[i] = 1.0 / (double)k;
    }
    return 1;
}
