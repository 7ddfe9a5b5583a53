#include "problem/portfolio_moments.h"

#include <math.h>

int mxsi_evaluate_weights(const double *mean, const double *covariance, size_t n, const size_t *assets,
                          const double *weights, size_t count, double risk_free, double periods_per_year,
                          double *expected_return, double *volatility, double *sharpe) {
    double total = 0.0;
    double variance = 0.0;
    double scale = 0.0;
    for (size_t i = 0; i < count; ++i) {
        const double *row = covariance + assets[i] * n;
        double sum = 0.0;
        for (size_t j = 0; j < count; ++j) {
            sum += row[assets[j]] * weights[j];
        }
        variance += weights[i] * sum;
        total += mean[assets[i]] * weights[i];
        scale += sqrt(row[assets[i]]) * fabs(weights[i]);
    }
    if (!(variance > 1e-14 * (scale * scale))) {
        return -1;
    }
    *expected_return = periods_per_year * total;
    *volatility = sqrt(periods_per_year * variance);
    *sharpe = (*expected_return - risk_free) / *volatility;
    return 0;
}
