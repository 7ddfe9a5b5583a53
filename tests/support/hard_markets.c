#include "support/hard_markets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/made_market.h"

/* Returns: drift + volatility (loading factor[t] + noise of its own). */
struct asset {
    double drift;
    double volatility;
    double loading;
    double noise;
};

static struct asset random_asset(struct seeded_random *random, enum hard_market kind, size_t i, double size) {
    struct asset asset = {.volatility = size * random_between(random, 0.5, 2.0),
                          .loading = 1.0,
                          .noise = random_between(random, 0.3, 1.5)};
    switch (kind) {
    case HARD_INDEPENDENT:
        asset.loading = 0.0;
        break;
    case HARD_OPPOSED:
        asset.loading = i % 2 == 0 ? 1.0 : -0.9;
        asset.noise = 0.1;
        break;
    case HARD_UNLIKE_SIZES:
        asset.volatility *= pow(10.0, -random_between(random, 0.0, 5.0));
        break;
    case HARD_IN_STEP:
        asset.noise = 0.0;
        break;
    case HARD_NEARLY_IN_STEP:
        asset.noise = pow(10.0, random_between(random, -16.0, -3.0));
        break;
    default:
        break;
    }
    asset.drift = asset.volatility * random_between(random, -0.1, 0.3);
    return asset;
}

static size_t random_periods(struct seeded_random *random, enum hard_market kind, size_t assets) {
    return kind == HARD_SINGULAR ? 2 + (size_t)random_below(random, assets) : 40 + (size_t)random_below(random, 200);
}

static mxs_market *market_of_random_returns(struct seeded_random *random, enum hard_market kind, size_t assets) {
    const size_t rows = random_periods(random, kind, assets);
    const double size = kind == HARD_UNLIKE_SIZES ? pow(10.0, random_between(random, -60.0, 60.0)) : 0.01;
    double *returns = malloc(rows * assets * sizeof *returns);
    double *factor = malloc(rows * sizeof *factor);
    assert_non_null(returns);
    assert_non_null(factor);
    for (size_t t = 0; t < rows; ++t) {
        factor[t] = random_normal(random);
    }
    for (size_t i = 0; i < assets; ++i) {
        const struct asset asset = random_asset(random, kind, i, size);
        for (size_t t = 0; t < rows; ++t) {
            const double move = asset.loading * factor[t] + asset.noise * random_normal(random);
            returns[t * assets + i] = asset.drift + asset.volatility * move;
        }
    }
    mxs_market *market = market_of_returns(returns, rows, assets);
    free(returns);
    free(factor);
    return market;
}

static mxs_market *market_of_rounded_moments(struct seeded_random *random, size_t assets) {
    double *mean = malloc(assets * sizeof *mean);
    double *volatility = malloc(assets * sizeof *volatility);
    double *angle = malloc(assets * sizeof *angle);
    double *covariance = malloc(assets * assets * sizeof *covariance);
    assert_non_null(mean);
    assert_non_null(volatility);
    assert_non_null(angle);
    assert_non_null(covariance);
    for (size_t i = 0; i < assets; ++i) {
        volatility[i] = 0.01 * random_between(random, 0.5, 2.0);
        mean[i] = volatility[i] * random_between(random, -0.1, 0.3);
        angle[i] = random_between(random, -0.8, 0.8);
    }
    for (size_t i = 0; i < assets; ++i) {
        for (size_t j = 0; j < assets; ++j) {
            const double correlation = i == j ? 1.0 : round(1e6 * cos(angle[i] - angle[j])) / 1e6;
            covariance[i * assets + j] = correlation * volatility[i] * volatility[j];
        }
    }
    mxs_market *market = market_of_moments(mean, covariance, assets);
    free(mean);
    free(volatility);
    free(angle);
    free(covariance);
    return market;
}

mxs_market *make_hard_market(struct seeded_random *random, enum hard_market kind, size_t assets) {
    return kind == HARD_ROUNDED_MOMENTS ? market_of_rounded_moments(random, assets)
                                        : market_of_random_returns(random, kind, assets);
}
