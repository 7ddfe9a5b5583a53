/* Somebody else's program: finds the installed library, calls into it, and links nothing else. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "maxsharpe/maxsharpe.h"

/* Two assets, half each: ER = 252 * (0.001 + 0.002) / 2, VOL = sqrt(252 * (1e-4 + 3e-4) / 4). */
int main(void) {
    static const double mean[2] = {0.001, 0.002};
    static const double covariance[4] = {1e-4, 0, 0, 3e-4};
    static const char *const tickers[2] = {"CALM", "WILD"};
    static const size_t assets[2] = {0, 1};
    static const double weights[2] = {0.5, 0.5};
    mxs_market *market = NULL;
    mxs_error error;
    double sharpe = 0;
    if (strcmp(mxs_version(), CONSUMER_EXPECTS) != 0) {
        (void)fprintf(stderr, "version %s, expected %s\n", mxs_version(), CONSUMER_EXPECTS);
        return 1;
    }
    if (mxs_market_create_from_moments(mean, covariance, 2, tickers, &market, &error) != MXS_OK ||
        mxs_market_evaluate(market, assets, weights, 2, 0.05, 252, NULL, NULL, &sharpe, &error) != MXS_OK) {
        (void)fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    mxs_market_destroy(market);
    const double expected = (252 * 0.0015 - 0.05) / sqrt(252 * 1e-4);
    if (fabs(sharpe - expected) > 1e-12) {
        (void)fprintf(stderr, "Sharpe ratio %.17g, expected %.17g\n", sharpe, expected);
        return 1;
    }
    return 0;
}
