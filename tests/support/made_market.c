#include "support/made_market.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

uint64_t next_chance(uint64_t *state) {
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Between -1 and 1. */
static double next_number(uint64_t *state) {
    return (double)(next_chance(state) >> 11) * 0x1p-52 - 1.0;
}

static mxs_market *require(mxs_market *market, mxs_status status, const mxs_error *error) {
    if (status != MXS_OK) {
        fail_msg("the made market is refused: %s", error->message);
    }
    return market;
}

mxs_market *market_of_returns(const double *returns, size_t rows, size_t assets) {
    mxs_market_options options;
    mxs_market_options_init(&options, sizeof options);
    options.input = MXS_INPUT_RETURNS;
    mxs_market *market = NULL;
    mxs_error error = {.status = MXS_OK};
    const mxs_status status = mxs_market_create(returns, rows, assets, NULL, &options, &market, &error);
    return require(market, status, &error);
}

mxs_market *market_of_moments(const double *mean, const double *covariance, size_t assets) {
    mxs_market *market = NULL;
    mxs_error error = {.status = MXS_OK};
    const mxs_status status = mxs_market_create_from_moments(mean, covariance, assets, NULL, &market, &error);
    return require(market, status, &error);
}

mxs_market *make_market(size_t rows, size_t assets, uint64_t seed) {
    double *returns = malloc(rows * assets * sizeof *returns);
    assert_non_null(returns);
    uint64_t state = seed;
    for (size_t row = 0; row < rows; ++row) {
        const double factor = 0.01 * next_number(&state);
        for (size_t asset = 0; asset < assets; ++asset) {
            const double drift = 0.0004 + 0.0003 * (double)(asset % 7) / 7.0;
            returns[row * assets + asset] = drift + factor + 0.015 * next_number(&state);
        }
    }
    mxs_market *market = market_of_returns(returns, rows, assets);
    free(returns);
    return market;
}

mxs_market *make_market_of_moments(size_t assets, uint64_t seed) {
    double *mean = malloc(assets * sizeof *mean);
    double *covariance = malloc(assets * assets * sizeof *covariance);
    assert_non_null(mean);
    assert_non_null(covariance);
    uint64_t state = seed;
    for (size_t i = 0; i < assets; ++i) {
        mean[i] = 0.0005 + 0.0003 * next_number(&state);
        for (size_t j = 0; j < assets; ++j) {
            covariance[i * assets + j] = i == j ? 0.0003 : 0.0001;
        }
    }
    mxs_market *market = market_of_moments(mean, covariance, assets);
    free(mean);
    free(covariance);
    return market;
}
