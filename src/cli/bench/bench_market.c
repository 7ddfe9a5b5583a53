#include "cli/bench/bench_market.h"

#include <stdint.h>

/* SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
static uint64_t next_word(uint64_t *state) {
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Bell-shaped with variance 1: the sum of twelve uniforms less its mean. No mathematical
 * library has a part in it, so it is the same everywhere. */
static double next_bell(uint64_t *state) {
    double sum = -6.0;
    for (int i = 0; i < 12; ++i) {
        sum += (double)(next_word(state) >> 12) * 0x1p-52;
    }
    return sum;
}

mxs_status bench_market_create(mxs_market **market, mxs_error *error) {
    static const double factor_deviation = 0.009; /* a day's; 14 % a year */
    double returns[MADE_UP_PERIODS * MADE_UP_ASSETS];
    double drift[MADE_UP_ASSETS];
    double beta[MADE_UP_ASSETS];
    double own[MADE_UP_ASSETS];
    uint64_t state = 30252;
    for (int i = 0; i < MADE_UP_ASSETS; ++i) {
        drift[i] = 0.0004 + 0.0003 * next_bell(&state);
        beta[i] = 1.0 + 0.25 * next_bell(&state);
        own[i] = 0.012 + 0.002 * next_bell(&state);
    }
    for (int day = 0; day < MADE_UP_PERIODS; ++day) {
        const double factor = factor_deviation * next_bell(&state);
        for (int i = 0; i < MADE_UP_ASSETS; ++i) {
            returns[day * MADE_UP_ASSETS + i] = drift[i] + beta[i] * factor + own[i] * next_bell(&state);
        }
    }
    mxs_market_options options;
    mxs_market_options_init(&options, sizeof options);
    options.input = MXS_INPUT_RETURNS;
    return mxs_market_create(returns, MADE_UP_PERIODS, MADE_UP_ASSETS, NULL, &options, market, error);
}
