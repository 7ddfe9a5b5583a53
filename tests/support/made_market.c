#include "support/made_market.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

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
    struct seeded_random random = {seed};
    for (size_t row = 0; row < rows; ++row) {
        const double factor = 0.01 * random_between(&random, -1.0, 1.0);
        for (size_t asset = 0; asset < assets; ++asset) {
            const double drift = 0.0004 + 0.0003 * (double)(asset % 7) / 7.0;
            returns[row * assets + asset] = drift + factor + 0.015 * random_between(&random, -1.0, 1.0);
        }
    }
    mxs_market *market = market_of_returns(returns, rows, assets);
    free(returns);
    return market;
}

mxs_market *random_market(struct seeded_random *random, size_t assets, size_t factors) {
    double *mean = calloc(assets, sizeof *mean);
    double *covariance = calloc(assets * assets, sizeof *covariance);
    double *loading = calloc(assets * (factors + 1), sizeof *loading);
    assert_non_null(mean);
    assert_non_null(covariance);
    assert_non_null(loading);
    for (size_t i = 0; i < assets; ++i) {
        double *row = loading + i * (factors + 1);
        double length = 0.0;
        for (size_t f = 0; f <= factors; ++f) {
            row[f] = f < factors ? random_normal(random) : 0.5 + random_unit(random);
            length += row[f] * row[f];
        }
        const double volatility = random_between(random, 0.1, 0.4) / sqrt(252.0);
        for (size_t f = 0; f <= factors; ++f) {
            row[f] *= volatility / sqrt(length);
        }
        mean[i] = random_between(random, -0.1, 0.3) / 252.0;
    }
    for (size_t i = 0; i < assets; ++i) {
        for (size_t j = 0; j < assets; ++j) {
            double sum = 0.0;
            for (size_t f = 0; f <= factors; ++f) {
                const int is_own_noise = f == factors && i != j;
                sum += is_own_noise ? 0.0 : loading[i * (factors + 1) + f] * loading[j * (factors + 1) + f];
            }
            covariance[i * assets + j] = sum;
        }
    }
    mxs_market *market = market_of_moments(mean, covariance, assets);
    free(mean);
    free(covariance);
    free(loading);
    return market;
}

mxs_market *make_market_of_moments(size_t assets, uint64_t seed) {
    double *mean = malloc(assets * sizeof *mean);
    double *covariance = malloc(assets * assets * sizeof *covariance);
    assert_non_null(mean);
    assert_non_null(covariance);
    struct seeded_random random = {seed};
    for (size_t i = 0; i < assets; ++i) {
        mean[i] = 0.0005 + 0.0003 * random_between(&random, -1.0, 1.0);
        for (size_t j = 0; j < assets; ++j) {
            covariance[i * assets + j] = i == j ? 0.0003 : 0.0001;
        }
    }
    mxs_market *market = market_of_moments(mean, covariance, assets);
    free(mean);
    free(covariance);
    return market;
}
