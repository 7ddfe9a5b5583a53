#include <math.h>

#include "base/errors.h"
#include "data/market/market_data.h"
#include "problem/portfolio_moments.h"

static mxs_status check_portfolio(const mxs_market_info *info, const size_t *assets, const double *weights,
                                  size_t count, double risk_free, double periods_per_year, mxs_error *error) {
    if (assets == NULL || weights == NULL || count == 0) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the portfolio holds no assets");
    }
    for (size_t i = 0; i < count; ++i) {
        if (assets[i] >= info->assets) {
            return mxsi_fail(error, MXS_ERROR_ARGUMENT, "asset %zu is beyond the market's %zu", assets[i],
                             info->assets);
        }
        if (!isfinite(weights[i])) {
            return mxsi_fail(error, MXS_ERROR_ARGUMENT, "the weight of %.60s is not a finite number",
                             info->tickers[assets[i]]);
        }
    }
    if (!isfinite(risk_free) || !isfinite(periods_per_year) || !(periods_per_year > 0.0)) {
        return mxsi_fail(error, MXS_ERROR_ARGUMENT,
                         "the risk-free rate must be finite and the periods per year above zero");
    }
    return MXS_OK;
}

mxs_status mxs_market_evaluate(const mxs_market *market, const size_t *assets, const double *weights, size_t count,
                               double risk_free, double periods_per_year, double *expected_return, double *volatility,
                               double *sharpe, mxs_error *error) {
    const mxs_market_info *info = &market->info;
    const mxs_status status = check_portfolio(info, assets, weights, count, risk_free, periods_per_year, error);
    if (status != MXS_OK) {
        return status;
    }
    double found_return = 0.0;
    double found_volatility = 0.0;
    double found_sharpe = 0.0;
    if (mxsi_evaluate_weights(info->mean, info->covariance, info->assets, assets, weights, count, risk_free,
                              periods_per_year, &found_return, &found_volatility, &found_sharpe) != 0) {
        return mxsi_fail(error, MXS_ERROR_DATA, "the portfolio has no variance, so that it has no Sharpe ratio");
    }
    if (expected_return != NULL) {
        *expected_return = found_return;
    }
    if (volatility != NULL) {
        *volatility = found_volatility;
    }
    if (sharpe != NULL) {
        *sharpe = found_sharpe;
    }
    return MXS_OK;
}
